"""CPU time of a minute of drill in the server's audio path: `OPENBLAS_NUM_THREADS=1 python -m bench.cost`.

One drill in virtual time and in this process, without a network. The learner hears the real prompts and answers each
question; the microphone is open all the time. CPU time changes little on a busy machine. Each stage is counted without
the stages within it. "checksum" shows whether two versions of the program said the same.
"""

import argparse
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from bench.common import recordings, right_answers
from bench.learner import CHUNK_MS, CHUNK_SAMPLES, RATE
from server.asr.numbers import engine as numbers
from server.asr.numbers.engine import NumbersEngine
from server.audio.detector import WebRtcDetector
from server.audio.echo_guard import EchoGuard
from server.audio.highpass import HighPass
from server.audio.listener import Listener
from server.audio.segmenter import Segmenter
from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Judged, Say
from server.dialogue.settings import DialogueSettings
from server.drill.course import Course
from server.drill.knowledge import Knowledge
from server.drill.modes import CALM
from server.languages import load_language
from server.live import drill_session
from server.live.drill_session import DrillSession
from server.live.intake import AudioIntake
from server.live.session import Heard, Told
from server.voices.prompts import load_clips
from server.voices.sounds import ClipSounds, Neighbours

PROMPTS = Path("audio_prompts")
CYCLE_MS = 6000
ECHO_LATE_MS = 80
STAGES: tuple[tuple[Any, str, str], ...] = (
    (AudioIntake, "accept", "intake"),
    (HighPass, "filter", "high-pass"),
    (WebRtcDetector, "voiced", "voice detector"),
    (Segmenter, "process", "segmenter"),
    (Listener, "skip", "skipped sound"),
    (EchoGuard, "hear", "echo guard hears"),
    (EchoGuard, "examine", "echo guard examines"),
    (numbers, "find_words", "where the words are"),
    (numbers, "log_mel", "features"),
    (NumbersEngine, "listen", "network"),
    (NumbersEngine, "weigh", "second look"),
    (Neighbours, "are_saying", "another tablet"),
    (ClipSounds, "samples", "sound of prompts"),
    (drill_session, "interpret", "interpretation"),
    (Dialogue, "handle", "dialogue"),
)


class Stopwatch:
    """CPU time and calls by stage, each without the stages within it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._within_s = [0.0]

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            self._within_s.append(0.0)
            began_s = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                took_s = time.process_time() - began_s
                self.seconds[stage] += took_s - self._within_s.pop()
                self.calls[stage] += 1
                self._within_s[-1] += took_s

        return run


@contextmanager
def watched(stopwatch: Stopwatch) -> Iterator[None]:
    """Time every stage within the block."""
    with ExitStack() as patches:
        for owner, name, stage in STAGES:
            patches.enter_context(mock.patch.object(owner, name, stopwatch.timed(stage, getattr(owner, name))))
        yield


class Drill:
    """A session, its learner and its room, in one virtual time."""

    def __init__(self, language_code: str, echo_db: float | None, seed: int, answers: Path | None = None) -> None:
        language = load_language(language_code)
        clips = load_clips(PROMPTS, language)
        self._sounds = ClipSounds(PROMPTS, Path("voices"))
        neighbours = Neighbours(self._sounds)
        neighbours.learn(language_code, clips)
        course = Course(CALM.practice(list(range(2, 10)), Knowledge(), seed, 0.0), CALM, 0.0)
        self.session = DrillSession(
            language,
            Dialogue(course, clips, DialogueSettings()),
            Listener(WebRtcDetector()),
            NumbersEngine(),
            lambda function, *arguments: function(*arguments),
            sounds=self._sounds.samples,
            is_prompt=lambda pcm: neighbours.are_saying(language_code, pcm),
        )
        self._handle: Callable[..., Iterator[Told]] = self.session.handle
        self._intake = AudioIntake()
        self._answer = right_answers(recordings(language_code, answers), seed)
        self._echo = None if echo_db is None else 10 ** (echo_db / 20)
        self._room = np.random.default_rng(seed).normal(0, 3, 60 * RATE)
        self._due: list[tuple[float, messages.Event]] = []
        self._sounding: list[tuple[int, np.ndarray]] = []
        self.effects: list[Told] = []
        self.now_ms = 0.0

    def practise(self, minutes: float, stopwatch: Stopwatch) -> None:
        self._handle = stopwatch.timed("the rest of the session", lambda *event: list(self.session.handle(*event)))
        self._tell(messages.Started())
        for seq in range(round(minutes * 60_000 / CHUNK_MS)):
            self.now_ms += CHUNK_MS
            for due in [due for due in self._due if due[0] <= self.now_ms]:
                if due in self._due:  # it may be over
                    self._due.remove(due)
                    self._tell(due[1])
            accepted = self._intake.accept(seq, round(self.now_ms), self._chunk(seq * CHUNK_SAMPLES), self.now_ms)
            assert accepted is not None
            self._tell(Heard(accepted.pcm, accepted.missing))
            if self.now_ms >= self.session.dialogue.deadline_ms:
                self._tell(messages.Tick())

    def _tell(self, event: messages.Event | Heard) -> None:
        for effect in self._handle(event, self.now_ms):
            self.effects.append(effect)
            if isinstance(effect, Say):
                self._follow(effect)

    def _follow(self, say: Say) -> None:
        """Play it as the page would. The learner answers a cycle after it was sent."""
        begins_ms = self.now_ms + say.gap_ms
        over_ms = begins_ms + say.duration_ms
        self._due = [(begins_ms, messages.Playing(say.id)), (over_ms, messages.Played(say.id))]
        now = round(self.now_ms * RATE / 1000)
        self._sounding = [(at, samples) for at, samples in self._sounding if at + len(samples) > now]
        answer = self._answer(say.fact.left, say.fact.right)
        assert answer is not None
        ends_ms = max(over_ms + 300 + len(answer) * 1000 / RATE, self.now_ms + CYCLE_MS - 500)
        self._sounding.append((round(ends_ms * RATE / 1000) - len(answer), answer))
        if self._echo is not None:
            played = self._echo * self._sounds.samples(say.clips)
            self._sounding.append((round((begins_ms + ECHO_LATE_MS) * RATE / 1000), played))

    def _chunk(self, begin: int) -> bytes:
        sound = np.take(self._room, range(begin, begin + CHUNK_SAMPLES), mode="wrap")
        for at, samples in self._sounding:
            first, last = max(at, begin), min(at + len(samples), begin + CHUNK_SAMPLES)
            if first < last:
                sound[first - begin : last - begin] += samples[first - at : last - at]
        return np.clip(np.rint(sound), -32768, 32767).astype("<i2").tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="en")
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--echo-db", type=float, help="how loud prompts come back; default: not at all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--answers", type=Path, help="folder of wavs named by their number; default: the prompt voice")
    arguments = parser.parse_args()
    drill = Drill(arguments.language, arguments.echo_db, arguments.seed, arguments.answers)
    stopwatch = Stopwatch()
    with watched(stopwatch):
        drill.practise(arguments.minutes, stopwatch)
    verdicts = [effect.attempt.verdict for effect in drill.effects if isinstance(effect, Judged)]
    checksum = zlib.crc32("\n".join(map(repr, drill.effects)).encode())
    print(
        f"{len(verdicts)} verdicts ({', '.join(f'{verdicts.count(v)} {v}' for v in sorted(set(verdicts)))}), "
        f"checksum {checksum:08x}; ms of CPU for a minute of drill"
    )
    for stage, seconds in sorted(stopwatch.seconds.items(), key=lambda item: -item[1]):
        calls = stopwatch.calls[stage] / arguments.minutes
        print(f"{stage:26}{1000 * seconds / arguments.minutes:8.1f}{calls:9.1f} calls")
    print(f"{'together':26}{1000 * sum(stopwatch.seconds.values()) / arguments.minutes:8.1f}")


if __name__ == "__main__":
    main()
