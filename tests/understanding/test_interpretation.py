"""From a recogniser's hypothesis to what a child may have meant."""

import pytest

from server.languages import load_language
from server.understanding.hypothesis import Hypothesis
from server.understanding.interpretation import COMMAND_AT, Interpretation, interpret
from server.understanding.lexicon import Spoken

LEXICON = load_language("en").lexicon


def test_an_operand_is_a_number_like_any_other() -> None:
    """A child who says "six" to two sixes is told that it is wrong; the echo guard removes the tablet's own voice."""
    heard = {6: 0.99, 12: 0.0001}
    assert interpret(Hypothesis(heard), LEXICON, question=(2, 6)).numbers == heard


@pytest.mark.parametrize(("question", "answer"), [((1, 7), 7), ((7, 1), 7), ((1, 1), 1)])
def test_an_answer_that_is_also_an_operand_counts(question: tuple[int, int], answer: int) -> None:
    assert interpret(Hypothesis({answer: 0.9}), LEXICON, question).best == (answer, 0.9)


def test_text_is_read_with_its_commands_and_its_confidence() -> None:
    assert interpret(Hypothesis(text="fifty six", confidence=0.7), LEXICON, (7, 8)) == Interpretation({56: 0.7})
    assert interpret(Hypothesis(text="say it again"), LEXICON, (7, 8)).command is Spoken.REPEAT
    assert interpret(Hypothesis(text="seven eights"), LEXICON, (7, 8)).is_nothing


def test_text_of_several_numbers_means_the_digits_or_the_last() -> None:
    assert interpret(Hypothesis(text="five six", confidence=0.8), LEXICON).numbers == pytest.approx(
        {56: 0.352, 6: 0.36}
    )
    assert interpret(Hypothesis(text="forty eight fifty six", confidence=0.8), LEXICON).numbers == pytest.approx(
        {56: 0.36}
    )


def test_a_beginning_of_the_answer_is_told_from_other_numbers() -> None:
    for question, beginning in (((7, 8), 50), ((6, 9), 50), ((6, 8), None), (None, None)):
        assert interpret(Hypothesis({50: 0.9, 54: 0.05}), LEXICON, question).beginning == beginning
    assert interpret(Hypothesis({50: 0.4}), LEXICON, (7, 8)).beginning is None


def test_what_completes_a_beginning_is_the_answer() -> None:
    interpretation = interpret(Hypothesis({6: 0.7, 56: 0.1, 50: 0.2}), LEXICON, (7, 8))
    assert interpretation.completing(50, 56).numbers == pytest.approx({56: 0.8, 50: 0.2})
    assert interpretation.completing(40, 56) == interpretation.completing(None, 56) == interpretation


@pytest.mark.parametrize("command", [Spoken.REPEAT, Spoken.SKIP, Spoken.STOP, Spoken.START])
def test_a_command_that_is_clearly_heard_leaves_no_number(command: Spoken) -> None:
    interpretation = interpret(Hypothesis({20: 0.1}, {command: COMMAND_AT}), LEXICON, (7, 8))
    assert interpretation == Interpretation(command=command)
    assert not interpretation.is_nothing


def test_an_unclear_command_is_none() -> None:
    assert interpret(Hypothesis({56: 0.25}, {Spoken.STOP: 0.7}), LEXICON, (7, 8)) == Interpretation({56: 0.25})


def test_no_alone_takes_the_answer_back() -> None:
    assert interpret(Hypothesis({50: 0.15}, {Spoken.CORRECTION: 0.85}), LEXICON, (7, 8)) == Interpretation()


@pytest.mark.parametrize("commands", [{}, {Spoken.CORRECTION: 0.0}, {Spoken.STOP: 0.05}])
def test_an_appeal_keeps_its_numbers(commands: dict[Spoken, float]) -> None:
    assert interpret(Hypothesis({56: 0.9}, commands, appeal=0.9), LEXICON, (7, 9)) == Interpretation(
        {56: 0.9}, Spoken.APPEAL
    )


def test_an_appeal_is_about_the_question_before() -> None:
    assert interpret(Hypothesis({7: 0.9}, appeal=0.9), LEXICON, question=(7, 8)).best == (7, 0.9)


def test_an_appeal_that_is_only_no_is_an_appeal() -> None:
    interpretation = interpret(Hypothesis({}, {Spoken.CORRECTION: 0.9}, appeal=0.9), LEXICON, (7, 8))
    assert interpretation.command is Spoken.APPEAL


def test_a_command_inside_an_objection_is_obeyed() -> None:
    assert interpret(Hypothesis({}, {Spoken.STOP: 0.9}, appeal=0.9), LEXICON, (7, 8)).command is Spoken.STOP


def test_an_unclear_appeal_is_an_answer() -> None:
    assert interpret(Hypothesis({56: 0.9}, appeal=0.7), LEXICON, (7, 8)) == Interpretation({56: 0.9})


@pytest.mark.parametrize(("numbers", "nothing"), [({}, True), ({5: 0.1, 6: 0.05}, True), ({5: 0.15, 6: 0.1}, False)])
def test_a_cough_is_nothing_and_an_unclear_number_is_not(numbers: dict[int, float], nothing: bool) -> None:
    assert Interpretation(numbers).is_nothing is nothing


def test_a_ten_may_go_on() -> None:
    assert interpret(Hypothesis({20: 0.9}), LEXICON).extendable
    assert not interpret(Hypothesis({24: 0.9}), LEXICON).extendable
