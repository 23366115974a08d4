"""A tablet that hears itself and its neighbour: the real session, network and prompts, in virtual time."""

from pathlib import Path

import numpy as np
import pytest

from bench.tablet import Room, Tablet
from server.asr.numbers.engine import NumbersEngine
from server.audio.detector import WebRtcDetector
from server.audio.listener import Listener
from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Clip, Say
from server.drill.course import Course
from server.drill.judging import Verdict
from server.drill.modes import CALM
from server.languages import load_language
from server.live.drill_session import DrillSession
from server.voices.prompts import load_clips
from server.voices.sounds import ClipSounds, Neighbours
from tests.support.recordings import PROMPTS, number_samples

pytestmark = pytest.mark.engine

LANGUAGES = ("en", "hi", "mr")
SOUNDS = ClipSounds(PROMPTS, Path("voices"))
# A wireless loudspeaker, whose delay browsers do not report.
LATE = Room(delay_ms=250, level_db=-12, reverberation_s=0.3)


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()


def tablet(engine: NumbersEngine, language: str, room: Room, neighbours: Neighbours | None = None) -> Tablet:
    """Return a tablet whose drill has begun."""
    loaded = load_language(language)
    session = DrillSession(
        loaded.answering(100),
        Dialogue(Course(CALM.practice(range(2, 11), seed=1), CALM), clips_of(language)),
        Listener(WebRtcDetector()),
        engine,
        lambda function, *arguments: function(*arguments),
        sounds=SOUNDS.samples,
        is_prompt=lambda pcm: neighbours is not None and neighbours.are_saying(language, pcm),
    )
    begun = Tablet(session, SOUNDS.samples, room)
    begun.tell(messages.Started())
    return begun


def clips_of(language: str) -> dict[str, Clip]:
    return load_clips(PROMPTS, load_language(language))


def to_the_end_of_the_prompt(tablet: Tablet, after_ms: float = 0) -> None:
    tablet.hear(tablet.prompt_ends_ms - tablet.now_ms + after_ms)


def next_question(tablet: Tablet) -> None:
    left, right = tablet.session.dialogue.question
    tablet.tell(messages.Tapped(left * right))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "room", [LATE, Room(0, -6), Room(1000, -20, 0.5), Room(600, -30)], ids=["late", "loud", "very late", "faint"]
)
def test_a_tablet_never_answers_itself(engine: NumbersEngine, language: str, room: Room) -> None:
    alone = tablet(engine, language, room)
    for _ in range(4):
        says = len([effect for effect in alone.happened if isinstance(effect, Say)])
        to_the_end_of_the_prompt(alone, after_ms=2500)
        assert len([effect for effect in alone.happened if isinstance(effect, Say)]) == says
        next_question(alone)
    assert alone.verdicts == [Verdict.CORRECT] * 4, "the tapped ones"


def test_without_the_guard_it_would(engine: NumbersEngine) -> None:
    deceived = tablet(engine, "mr", LATE)
    deceived.session._sounds = None
    for _ in range(4):
        to_the_end_of_the_prompt(deceived, after_ms=2500)
        next_question(deceived)
    assert deceived.verdicts != [Verdict.CORRECT] * 4


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("onset_ms", [-300, 150, 600])
def test_an_answer_over_the_echo_is_understood(engine: NumbersEngine, language: str, onset_ms: int) -> None:
    speaking = tablet(engine, language, LATE)
    for _ in range(3):
        to_the_end_of_the_prompt(speaking, after_ms=min(0, onset_ms))
        left, right = speaking.session.dialogue.question
        speaking.add(0.25 * number_samples(language, left * right).astype(float), max(0, onset_ms))
        speaking.hear(max(0, onset_ms) + 2200)
    assert speaking.verdicts.count(Verdict.CORRECT) >= 2 and Verdict.WRONG not in speaking.verdicts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tablet_nearby_answers_nothing(engine: NumbersEngine, language: str) -> None:
    clips, neighbours = clips_of(language), Neighbours(SOUNDS)
    neighbours.learn(language, clips)
    beside = tablet(engine, language, Room(), neighbours)
    for name in ("question-9-8", "question-7-7", "fact-9-9", "praise-2", "question-3-8"):
        to_the_end_of_the_prompt(beside, after_ms=400)
        beside.add(Room(0, -10).returned(SOUNDS.samples([clips[name]]), np.random.default_rng(0)), 60)
        beside.hear(3500)
    assert set(beside.verdicts) <= {Verdict.SILENCE}, "the thinking time ends at some point"
