"""A drill on a class's tablet: it waits to be started, and goes on after a restart."""

import pytest

from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Say
from server.dialogue.settings import INVITATIONS, LONGEST_CALL_MS, PAUSE_MS
from server.dialogue.state import Phase
from server.drill.course import Course
from server.drill.judging import Verdict
from server.drill.modes import CALM
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import SETTINGS, Drill


@pytest.fixture
def invited() -> Drill:
    """Make a drill that invites without a learner."""
    return Drill().tell(messages.Started(asleep=True)).play().wait(SETTINGS.tail_ms)


def test_an_invited_child_begins_with_a_word_or_a_tap(invited: Drill) -> None:
    assert (invited.said, invited.say.expects, invited.phase) == (["invitation-1"], "command", Phase.SLEEP)
    assert not invited.dialogue.course.has_begun
    for wake in (
        messages.SpeechEnded(Interpretation(command=Spoken.START)),
        messages.Commanded(Spoken.REPEAT),
        messages.Tapped(6),
    ):
        drill = Drill().tell(messages.Started(asleep=True)).play().wait(SETTINGS.tail_ms)
        drill.tell(messages.SpeechStarted(1)).tell(wake)
        assert drill.said[0] == "greeting-1" and drill.say.expects == "answer" and not drill.verdicts
        drill.answer_right()
        assert drill.verdicts == [Verdict.CORRECT]


def test_before_the_first_question_there_is_nothing_to_skip(invited: Drill) -> None:
    invited.command(Spoken.SKIP)
    assert invited.said[0] == "greeting-1" and invited.say.number == 1 and invited.dialogue.course.has_begun
    assert invited.answer_right().said[0] == "praise-1"


def test_a_room_full_of_numbers_begins_nothing(invited: Drill) -> None:
    invited.tell(messages.SpeechStarted(1)).tell(messages.SpeechEnded(Interpretation({invited.answer: 0.99})))
    assert invited.phase is Phase.SLEEP and not invited.dialogue.course.has_begun


@pytest.mark.parametrize(
    ("command", "voice_ms"), [(Spoken.START, LONGEST_CALL_MS + 20), (Spoken.REPEAT, 600), (Spoken.STOP, 500)]
)
def test_talk_that_ends_in_the_word_begins_nothing(invited: Drill, command: Spoken, voice_ms: int) -> None:
    """Another tablet's invitation ends in "or say: start"; its "say it again" is no command either."""
    invited.tell(messages.SpeechStarted(1)).tell(
        messages.SpeechEnded(Interpretation(command=command), voice_ms=voice_ms)
    )
    assert invited.phase is Phase.SLEEP and not invited.dialogue.course.has_begun


def test_the_start_command_ends_the_turn_early(invited: Drill) -> None:
    invited.tell(messages.SpeechStarted(1))
    patience_ms = invited.dialogue.silence_limit_ms
    invited.tell(messages.InterimResult(Interpretation(command=Spoken.START), silence_ms=PAUSE_MS, spoken_ms=500))
    assert invited.dialogue.silence_limit_ms == SETTINGS.endpointing.complete_ms < patience_ms


def test_an_invitation_is_said_again_a_few_times_and_no_more(invited: Drill) -> None:
    invited.wait(24 * 3_600_000)
    assert len(invited.all(Say)) == INVITATIONS
    assert invited.phase is Phase.SLEEP
    invited.tell(messages.SpeechEnded(Interpretation(command=Spoken.START)))
    assert invited.said[0] == "greeting-1"


def test_a_lost_line_begins_nothing_by_itself(invited: Drill) -> None:
    invited.tell(messages.Disconnected()).tell(messages.Resumed())
    assert invited.said == ["invitation-1"] and not invited.dialogue.course.has_begun


def test_a_drill_goes_on_where_its_steps_lead() -> None:
    drill = Drill().start().answer_right().answer_wrong()
    course = drill.dialogue.course
    again = Drill()
    again.dialogue = Dialogue(Course.replay(CALM.practice((2, 7), seed=1), CALM, course.steps), again.clips, SETTINGS)
    assert again.phase is Phase.SUSPENDED
    again.tell(messages.Resumed())
    assert again.said[0] == "resumed-1" and again.dialogue.question == drill.dialogue.question
    assert (again.say.number, again.say.correct, again.say.total) == (3, 1, 2)
    again.command(Spoken.APPEAL)
    assert (again.verdict.turn, again.verdict.correct) == (drill.verdict.turn, 2)
    again.answer_right()
    assert again.verdict.turn > drill.verdict.turn
