"""What an utterance comes to. Beliefs in, decisions out."""

import pytest

from server.dialogue.turn import decide
from server.drill.facts import Fact
from server.drill.judging import Judgement, JudgingSettings, Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

ASKED, MISTAKEN = Fact(7, 8), Fact(6, 9)
SETTINGS = JudgingSettings(correct_at=0.5, wrong_at=0.96, again_at=0.9, expected_below=0.02)


@pytest.mark.parametrize(
    ("numbers", "damaged", "verdict"),
    [
        ({56: 0.97}, False, Verdict.CORRECT),
        ({56: 0.97}, True, Verdict.CORRECT),
        ({54: 0.97}, False, Verdict.WRONG),
        ({54: 0.97}, True, Verdict.UNSURE),
        ({}, False, Verdict.UNSURE),
    ],
)
def test_a_number_is_an_answer(numbers: dict[int, float], damaged: bool, verdict: Verdict) -> None:
    decided = decide(Interpretation(numbers), ASKED, None, SETTINGS, damaged)
    assert isinstance(decided, Judgement) and decided.verdict is verdict


BEGINNINGS = {50: frozenset({6}), 5: frozenset({6})}


@pytest.mark.parametrize(
    ("heard", "begun", "verdict"),
    [
        ({50: 0.99}, None, Verdict.UNSURE),
        ({50: 0.99}, 50, Verdict.UNSURE),
        ({5: 0.99}, None, Verdict.UNSURE),
        ({6: 0.99}, None, Verdict.WRONG),
        ({6: 0.99}, 50, Verdict.CORRECT),
        ({6: 0.3, 56: 0.3}, 50, Verdict.CORRECT),
        ({56: 0.99}, 50, Verdict.CORRECT),
        ({54: 0.99}, 50, Verdict.WRONG),
        ({6: 0.99}, 5, Verdict.CORRECT),
        ({8: 0.99}, 50, Verdict.UNSURE),
        ({8: 0.99}, 5, Verdict.WRONG),
    ],
)
def test_a_beginning_of_the_answer_is_never_wrong_and_is_joined_with_the_rest(
    heard: dict[int, float], begun: int | None, verdict: Verdict
) -> None:
    decided = decide(Interpretation(heard, beginnings=BEGINNINGS), ASKED, None, SETTINGS, begun=begun)
    assert isinstance(decided, Judgement) and decided.verdict is verdict


@pytest.mark.parametrize("command", [Spoken.REPEAT, Spoken.SKIP, Spoken.STOP, Spoken.START])
def test_a_command_is_obeyed_whatever_was_said_beside_it(command: Spoken) -> None:
    assert decide(Interpretation({56: 0.9}, command), ASKED, MISTAKEN, SETTINGS) is command


@pytest.mark.parametrize(
    ("numbers", "decided"),
    [({}, Spoken.APPEAL), ({54: 0.9}, Spoken.APPEAL), ({54: 0.1, 45: 0.6}, Spoken.APPEAL), ({45: 0.95}, Spoken.REPEAT)],
)
def test_a_mistake_can_be_contested_unless_another_number_is_claimed(
    numbers: dict[int, float], decided: Spoken
) -> None:
    assert decide(Interpretation(numbers, Spoken.APPEAL), ASKED, MISTAKEN, SETTINGS) is decided


def test_with_nothing_to_contest_it_is_an_answer() -> None:
    assert decide(Interpretation({56: 0.9}, Spoken.APPEAL), ASKED, None, SETTINGS) == Judgement(
        Verdict.CORRECT, 56, 0.9
    )
