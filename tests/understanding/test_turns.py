"""Several numbers in one breath."""

import pytest

from server.drill.judging import JudgingSettings, Verdict, judge
from server.understanding.turns import digit_by_digit, meant


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ((5, 6), 56),
        ((1, 0, 8), 108),
        ((1, 56), 156),
        ((6, 6), 66),
        ((5, 0), 50),
        ((0, 5), None),
        ((50, 6), None),
        ((48, 56), None),
        ((5, 100), None),
        ((8, 56), None),
        ((4, 0, 1), None),
        ((1, 10, 8), None),
    ],
)
def test_what_is_said_digit_by_digit(said: tuple[int, ...], number: int | None) -> None:
    assert digit_by_digit(said, 400) == number


@pytest.mark.parametrize(
    ("said", "paused", "asked", "verdict"),
    [
        ((5, 6), False, 56, Verdict.CORRECT),
        ((5, 6), True, 56, Verdict.CORRECT),
        ((5, 6), True, 6, Verdict.CORRECT),
        ((5, 6), False, 6, Verdict.UNSURE),
        ((5, 6), False, 5, Verdict.UNSURE),
        ((5, 6), True, 5, Verdict.UNSURE),
        ((5, 6), False, 21, Verdict.UNSURE),
        ((48, 56), True, 56, Verdict.CORRECT),
        ((48, 56), False, 56, Verdict.UNSURE),
        ((48, 56), True, 48, Verdict.UNSURE),
        ((6, 24), False, 24, Verdict.CORRECT),
        ((7, 24), False, 24, Verdict.UNSURE),
        ((6, 24), False, 6, Verdict.UNSURE),
        ((2, 3, 6), False, 6, Verdict.CORRECT),
        ((1, 4, 4), False, 144, Verdict.CORRECT),
        ((1, 4, 4), False, 4, Verdict.CORRECT),
        ((48, 56), True, 21, Verdict.UNSURE),
        ((56, 56), False, 56, Verdict.CORRECT),
        ((56, 56), False, 48, Verdict.WRONG),
    ],
)
def test_two_numbers_are_right_digit_by_digit_or_as_a_correction_and_never_wrong(
    said: tuple[int, ...], paused: bool, asked: int, verdict: Verdict
) -> None:
    meanings = meant(said, paused, 400)
    assert sum(meanings.values()) <= 1
    assert judge(meanings, asked).verdict is verdict
    # Not even if it is said again.
    assert (judge(meanings, asked, JudgingSettings(), said=meanings).verdict is Verdict.WRONG) is (
        verdict is Verdict.WRONG
    )
