"""How well chanted tables are followed: `python -m bench.recite [--language hi --voice FOLDER] [--chants 24] [--live]`.

Chants are made of the prompt voices, or of the recordings in FOLDER (wav files named after the number that they say):
two tempi, gaps of 0.05 to 1 s, noise of 30 to 10 dB, and in three of four a planted fault: a line skipped, two swapped,
a wrong product. Counted are right lines marked right, wrong and unsure, and the faults that were found; the lag from
the end of a line to its light; and the CPU time for each second of a chant. By default the recogniser, the coach and
the voice detector run in virtual time; with `--live` each chant goes through the real server, in real time.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.common import quiet_server, recordings
from bench.learner import Learner
from server.asr.numbers.engine import NumbersEngine
from server.audio.detector import WebRtcDetector
from server.audio.listener import Listener
from server.chant.dialogue import ChantDialogue
from server.chant.messages import Effect, Ladder
from server.chant.progress import Mark, Progress
from server.dialogue import messages
from server.languages import available, load_language
from server.live.chant_session import LISTENING, ChantSession, Following
from server.live.session import Heard
from tests.support.recordings import clip_samples, joined, resampled

RATE = 16_000
CHUNK = RATE * 60 // 1000
LINES = 10
FAULTS = ("none", "skipped", "swapped", "product")
TEMPI = (0.9, 1.2)
GAPS_S = ((0.05, 0.15), (0.1, 0.4), (0.3, 1.0))
NOISES_DB = (30, 20, 10)
FOUND = {"skipped": {Mark.SKIPPED, Mark.MENDED}, "swapped": {Mark.SKIPPED, Mark.MENDED}, "product": {Mark.WRONG}}


@dataclass
class Chant:
    """A recitation of a table. Times in ms."""

    table: int
    fault: str
    faulty: tuple[int, ...]
    """The line with the fault, or both that were swapped."""
    samples: np.ndarray
    ends_ms: dict[int, float] = field(default_factory=dict)
    """Where each line ends."""
    described: str = ""


class Voice:
    """Who chants: the prompt voice, or a folder of recordings, whose operands are plain numbers."""

    def __init__(self, language: str, folder: Path | None = None) -> None:
        self.language, self._name = language, folder.name if folder else load_language(language).voice
        self._recorded = recordings(language, folder) if folder else None

    def __str__(self) -> str:
        return f"{self.language} {self._name}"

    def tables(self) -> list[int]:
        """Those of which every product, and each number that an operand may be, was recorded."""
        return [table for table in range(2, 11) if all(self.says(table * line) for line in range(1, LINES + 1))]

    def says(self, number: int) -> bool:
        return self._recorded is None or number in self._recorded

    def line(self, table: int, line: int, product: int, style: str, chance: np.random.Generator) -> list[np.ndarray]:
        """The line, word by word."""
        if style == "bare":
            return [self._number(product, chance)]
        if self._recorded is not None:
            return [self._number(number, chance) for number in (table, line, product)]
        if style == "whole" and product == table * line:
            return [clip_samples(self.language, f"fact-{table}-{line}")]
        return [clip_samples(self.language, f"question-{table}-{line}"), self._number(product, chance)]

    def _number(self, number: int, chance: np.random.Generator) -> np.ndarray:
        if self._recorded is None:
            return clip_samples(self.language, f"number-{number}")
        takes = self._recorded[number]
        return takes[chance.integers(len(takes))]


def make_chant(voice: Voice, fault: str, chance: np.random.Generator) -> Chant:
    """A chant of a table at random, with a fault at random."""
    table = int(chance.choice(voice.tables()))
    style = ("whole", "parts", "bare")[chance.integers(3)]
    tempo, gap_s = float(chance.choice(TEMPI)), GAPS_S[chance.integers(len(GAPS_S))]
    noise_db = int(chance.choice(NOISES_DB))
    said = [(line, table * line) for line in range(1, LINES + 1)]
    faulty: tuple[int, ...] = ()
    if fault == "skipped":
        faulty = (said.pop(int(chance.integers(1, LINES - 1)))[0],)
    elif fault == "swapped":
        at = int(chance.integers(1, LINES - 2))
        faulty = said[at][0], said[at + 1][0]
        said[at], said[at + 1] = said[at + 1], said[at]
    elif fault == "product":
        at = int(chance.integers(LINES))
        line, product = said[at]
        faulty = (line,)
        near = (product + 1, product - 1, product + 10, product - 10, product + 2 * table)
        said[at] = line, int(chance.choice([n for n in near if 0 < n <= 100 and voice.says(n)]))
        # A product alone, without operands, is no wrong product but another line.
        style = "parts"
    parts, chant = [np.zeros(RATE // 2)], Chant(table, fault, faulty, np.zeros(0))
    for line, product in said:
        words = [_evened(word, tempo) for word in voice.line(table, line, product, style, chance)]
        for number, word in enumerate(words):
            parts += [np.zeros(int(RATE * chance.uniform(0.05, 0.15)))] if number else []
            parts.append(word)
        chant.ends_ms[line] = sum(map(len, parts)) * 1000 / RATE
        parts.append(np.zeros(int(RATE * chance.uniform(*gap_s))))
    clean = np.concatenate([*parts, np.zeros(RATE * 3 // 2)])
    noise = chance.standard_normal(len(clean))
    if chance.random() < 0.5:
        spectrum = np.fft.rfft(noise)
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), len(clean))
    power = np.mean(clean[np.abs(clean) > 300] ** 2)
    noisy = clean + noise / noise.std() * np.sqrt(power / 10 ** (noise_db / 10))
    chant.samples = np.clip(noisy, -32768, 32767).astype(np.int16)
    chant.described = f"{voice}, table {table}, {style}, tempo {tempo}, gaps {gap_s}, {noise_db} dB, {fault} {faulty}"
    return chant


def _evened(word: np.ndarray, tempo: float) -> np.ndarray:
    voiced = joined([word], 0).astype(float)
    voiced *= 8000 / np.abs(voiced).max()
    return resampled(voiced, int(160 * tempo) * 100)


@dataclass
class Followed:
    """What became of a chant."""

    marks: dict[int, Mark] = field(default_factory=dict)
    """The latest mark of each line."""
    lit_ms: dict[int, float] = field(default_factory=dict)
    """When each line was marked first."""
    cpu_s: float = 0.0

    def see(self, lines: Sequence[tuple[int, Mark]], now_ms: float) -> None:
        for line, mark in lines:
            if mark is not Mark.OPEN:
                self.lit_ms.setdefault(line, now_ms)
            self.marks[line] = mark


@cache
def engine() -> NumbersEngine:
    return NumbersEngine()


class Patient(ChantDialogue):
    """A coach that only follows: it says nothing into the chant, so that every line of it is heard."""

    def handle(self, event: Any, now_ms: float) -> list[Effect]:
        effects = super().handle(event, now_ms)
        if isinstance(event, messages.Started):
            return effects + super().handle(messages.Played(self._latest_say), now_ms)
        return effects

    def _correct(self, now_ms: float, facts: Sequence[Any]) -> None:
        pass

    def _stuck(self, now_ms: float) -> None:
        self._enter(self.phase, now_ms + 60_000)


def follow(voice: Voice, chant: Chant) -> Followed:
    """In virtual time, as fast as it goes."""
    lines = range(1, LINES + 1)
    dialogue = Patient(Progress(chant.table, lines), _silent_clips(voice.language))
    session = ChantSession(
        load_language(voice.language),
        dialogue,
        Listener(WebRtcDetector(), LISTENING),
        Following(engine().follower(voice.language, chant.table, lines)),
        offload=lambda function, *arguments: function(*arguments),
    )
    followed = Followed()

    def take(effects: Iterator[Any], now_ms: float) -> None:
        for effect in effects:
            if isinstance(effect, Ladder):
                followed.see([(line.fact.right, line.mark) for line in effect.lines], now_ms)

    take(session.handle(messages.Started(), 0.0), 0.0)
    # The echo of a prompt is not waited for.
    quiet = np.zeros(RATE // 2, np.int16)
    began_s = time.process_time()
    samples = np.concatenate([quiet, chant.samples])
    for start in range(0, len(samples) - CHUNK + 1, CHUNK):
        now_ms = (start + CHUNK) * 1000 / RATE
        heard = Heard(samples[start : start + CHUNK].astype("<i2").tobytes())
        take(session.handle(heard, now_ms), now_ms - 500)
    followed.cpu_s = time.process_time() - began_s
    return followed


@cache
def _silent_clips(language: str) -> dict[str, messages.Clip]:
    return {clip_id: messages.Clip(clip_id, text, 1) for clip_id, text in load_language(language).clip_texts().items()}


class Chanter(Learner):
    """Recites by the wire, in real time; goes on after each prompt where it was."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.followed = Followed()
        self._began_s = 0.0
        self.socket.on("ladder", self._see)

    def _see(self, ladder: dict[str, Any]) -> None:
        lines = [(line["right"], Mark(line["mark"])) for line in ladder["lines"]]
        self.followed.see(lines, (time.monotonic() - self._began_s) * 1000)

    async def recite(self, url: str, language: str, chant: Chant) -> Followed:
        """The whole chant, whatever the coach says meanwhile."""
        await self.connect(url)
        reply = await self.start(language=language, tables=[chant.table], drill="chant")
        if not reply["ok"]:
            raise RuntimeError(f"refused: {reply}")
        _, say, _ = await self.expect("say")
        await self.socket.emit("played", {"say": say["id"]})
        prompts = asyncio.ensure_future(self._hear_prompts())
        async for _ in self.stream(self.silence(600)):
            pass
        self._began_s = time.monotonic()
        async for _ in self.stream(chant.samples):
            pass
        prompts.cancel()
        await asyncio.gather(prompts, return_exceptions=True)
        await self.socket.disconnect()
        return self.followed

    async def _hear_prompts(self) -> None:
        while True:
            _, say, _ = await self.expect("say", timeout_s=120)
            await self.socket.emit("played", {"say": say["id"]})


@dataclass
class Result:
    """The counts of many chants."""

    lines: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    lags_ms: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    audio_s: float = 0.0
    remarks: list[str] = field(default_factory=list)

    def add(self, chant: Chant, followed: Followed) -> None:
        self.cpu_s += followed.cpu_s
        self.audio_s += len(chant.samples) / RATE
        for line, end_ms in chant.ends_ms.items():
            if line in chant.faulty:
                continue
            mark = followed.marks.get(line, Mark.OPEN)
            self.lines[mark] += 1
            if mark is Mark.RIGHT:
                self.lags_ms.append(followed.lit_ms[line] - end_ms)
            else:
                self.remarks.append(f"{chant.described}: line {line} is {mark}")
        if chant.faulty:
            marks = [followed.marks.get(line, Mark.OPEN) for line in chant.faulty]
            is_found = not FOUND[chant.fault].isdisjoint(marks)
            self.planted[chant.fault] += 1
            self.found[chant.fault] += is_found
            if not is_found:
                self.remarks.append(f"{chant.described}: not found, {marks}")

    def row(self, name: str) -> str:
        lines = self.lines.total()
        wrong = sum(self.lines[mark] for mark in (Mark.WRONG, Mark.SKIPPED, Mark.MENDED, Mark.HELPED))
        unsure = lines - wrong - self.lines[Mark.RIGHT]
        p50, p95 = np.percentile(self.lags_ms, [50, 95]) if self.lags_ms else (np.nan, np.nan)
        planted = self.planted.total()
        shares = [f"{count} ({100 * count / lines:.1f} %)" for count in (self.lines[Mark.RIGHT], unsure, wrong)]
        cpu = f"{1000 * self.cpu_s / self.audio_s:.0f}" if self.cpu_s else ""
        cells = (name, lines, *shares, f"{self.found.total()} of {planted}", f"{p50:.0f}, {p95:.0f}", cpu)
        return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", help="all of them by default")
    parser.add_argument("--voice", type=Path, help="wav files named by the number that they say")
    parser.add_argument("--chants", type=int, default=24, help="for each language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--live", action="store_true", help="through the real server, all at once")
    parser.add_argument("--remarks", action="store_true", help="tell each line that was not marked right")
    arguments = parser.parse_args()
    codes = [arguments.language] if arguments.language else available()
    print("| voice | right lines | marked right | unsure | marked wrong | faults found | lag ms: p50, p95 | CPU ms/s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for code in codes:
        chance = np.random.default_rng(arguments.seed)
        voice, result = Voice(code, arguments.voice), Result()
        chants = [make_chant(voice, FAULTS[number % len(FAULTS)], chance) for number in range(arguments.chants)]
        if arguments.live:

            async def all_at_once(url: str, code: str = code, chants: list[Chant] = chants) -> list[Followed]:
                return await asyncio.gather(*(Chanter().recite(url, code, chant) for chant in chants))

            with quiet_server() as url:
                followed = asyncio.run(all_at_once(url))
        else:
            followed = [follow(voice, chant) for chant in chants]
        for chant, each in zip(chants, followed, strict=True):
            result.add(chant, each)
        print(result.row(str(voice)), flush=True)
        for remark in result.remarks if arguments.remarks else ():
            print(f"  {remark}")


if __name__ == "__main__":
    main()
