"""Silence, and utterances that are not understood."""

import pytest

from server.dialogue import messages
from server.dialogue.escalation import Escalation, Help
from server.dialogue.messages import Judged
from server.dialogue.state import Phase
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import SETTINGS, Drill

FACT = Fact(7, 8)


def test_the_same_number_said_again_is_an_answer(drill: Drill) -> None:
    faint, clearer = Interpretation({drill.wrong_answer: 0.7}), Interpretation({drill.wrong_answer: 0.85})
    drill.listen().utter(faint).listen().utter(Interpretation({drill.wrong_answer + 1: 0.85}))
    assert drill.verdicts == [Verdict.UNSURE] * 2
    assert drill.listen().utter(clearer).verdicts[-1] is Verdict.WRONG
    # For the next question the number counts as said for the first time.
    assert drill.listen().utter(Interpretation({drill.wrong_answer: 0.85})).verdicts[-1] is Verdict.UNSURE


def test_a_right_answer_after_unsure_counts_once(drill: Drill) -> None:
    drill.mumble().answer_right()
    assert (drill.verdict.correct, drill.verdict.total) == (1, 1)


def test_silence_is_met_with_the_question_a_hint_a_lesson_and_sleep(drill: Drill) -> None:
    left, right = drill.dialogue.question
    question = f"question-{left}-{right}"
    assert drill.listen().wait(SETTINGS.thinking_ms).said == [question]
    hint = drill.listen().wait(SETTINGS.thinking_ms).said
    assert (hint[0], hint[2]) == ("hint-1", question)
    assert hint[1] in (f"fact-{left}-{right - 1}", f"fact-{left}-2")
    assert drill.listen().wait(SETTINGS.thinking_ms).said == ["lesson-1", f"fact-{left}-{right}", question]
    assert drill.listen().wait(SETTINGS.thinking_ms).said == ["sleep-1"]
    assert drill.say.expects == "command"
    assert drill.listen().phase is Phase.SLEEP
    assert drill.verdicts == [Verdict.SILENCE] * 4
    assert drill.wait(3_600_000).phase is Phase.SLEEP


@pytest.mark.parametrize(
    ("interpretation", "wakes"),
    [
        (Interpretation(command=Spoken.START), True),
        (Interpretation(command=Spoken.REPEAT), True),
        (Interpretation({5: 0.9}), True),
        (Interpretation({5: 0.3}), False),
        (Interpretation(), False),
    ],
)
def test_what_wakes_a_sleeping_drill(drill: Drill, interpretation: Interpretation, wakes: bool) -> None:
    question = drill.dialogue.question
    for _ in range(4):
        drill.listen().wait(SETTINGS.thinking_ms)
    drill.listen().speak().end(interpretation)
    assert (drill.phase is Phase.PROMPT) is wakes
    assert drill.dialogue.question == question
    assert drill.dialogue.course.score.total == 0


def test_a_tap_wakes_and_is_an_answer(drill: Drill) -> None:
    for _ in range(4):
        drill.listen().wait(SETTINGS.thinking_ms)
    drill.listen().tell(messages.Tapped(drill.answer))
    assert drill.verdicts[-1] is Verdict.CORRECT
    # Each is a turn of its own: otherwise the store would take the answer for a stored one.
    assert [judged.turn for judged in drill.all(Judged)] == [1, 2, 3, 4, 5]


def test_a_child_who_is_not_understood_at_all_is_asked_again(drill: Drill) -> None:
    assert drill.listen().utter(Interpretation(), voice_ms=600).said[0] == "reprompt-1"
    assert drill.verdicts == [Verdict.UNSURE]


def test_a_fact_that_had_to_be_taught_comes_back(drill: Drill) -> None:
    question = drill.dialogue.question
    for _ in range(3):
        drill.listen().wait(SETTINGS.thinking_ms)
    drill.answer_right()
    assert question in [drill.answer_right().dialogue.question for _ in range(3)]


def test_a_cough_costs_no_try_and_no_time_to_think(drill: Drill) -> None:
    drill.listen().wait(SETTINGS.thinking_ms - 1000)
    drill.utter(Interpretation({5: 0.05}), voice_ms=180)
    assert (drill.phase, drill.verdicts) == (Phase.LISTEN, [])
    assert drill.wait(1000).verdicts == [Verdict.SILENCE]


def test_help_grows_and_starts_anew_after_speech() -> None:
    escalation = Escalation()
    assert [escalation.silent(in_time=False) for _ in range(5)] == [
        Help.NONE,
        Help.HINT,
        Help.LESSON,
        Help.SLEEP,
        Help.NONE,
    ]
    escalation.silent(in_time=False)
    assert escalation.has_helped
    escalation.answered()
    assert not escalation.has_helped
    assert escalation.silent(in_time=False) is Help.NONE


def test_where_time_is_short_each_silence_ends_the_question() -> None:
    escalation = Escalation()
    assert [escalation.silent(in_time=True) for _ in range(4)] == [*[Help.ANSWER] * 3, Help.SLEEP]


def test_not_being_understood_is_counted_for_each_fact() -> None:
    escalation, unclear = Escalation(), Interpretation({5: 0.4})
    assert [escalation.unsure(unclear, FACT) for _ in range(4)] == [
        Help.REPROMPT,
        Help.REPROMPT,
        Help.KEYPAD,
        Help.REST,
    ]
    escalation.understood()
    assert escalation.unsure(unclear, FACT) is Help.REST
    assert escalation.unsure(unclear, Fact(3, 4)) is Help.REPROMPT


def test_a_fact_that_was_not_understood_before_is_helped_sooner_when_it_is_asked_again() -> None:
    escalation, unclear = Escalation(), Interpretation({5: 0.4})
    assert [escalation.unsure(unclear, FACT) for _ in range(2)] == [Help.REPROMPT, Help.REPROMPT]
    escalation.answered()
    escalation.next_question()
    assert [escalation.unsure(unclear, FACT) for _ in range(2)] == [Help.KEYPAD, Help.REST]


def test_something_like_a_number_shows_a_child_but_a_cough_does_not() -> None:
    escalation = Escalation()
    for interpretation, helps in ((Interpretation({5: 0.4}), Help.NONE), (Interpretation(), Help.HINT)):
        escalation.answered()
        escalation.silent(in_time=False)
        escalation.unsure(interpretation, FACT)
        assert escalation.silent(in_time=False) is helps
