"""Appeals: "no, I said fifty-six" takes a verdict back."""

import pytest

from server.dialogue.messages import Finished
from server.dialogue.state import Phase
from server.drill.judging import Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import Drill


@pytest.mark.parametrize(
    "heard", [{0: 0.9}, {}, {0: 0.02, 5: 0.01}, {0: 0.4, 5: 0.6}], ids=["clearly", "alone", "faintly", "unsure"]
)
def test_an_appeal_corrects_the_score(drill: Drill, heard: dict[int, float]) -> None:
    right_answer = drill.answer
    drill.answer_wrong()
    turn, question = drill.verdict.turn, drill.dialogue.question
    drill.listen().utter(
        Interpretation({right_answer + beside: p for beside, p in heard.items()}, command=Spoken.APPEAL)
    )
    assert drill.verdict.turn == turn
    assert drill.verdict.attempt.verdict is Verdict.CORRECT
    assert (drill.verdict.correct, drill.verdict.total) == (1, 1)
    assert drill.said[0] == "misheard-1"
    assert drill.dialogue.question == question


def test_an_appeal_for_another_wrong_number_changes_nothing(drill: Drill) -> None:
    right_answer = drill.answer
    drill.answer_wrong().listen().utter(Interpretation({right_answer + 5: 0.9}, command=Spoken.APPEAL))
    assert (drill.verdict.correct, drill.verdict.total) == (0, 1)


def test_an_appeal_with_nothing_to_contest_is_an_answer(drill: Drill) -> None:
    drill.listen().utter(Interpretation({drill.answer: 0.9}, command=Spoken.APPEAL))
    assert drill.verdicts == [Verdict.CORRECT]
    assert drill.listen().utter(Interpretation(command=Spoken.APPEAL)).said[0] == "reprompt-1"


def test_only_the_last_answer_can_be_appealed_and_only_once(drill: Drill) -> None:
    drill.answer_wrong().answer_right().command(Spoken.APPEAL)
    assert (drill.verdict.correct, drill.verdict.total) == (1, 2)
    drill.answer_wrong().command(Spoken.APPEAL).command(Spoken.APPEAL)
    assert (drill.verdict.correct, drill.verdict.total) == (2, 3)


def test_the_last_answer_can_be_appealed_after_the_end() -> None:
    drill = Drill(questions=1).start().answer_wrong().command(Spoken.APPEAL)
    assert [(finished.correct, finished.total) for finished in drill.all(Finished)] == [(0, 1), (1, 1)]
    assert drill.phase is Phase.FINISHED


def test_an_appeal_leaves_what_was_told_of_the_end_as_it_was() -> None:
    drill = Drill(questions=1).start().answer_wrong().command(Spoken.APPEAL)
    assert [[(tally.correct, tally.wrong) for _, tally in told.tallies] for told in drill.all(Finished)] == [
        [(0, 1)],
        [(1, 0)],
    ]
