"""Modes in the conversation: time limits, gaps, no feedback, and the end."""

import pytest

from server.dialogue import messages
from server.dialogue.messages import Finished, Say
from server.dialogue.state import Phase
from server.drill.judging import Verdict
from server.drill.knowledge import Status
from server.drill.modes import CALM, CHECK, MODES, PLACEMENT, RECITATION, Mode
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import SETTINGS, Drill

TIMED = MODES["timed-6"]


def test_a_calm_drill_shows_no_clock() -> None:
    drill = Drill().start().answer_right()
    assert (drill.say.answer_ms, drill.say.gap_ms) == (None, 0)


def test_when_the_time_is_over_the_fact_is_told_and_the_next_question_asked() -> None:
    drill = Drill(mode=TIMED).start()
    left, right = drill.dialogue.question
    assert drill.say.answer_ms == 6000
    drill.listen().wait(5999)
    assert drill.verdicts == []
    drill.wait(1)
    assert drill.verdicts == [Verdict.SILENCE]
    assert drill.said[:2] == ["lesson-1", f"fact-{left}-{right}"]
    assert drill.dialogue.question != (left, right)
    assert drill.dialogue.course.score.total == 0


def test_a_voice_in_time_is_heard_to_its_end() -> None:
    drill = Drill(mode=TIMED).start().listen().wait(5900)
    drill.speak().wait(1000).end(Interpretation({drill.answer: 0.9}))
    assert drill.verdicts == [Verdict.CORRECT]


def test_a_timed_drill_sleeps_without_a_child() -> None:
    drill = Drill(mode=TIMED).start()
    for _ in range(4):
        drill.listen().wait(6000)
    assert drill.listen().phase is Phase.SLEEP


@pytest.mark.parametrize("mode", [CHECK, PLACEMENT], ids=lambda mode: mode.name)
def test_some_modes_say_nothing_of_right_and_wrong(mode: Mode) -> None:
    drill = Drill(mode=mode).start()
    for turn in (
        drill.answer_right,
        drill.answer_wrong,
        lambda: drill.command(Spoken.SKIP),
        lambda: drill.listen().wait(mode.answer_ms),
    ):
        turn()
        # Questions of larger tables are joined from two clips.
        assert drill.said[-1].startswith("question-") or drill.said[-1].startswith("asked-") and len(drill.said) == 2


def test_the_check_has_25_questions_with_a_gap_between_them() -> None:
    drill = Drill(mode=CHECK).start()
    assert (drill.say.gap_ms, drill.say.count) == (0, 25)
    drill.answer_right()
    assert drill.say.gap_ms == 3000
    drill.wait(CHECK.gap_ms + drill.say.duration_ms + SETTINGS.played_grace_ms - 1)
    assert drill.phase is Phase.PROMPT
    drill.wait(1)
    assert drill.phase is Phase.ECHO_GUARD
    for _ in range(24):
        drill.answer_right()
    (finished,) = drill.all(Finished)
    assert (finished.correct, finished.total) == (25, 25)


def test_a_check_is_out_of_all_its_questions() -> None:
    drill = Drill(mode=CHECK).start()
    for number in range(1, 26):
        if number % 2:
            drill.answer_right()
        else:
            drill.listen().wait(CHECK.answer_ms)
    (finished,) = drill.all(Finished)
    assert (finished.correct, finished.total) == (drill.say.correct, drill.say.total) == (13, 25)
    assert sum(tally.wrong for _, tally in finished.tallies) == 0, "silence is not wrong, though"


def test_a_recitation_ends_with_its_table() -> None:
    drill = Drill(mode=RECITATION, tables=(7,)).start()
    for line in range(1, 11):
        assert drill.dialogue.question == (7, line)
        drill.answer_right()
    assert drill.phase is Phase.FINISHED


@pytest.mark.parametrize("minutes", [2, 5, 10])
def test_a_session_ends_within_a_question_of_its_time(minutes: int) -> None:
    drill = Drill(minutes=minutes).start()
    began_ms = asked_ms = drill.now_ms
    while drill.phase is not Phase.FINISHED:
        asked_ms = drill.now_ms
        drill.answer_right()
    assert asked_ms - began_ms < minutes * 60_000 <= drill.now_ms - began_ms


def test_how_much_of_its_time_is_over_is_told_with_each_question() -> None:
    drill = Drill(minutes=2).start()
    drill.answer_right().answer_right().wait(60_000)
    gone = [say.time_gone for say in drill.all(Say)]
    assert gone[0] == 0.0 and gone == sorted(gone) and 0.4 < gone[-1] < 0.6
    assert Drill(questions=5).start().say.time_gone is None


def test_the_end_says_what_became_stronger() -> None:
    drill = Drill(tables=(7,)).start().answer_wrong()
    missed = drill.verdict.attempt.fact
    while drill.dialogue.question != (missed.left, missed.right):
        drill.answer_right()
    drill.answer_right().command(Spoken.STOP)
    (finished,) = drill.all(Finished)
    assert missed in finished.stronger


def test_the_end_of_a_placement_says_how_each_fact_stands() -> None:
    drill = Drill(mode=PLACEMENT).start().answer_right().command(Spoken.STOP)
    (finished,) = drill.all(Finished)
    assert len(finished.placed) == 100 and finished.placed[drill.verdict.attempt.fact] is not Status.NEW
    assert Drill().start().answer_right().command(Spoken.STOP).all(Finished)[0].placed == {}


def test_help_makes_the_response_time_unknown() -> None:
    drill = Drill().start()
    for _ in range(2):
        drill.listen().wait(SETTINGS.thinking_ms)
    assert drill.answer_right().verdict.attempt.response_ms is None
    assert drill.answer_right().verdict.attempt.response_ms == 800


def test_an_appeal_reaches_the_memory() -> None:
    drill = Drill(mode=CALM).start().answer_wrong().command(Spoken.APPEAL)
    knowledge = drill.dialogue.course.practice.knowledge
    assert knowledge.memories[drill.verdict.attempt.fact].latest_right


def test_after_a_break_the_session_s_time_has_gone_on() -> None:
    drill = Drill(minutes=2).start().tell(messages.Disconnected()).wait(120_000).tell(messages.Resumed())
    assert drill.answer_right().phase is Phase.FINISHED
