"""Answers in two parts, in a live session in virtual time: a beginning, a pause, and the rest."""

import numpy as np
import pytest

from server.asr.numbers.engine import NumbersEngine
from server.audio.detector import WebRtcDetector
from server.audio.listener import Listener
from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Clip, Judged, Say
from server.drill.course import Course
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.modes import CALM
from server.languages import load_language
from server.live.drill_session import DrillSession
from server.live.session import Heard
from tests.support.recordings import RATE, joined, number_samples

pytestmark = pytest.mark.engine

CHUNK_MS = 60
CLIP_MS = 700
# In 4 times 9 neither operand sounds like a part of 36.
ASKED = {36: Fact(4, 9), 72: Fact(8, 9), 56: Fact(7, 8), 105: Fact(15, 7), 112: Fact(14, 8)}


class Child:
    """A child who is asked one question and says what the test gives it."""

    def __init__(self, language: str, asked: Fact, engine: NumbersEngine) -> None:
        loaded = load_language(language)
        clips = {clip_id: Clip(clip_id, text, CLIP_MS) for clip_id, text in loaded.clip_texts().items()}
        course = Course(CALM.practice([asked.left], seed=0), CALM)
        course.fact = asked
        self._dialogue = Dialogue(course, clips)
        self._session = DrillSession(
            loaded,
            self._dialogue,
            Listener(WebRtcDetector()),
            engine,
            lambda function, *arguments: function(*arguments),
        )
        self._noise = np.random.default_rng(0)
        self._now_ms = 0.0
        self._plays_until_ms = 0.0
        self.verdicts: list[Verdict] = []
        self.prompts: list[list[str]] = []
        self._tell(messages.Started())
        self.hear(self._dialogue.deadline_ms)

    def say(self, samples: np.ndarray) -> None:
        noisy = samples + self._noise.normal(0, 8, len(samples))
        pcm = noisy.clip(-32768, 32767).astype("<i2").tobytes()
        size = 2 * RATE * CHUNK_MS // 1000
        for start in range(0, len(pcm), size):
            self._now_ms += CHUNK_MS
            if self._plays_until_ms and self._now_ms >= self._plays_until_ms:
                self._plays_until_ms = 0.0
                self._tell(messages.Played(len(self.prompts)))
            self._tell(Heard(pcm[start : start + size]))

    def hear(self, duration_ms: float) -> None:
        """Stay silent."""
        self.say(np.zeros(int(duration_ms * RATE // 1000)))

    def _tell(self, item: Heard | messages.Event) -> None:
        for effect in self._session.handle(item, self._now_ms):
            if isinstance(effect, Judged):
                self.verdicts.append(effect.attempt.verdict)
            if isinstance(effect, Say):
                self.prompts.append([clip.url for clip in effect.clips])
                self._plays_until_ms = self._now_ms + effect.duration_ms


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()


BEGUN = [
    ("en", 36, (30, 6)),
    ("en", 72, (70, 2)),
    ("en", 105, (100, 5)),
    ("hi", 105, (100, 5)),
    ("hi", 112, (100, 12)),
    ("mr", 36, (30, 6)),
    ("mr", 72, (70, 2)),
]
DIGITS = [
    ("en", 36, (3, 6)),
    ("hi", 36, (3, 6)),
    ("mr", 36, (3, 6)),
    ("en", 56, (5, 6)),
    ("hi", 56, (5, 6)),
    ("mr", 56, (5, 6)),
]


@pytest.mark.parametrize(("language", "answer", "parts"), BEGUN + DIGITS)
@pytest.mark.parametrize("pause_ms", [300, 800, 1150])
def test_a_pause_is_waited_for(
    engine: NumbersEngine, language: str, answer: int, parts: tuple[int, ...], pause_ms: int
) -> None:
    child = Child(language, ASKED[answer], engine)
    child.say(joined([number_samples(language, part) for part in parts], pause_ms))
    child.hear(600)
    assert child.verdicts == [Verdict.CORRECT]


@pytest.mark.parametrize(("language", "answer", "parts"), BEGUN + DIGITS)
@pytest.mark.parametrize("pause_ms", [1600, 2000, 3000])
def test_after_a_long_pause_the_rest_is_asked_for_and_nothing_is_wrong(
    engine: NumbersEngine, language: str, answer: int, parts: tuple[int, ...], pause_ms: int
) -> None:
    child = Child(language, ASKED[answer], engine)
    child.say(joined([number_samples(language, part) for part in parts], pause_ms))
    child.hear(1500)
    assert child.prompts[1] == [f"number-{parts[0]}"]
    assert child.verdicts[0] is Verdict.UNSURE and Verdict.WRONG not in child.verdicts


@pytest.mark.parametrize(("language", "answer", "parts"), BEGUN + DIGITS)
def test_the_rest_is_joined_with_what_was_begun(
    engine: NumbersEngine, language: str, answer: int, parts: tuple[int, ...]
) -> None:
    child = Child(language, ASKED[answer], engine)
    child.say(number_samples(language, parts[0]))
    child.hear(3500)
    child.say(number_samples(language, parts[1]))
    child.hear(1500)
    assert child.verdicts == [Verdict.UNSURE, Verdict.CORRECT]


@pytest.mark.parametrize(("language", "said"), [("en", 40), ("en", 6), ("hi", 30), ("hi", 40), ("mr", 40), ("mr", 6)])
def test_another_number_is_no_beginning(engine: NumbersEngine, language: str, said: int) -> None:
    child = Child(language, ASKED[36], engine)
    child.say(number_samples(language, said))
    child.hear(2500)
    assert child.verdicts == [Verdict.WRONG]
