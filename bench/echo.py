"""Measure how well the echo guard tells the tablet's prompts from learners: `python -m bench.echo [--people FOLDER
...]`.

Three trials in each language, through the real voice detector, guard and recogniser, without a server: prompts that
return from a silent room; learners who answer over an equally loud echo; learners without any echo.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import thread_time

import numpy as np

from bench.common import recordings
from bench.tablet import Room
from bench.wav import read_wav
from server.asr.numbers.engine import NumbersEngine
from server.audio import FRAME_BYTES, FRAME_MS
from server.audio.detector import WebRtcDetector
from server.audio.echo_guard import EchoGuard, Examined
from server.audio.listener import Listener
from server.audio.segmenter import SegmenterSettings
from server.dialogue.turn import decide
from server.drill.facts import Fact
from server.drill.judging import JudgingSettings, Verdict
from server.languages import Language, load_language
from server.live.utterance import utterances
from server.understanding.interpretation import interpret
from server.understanding.lexicon import Spoken
from server.voices.sound import speech_rms
from tests.support.recordings import clip_samples

LANGUAGES = ("en", "hi", "mr")
RATE_KHZ = 16
BEGAN_MS = 1000
# The microphone opens for the learner this long before the end of the prompt.
OPEN_MS = 700
# The range of a prompt's true start against the server's guess.
POSITION_MS = (-100, 300)
NOISE_RMS = 12.0
# After a number that cannot go on.
SILENCE_MS = 360


@dataclass
class Costs:
    """Processor time in milliseconds."""

    quick: list[float] = field(default_factory=list)
    """Of each examination without an echo."""
    full: list[float] = field(default_factory=list)
    """Of each examination with an echo."""
    hearing: list[float] = field(default_factory=list)
    """Of a second of listening."""


@dataclass(frozen=True)
class Trial:
    """A prompt and the room's echo of it."""

    left: int
    right: int
    played: np.ndarray
    delay_ms: int
    level_db: float | None
    """Against the samples played; None without an echo."""
    room_s: float
    """Reverberation time: until 60 dB fainter."""
    position_ms: int

    def __str__(self) -> str:
        return f"{self.left}x{self.right}, {self.delay_ms} ms, {self.level_db} dB, room {self.room_s:.2f} s"


def trial(language: str, fact: tuple[int, int], random: np.random.Generator, level_db: float | None) -> Trial:
    praise = clip_samples(language, f"praise-{random.integers(1, 6)}")
    played = np.concatenate([praise, clip_samples(language, f"question-{fact[0]}-{fact[1]}")])
    room_s = random.uniform(0.2, 0.6) if random.random() < 0.5 else 0.0
    return Trial(*fact, played, int(random.integers(0, 1001)), level_db, room_s, int(random.integers(*POSITION_MS)))


def sounding(one: Trial, answer: np.ndarray | None, onset_ms: int, random: np.random.Generator) -> np.ndarray:
    """Return the microphone's audio: noise, the echo, and an answer that begins `onset_ms` after the prompt's end."""
    over_ms = BEGAN_MS + one.delay_ms + len(one.played) // RATE_KHZ
    sound = random.normal(size=(over_ms + 3500) * RATE_KHZ) * NOISE_RMS
    if one.level_db is not None:
        echo = Room(level_db=one.level_db, reverberation_s=one.room_s).returned(one.played, random)
        begin = (BEGAN_MS + one.delay_ms) * RATE_KHZ
        sound[begin : begin + len(echo)] += echo
    if answer is not None:
        level_db = 0.0 if one.level_db is None else one.level_db
        begin = (over_ms + onset_ms) * RATE_KHZ
        loudness = 0.1 * 32768 * 10 ** (level_db / 20) / speech_rms(answer.astype(float), RATE_KHZ * 1000)
        loud = answer[: len(sound) - begin] * loudness
        sound[begin : begin + len(loud)] += loud
    return np.clip(np.rint(sound), -32768, 32767).astype("<i2")


def heard(one: Trial, sound: np.ndarray, costs: Costs) -> Iterator[tuple[bytes, Examined]]:
    """Yield the voice detector's utterances, each with the guard's findings at its end."""
    guard, listener = EchoGuard(), Listener(WebRtcDetector(), SegmenterSettings(default_silence_ms=SILENCE_MS))
    guard.play(one.played, BEGAN_MS - one.position_ms)
    opens_ms = BEGAN_MS - one.position_ms + len(one.played) // RATE_KHZ - OPEN_MS
    pcm = sound.tobytes()

    def frames() -> Iterator[bytes]:
        for first in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
            frame = pcm[first : first + FRAME_BYTES]
            began = thread_time()
            guard.hear(frame)
            costs.hearing.append((thread_time() - began) * 1000)
            listener.arm(listener.heard_ms >= opens_ms)
            yield frame

    for utterance in utterances(listener, frames()):
        began = thread_time()
        _, examined = utterance.understand(guard, final=True)
        passed_ms = (thread_time() - began) * 1000
        (costs.quick if examined == Examined() else costs.full).append(passed_ms)
        yield utterance.audio, examined


def verdict(engine: NumbersEngine, language: Language, one: Trial, pcm: bytes) -> Verdict | str:
    """Return the verdict that a drill would give on this utterance."""
    recogniser = engine.lease(language.code)
    recogniser.feed(pcm)
    fact = Fact(one.left, one.right)
    interpretation = interpret(recogniser.finish(), language.small_lexicon, (fact.left, fact.right))
    decided = decide(interpretation, fact, None, JudgingSettings())
    return f"command {decided}" if isinstance(decided, Spoken) else decided.verdict


def silent(engine: NumbersEngine, code: str, prompts: int, costs: Costs) -> str:
    """Run prompts in a silent room: every utterance is an echo."""
    language, counts = load_language(code), dict.fromkeys(("utterances", "missed", "judged", "judged without"), 0)
    for seed in range(prompts):
        random = np.random.default_rng(seed)
        fact = (int(random.integers(1, 11)), int(random.integers(1, 11)))
        one = trial(code, fact, random, float(random.uniform(-30, -6)))
        for audio, examined in heard(one, sounding(one, None, 0, random), costs):
            counts["utterances"] += 1
            counts["judged without"] += verdict(engine, language, one, audio) not in (Verdict.UNSURE, Verdict.SILENCE)
            if not examined.is_echo:
                counts["missed"] += 1
                said = verdict(engine, language, one, examined.cleaned or audio)
                counts["judged"] += said not in (Verdict.UNSURE, Verdict.SILENCE)
                print(f"  missed: {one}, {examined.share:.2f} explained, then {said}")
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def answering(
    engine: NumbersEngine, code: str, trials: int, answers: dict[int, list[np.ndarray]], echo: bool, costs: Costs
) -> str:
    """Run learners who answer over the prompt, with an equally loud echo or without any."""
    language = load_language(code)
    facts = [(left, right) for left in range(1, 11) for right in range(1, 11) if left * right in answers]
    right = dict.fromkeys(("guarded", "unguarded", "no echo")[: 3 if echo else 2], 0)
    wrong, taken, cleaned = 0, 0, 0
    for seed in range(trials):
        random = np.random.default_rng(seed)
        fact = facts[random.integers(len(facts))]
        takes = answers[fact[0] * fact[1]]
        answer, onset_ms = (
            takes[random.integers(len(takes))],
            int(random.integers(-400, 401) if echo else random.integers(-600, 251)),
        )
        one = trial(code, fact, random, float(random.uniform(-30, -6)) if echo else None)
        found = list(heard(one, sounding(one, answer, onset_ms, random), costs))
        kept = [(audio, examined) for audio, examined in found if not examined.is_echo]
        taken += not kept
        cleaned += any(examined.cleaned is not None for _, examined in kept)
        said = _first(verdict(engine, language, one, examined.cleaned or audio) for audio, examined in kept)
        right["guarded"] += said is Verdict.CORRECT
        wrong += said is Verdict.WRONG
        right["unguarded"] += _first(verdict(engine, language, one, audio) for audio, _ in found) is Verdict.CORRECT
        if echo:
            quiet = Trial(one.left, one.right, one.played, one.delay_ms, None, 0.0, one.position_ms)
            alone = heard(quiet, sounding(quiet, answer, onset_ms, random), Costs())
            right["no echo"] += _first(verdict(engine, language, one, audio) for audio, _ in alone) is Verdict.CORRECT
            if said is not Verdict.CORRECT:
                print(f"  {said}: {one}, answer at {onset_ms} ms,", [(e.is_echo, round(e.share, 2)) for _, e in found])
    return f"right of {trials}: {right}, wrong {wrong}, taken for an echo {taken}, cleaned {cleaned}"


def _first(said: Iterator[Verdict | str]) -> Verdict | str:
    """Return the first verdict. An unsure one is asked again and counts only if nothing follows."""
    last: Verdict | str = Verdict.SILENCE
    for last in said:
        if last is not Verdict.UNSURE:
            break
    return last


def answers_of(code: str, folders: list[Path]) -> dict[int, list[np.ndarray]]:
    """Return number -> recordings: of the folders, or of the other languages' prompt voices."""
    found: dict[int, list[np.ndarray]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.wav")):
            if path.stem.split("_")[0].isdecimal():
                found.setdefault(int(path.stem.split("_")[0]), []).append(read_wav(path))
    return found or recordings(code, None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=500, help="prompts to a silent room, a language")
    parser.add_argument("--answers", type=int, default=200, help="answers, a language and trial")
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("--people", type=Path, nargs="*", default=[], metavar="FOLDER", help="of 7_anna.wav")
    options = parser.parse_args()
    engine, costs = NumbersEngine(), Costs()
    for code in options.language or LANGUAGES:
        if options.prompts:
            print(f"{code} silent: {silent(engine, code, options.prompts, costs)}", flush=True)
        if options.answers:
            answers = answers_of(code, options.people)
            for echo in (True, False):
                told = answering(engine, code, options.answers, answers, echo, costs)
                print(f"{code} {'over an echo' if echo else 'without an echo'}: {told}", flush=True)
    for name, values in (("quick", costs.quick), ("full", costs.full)):
        if values:
            print(f"examine, {name}: {np.mean(values):.1f} ms (p95 {np.percentile(values, 95):.1f}, n = {len(values)})")
    print(f"hear: {np.mean(costs.hearing) * 1000 / FRAME_MS:.2f} ms a second")


if __name__ == "__main__":
    main()
