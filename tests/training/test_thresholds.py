"""What a verdict costs, and that the search proposes only thresholds that the judge takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.drill.judging import JudgingSettings, judge
from server.understanding.interpretation import Interpretation

pytest.importorskip("parselmouth")
pytest.importorskip("torch")

from training.calibrate import NONE_SHARE  # noqa: E402
from training.thresholds import (  # noqa: E402
    NOTHING_JUDGED,
    RIGHT_MARKED_WRONG,
    RIGHT_SHARE,
    UNSURE,
    WRONG_MARKED_RIGHT,
    Trial,
    candidates,
    cost,
    trial,
)

pytestmark = pytest.mark.torch

SETTINGS = JudgingSettings(correct_at=0.4, wrong_at=0.8, again_at=0.8, expected_below=0.02)


def asking(asked: int, *heard: dict[int, float]) -> list[Trial]:
    return [trial(Interpretation(numbers), asked) for numbers in heard]


def test_each_mistake_costs_what_it_should() -> None:
    right = asking(11, {11: 0.95}, {7: 0.9}, {11: 0.5, 12: 0.45}, {})
    wrong = asking(12, {11: 0.95}, {11: 0.7, 7: 0.1}, {11: 0.5, 12: 0.45}, {})
    found = cost(right, wrong, asking(11, {}, {8: 0.95}, {8: 0.7}, {11: 0.45}), SETTINGS)
    assert (found.right_wrong, found.right_unsure) == (1 / 4, 1 / 4)
    assert (found.wrong_right, found.wrong_unsure) == (1 / 4, 2 / 4)
    assert found.nothing_judged == 2 / 4
    answer = RIGHT_SHARE * (RIGHT_MARKED_WRONG / 4 + UNSURE / 4) + (1 - RIGHT_SHARE) * (
        WRONG_MARKED_RIGHT / 4 + UNSURE * 2 / 4
    )
    assert found.expected == pytest.approx((1 - NONE_SHARE) * answer + NONE_SHARE * NOTHING_JUDGED / 2)


def test_a_right_answer_marked_wrong_is_the_dearest() -> None:
    assert RIGHT_SHARE * RIGHT_MARKED_WRONG > (1 - RIGHT_SHARE) * WRONG_MARKED_RIGHT > UNSURE


def test_the_product_uses_one_of_the_candidates() -> None:
    assert JudgingSettings() in list(candidates())


@given(st.dictionaries(st.integers(0, 9), st.floats(0, 1)), st.integers(0, 9), st.sampled_from(list(candidates())))
def test_nothing_that_the_verdict_depends_on_is_left_out(
    numbers: dict[int, float], asked: int, settings: JudgingSettings
) -> None:
    [tried] = asking(asked, numbers)
    assert judge(*tried, settings).verdict is judge(numbers, asked, settings).verdict
