"""How well the echo guard tells the tablet's own prompts from learners: `python -m bench.echo [--people FOLDER ...]`.

Three trials in each language, through the real voice detector, guard and recogniser, without a server: prompts that
come back to a room where nobody speaks; learners who answer over them, as loud; learners whom no echo reaches.
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
from server.audio.segmenter import VoiceContinued, VoiceStarted, VoiceStopped
from server.drill.judging import Verdict, judge
from server.languages import Language, load_language
from server.understanding.interpretation import interpret
from server.voices.sound import speech_rms
from tests.support.recordings import clip_samples

LANGUAGES = ("en", "hi", "mr")
RATE_KHZ = 16
BEGAN_MS = 1000
# When the learner may be heard: from here before the end of the prompt.
OPEN_MS = 700
# How far a prompt may begin from where the server thinks that it does.
POSITION_MS = (-100, 300)
NOISE_RMS = 12.0


@dataclass
class Costs:
    """Milliseconds of processor time: of each examination, and of hearing a second."""

    quick: list[float] = field(default_factory=list)
    full: list[float] = field(default_factory=list)
    hearing: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Trial:
    """A prompt, and how the room returns it. level_db: None where it does not."""

    left: int
    right: int
    played: np.ndarray
    delay_ms: int
    level_db: float | None
    room_s: float
    position_ms: int

    def __str__(self) -> str:
        return f"{self.left}x{self.right}, {self.delay_ms} ms, {self.level_db} dB, room {self.room_s:.2f} s"


def trial(language: str, fact: tuple[int, int], random: np.random.Generator, level_db: float | None) -> Trial:
    praise = clip_samples(language, f"praise-{random.integers(1, 6)}")
    played = np.concatenate([praise, clip_samples(language, f"question-{fact[0]}-{fact[1]}")])
    room_s = random.uniform(0.2, 0.6) if random.random() < 0.5 else 0.0
    return Trial(*fact, played, int(random.integers(0, 1001)), level_db, room_s, int(random.integers(*POSITION_MS)))


def sounding(one: Trial, answer: np.ndarray | None, onset_ms: int, random: np.random.Generator) -> np.ndarray:
    """What the microphone brings: noise, the echo, and an answer that begins so long after the prompt's end."""
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


def utterances(one: Trial, sound: np.ndarray, costs: Costs) -> Iterator[tuple[bytes, Examined]]:
    """What the voice detector finds, and what the guard says of it at its end."""
    guard, listener = EchoGuard(), Listener(WebRtcDetector())
    guard.play(one.played, BEGAN_MS - one.position_ms)
    opens_ms = BEGAN_MS - one.position_ms + len(one.played) // RATE_KHZ - OPEN_MS
    audio, begin_ms, pcm = b"", 0, sound.tobytes()
    for first in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        frame = pcm[first : first + FRAME_BYTES]
        began = thread_time()
        guard.hear(frame)
        costs.hearing.append((thread_time() - began) * 1000)
        listener.arm(listener.heard_ms >= opens_ms)
        for event in listener.hear(frame):
            match event:
                case VoiceStarted():
                    audio, begin_ms = event.audio, listener.heard_ms - len(event.audio) // 2 // RATE_KHZ
                case VoiceContinued():
                    audio += event.audio
                    listener.end_after(360)
                case VoiceStopped():
                    began = thread_time()
                    examined = guard.examine(begin_ms, listener.heard_ms)
                    passed_ms = (thread_time() - began) * 1000
                    (costs.quick if examined == Examined() else costs.full).append(passed_ms)
                    yield audio, examined


def verdict(engine: NumbersEngine, language: Language, one: Trial, pcm: bytes) -> Verdict | str:
    """What a drill would have said of this utterance."""
    recogniser = engine.lease(language.code)
    recogniser.feed(pcm)
    interpretation = interpret(recogniser.finish(), language.small_lexicon, (one.left, one.right))
    return (
        f"command {interpretation.command}"
        if interpretation.command
        else judge(interpretation.numbers, one.left * one.right).verdict
    )


def silent(engine: NumbersEngine, code: str, prompts: int, costs: Costs) -> str:
    """Nobody speaks: every utterance is an echo."""
    language, counts = load_language(code), dict.fromkeys(("utterances", "missed", "judged", "judged without"), 0)
    for seed in range(prompts):
        random = np.random.default_rng(seed)
        fact = (int(random.integers(1, 11)), int(random.integers(1, 11)))
        one = trial(code, fact, random, float(random.uniform(-30, -6)))
        for audio, examined in utterances(one, sounding(one, None, 0, random), costs):
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
    """A learner answers over the prompt, with an echo as loud or without any."""
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
        heard = list(utterances(one, sounding(one, answer, onset_ms, random), costs))
        kept = [(audio, examined) for audio, examined in heard if not examined.is_echo]
        taken += not kept
        cleaned += any(examined.cleaned is not None for _, examined in kept)
        said = _first(verdict(engine, language, one, examined.cleaned or audio) for audio, examined in kept)
        right["guarded"] += said is Verdict.CORRECT
        wrong += said is Verdict.WRONG
        right["unguarded"] += _first(verdict(engine, language, one, audio) for audio, _ in heard) is Verdict.CORRECT
        if echo:
            quiet = Trial(one.left, one.right, one.played, one.delay_ms, None, 0.0, one.position_ms)
            alone = utterances(quiet, sounding(quiet, answer, onset_ms, random), Costs())
            right["no echo"] += _first(verdict(engine, language, one, audio) for audio, _ in alone) is Verdict.CORRECT
            if said is not Verdict.CORRECT:
                print(f"  {said}: {one}, answer at {onset_ms} ms,", [(e.is_echo, round(e.share, 2)) for _, e in heard])
    return f"right of {trials}: {right}, wrong {wrong}, taken for an echo {taken}, cleaned {cleaned}"


def _first(said: Iterator[Verdict | str]) -> Verdict | str:
    """The first verdict; what is unsure is asked again, and counts only if nothing follows."""
    last: Verdict | str = Verdict.SILENCE
    for last in said:
        if last is not Verdict.UNSURE:
            break
    return last


def answers_of(code: str, folders: list[Path]) -> dict[int, list[np.ndarray]]:
    """Number -> recordings: of the folders, or of the other languages' prompt voices."""
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
