"""Run one utterance as the answer to one question through the live session, in virtual time.

Audio path, recogniser, interpretations in pauses, early endings and judge are the product's own. The prompt takes no
time, and time is counted in audio. A test compares the verdict with that of the real server.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from server.asr.base import SpeechEngine
from server.asr.numbers.engine import MODEL, NumbersEngine
from server.asr.numbers.engine import Heard as NetworkHeard
from server.audio import FRAME_MS, SAMPLE_RATE
from server.audio.detector import WebRtcDetector
from server.audio.listener import Listener
from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Clip, Effect, Judged, Progressed, Say
from server.drill.course import Course
from server.drill.facts import EVERY_FACT, Fact
from server.drill.judging import Verdict
from server.drill.modes import CALM
from server.drill.practice import Practice
from server.drill.selection import InTurn
from server.drill.speaker import Speaker
from server.languages import SMALL_ANSWER, Language
from server.live.drill_session import DrillSession
from server.live.session import Heard, Told
from server.understanding.interpretation import Interpretation

CHUNK_MS = 60
CHUNK_SAMPLES = SAMPLE_RATE * CHUNK_MS // 1000
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
# A child thinks before the answer and waits after it.
LEAD_IN_MS, PATIENCE_MS = 1000, 4000
# RMS in int16 units of a quiet microphone in a quiet room.
FAINT = 3.0
# The loudest noise floor that is added: the quietest part of a clip that is cut close is speech.
LOUDEST_FLOOR = 100.0


class Room(StrEnum):
    """The sound around a clip: a faint noise, the clip's own noise floor, or digital silence as behind a noise gate."""

    FAINT = "faint"
    OWN = "own"
    GATE = "gate"


ROOMS = tuple(Room)


@dataclass(frozen=True, slots=True)
class AskedFor(Fact):
    """A question whose answer is any number, even one without a table."""

    number: int = 0

    @property
    def answer(self) -> int:
        return self.number

    @property
    def twin(self) -> Fact:
        return self


@dataclass(frozen=True, slots=True)
class Reply:
    """The drill's reaction to an utterance."""

    verdict: Verdict
    """UNSURE if none was given."""
    interpretation: Interpretation | None
    """The last one that the dialogue got; None if no utterance started."""
    cpu_ms: float
    """The recogniser's time for all its opinions."""
    confidence: float = 0.0
    """That of the verdict."""


class RememberingEngine(NumbersEngine):
    """Runs the network once for the same sound, so that one clip is cheap to try on many questions."""

    def __init__(self, model_path: Path = MODEL) -> None:
        super().__init__(model_path)
        self._known: dict[tuple[str, bytes], NetworkHeard] = {}

    def listen(self, samples: np.ndarray, language: str) -> NetworkHeard:
        key = (language, samples.tobytes())
        if key not in self._known:
            if len(self._known) > 200:
                self._known.clear()
            self._known[key] = super().listen(samples, language)
        return self._known[key]


class _Overheard(Dialogue):
    """A dialogue that keeps the last interpretation it was given."""

    interpretation: Interpretation | None = None

    def handle(self, event: messages.Event, now_ms: float) -> list[Effect | Progressed]:
        if isinstance(event, messages.SpeechEnded):
            self.interpretation = event.interpretation
        return super().handle(event, now_ms)


def question_for(number: int) -> Fact:
    """Return a fact with this answer, or a question that asks for it if no table has it."""
    return next((fact for fact in EVERY_FACT if fact.answer == number), None) or AskedFor(1, 1, number)


def stream(samples: np.ndarray, room: Room, seed: int = 0) -> np.ndarray:
    """Return the clip (int16) as the microphone brings it: with quiet before and after, in whole chunks."""
    rng = np.random.default_rng(seed)
    before, after = (SAMPLE_RATE * ms // 1000 for ms in (LEAD_IN_MS, PATIENCE_MS))
    size = -(-(before + len(samples) + after) // CHUNK_SAMPLES) * CHUNK_SAMPLES
    loudness = {Room.FAINT: FAINT, Room.OWN: floor_of(samples), Room.GATE: 0.0}[room]
    sound = rng.normal(0.0, 1.0, size) * loudness
    sound[before : before + len(samples)] = samples
    return np.clip(np.rint(sound), -32768, 32767).astype("<i2")


def floor_of(samples: np.ndarray) -> float:
    """Return the RMS of the clip's quietest tenth, in int16 units."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(float)
    if not len(frames):
        return 0.0
    return min(LOUDEST_FLOOR, float(np.percentile(np.sqrt((frames**2).mean(axis=1)), 10)))


def ask(
    samples: np.ndarray,
    number: int,
    engine: SpeechEngine,
    language: Language,
    room: Room = Room.FAINT,
    seed: int = 0,
    speaker: Speaker = Speaker(),
) -> Reply:
    """Answer with the clip (int16, 16 kHz) when `number` is the right answer."""
    cpu_s = 0.0

    def offload(function: Any, *arguments: Any) -> Any:
        nonlocal cpu_s
        since_s = time.thread_time()
        try:
            return function(*arguments)
        finally:
            cpu_s += time.thread_time() - since_s

    course = Course(Practice(lambda: InTurn([question_for(number)]), speaker=speaker), CALM)
    dialogue = _Overheard(course, {clip_id: Clip(clip_id, text, 0) for clip_id, text in language.clip_texts().items()})
    session = DrillSession(
        language.answering(max(number, SMALL_ANSWER)), dialogue, Listener(WebRtcDetector()), engine, offload
    )
    now_ms = 0.0
    say = next(effect for effect in session.handle(messages.Started(), now_ms) if isinstance(effect, Say))
    happened: list[Told] = list(session.handle(messages.Played(say.id), now_ms))
    pcm = stream(samples, room, seed)
    for start in range(0, len(pcm), CHUNK_SAMPLES):
        now_ms += CHUNK_MS
        happened += session.handle(Heard(pcm[start : start + CHUNK_SAMPLES].tobytes()), now_ms)
        judged = next((effect for effect in happened if isinstance(effect, Judged)), None)
        if judged is not None or (dialogue.interpretation is not None and dialogue.interpretation.command is not None):
            break
    else:
        judged = None
    verdict, confidence = (
        (Verdict.UNSURE, 0.0) if judged is None else (judged.attempt.verdict, judged.attempt.confidence)
    )
    return Reply(verdict, dialogue.interpretation, cpu_s * 1000, confidence)
