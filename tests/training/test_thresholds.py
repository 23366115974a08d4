"""What a verdict costs, and that the search proposes only thresholds that the judge takes."""

from pathlib import Path

import pytest

from server.drill.judging import JudgingSettings
from server.speech.belief import Belief
from training.evaluate import Outcome

pytest.importorskip("parselmouth")

from training.thresholds import RIGHT_MARKED_WRONG, RIGHT_SHARE, UNSURE, WRONG_MARKED_RIGHT, candidates, cost  # noqa: E402

SETTINGS = JudgingSettings(correct_at=0.4, wrong_at=0.8, expected_below=0.02)


def outcome(said: int, heard: dict[int, float]) -> Outcome:
    return Outcome(Path(f"{said}.wav"), said, Belief(heard), 0.0)


def test_each_mistake_costs_what_it_should() -> None:
    # 11 has four likely questions: 1, 10, 12 and 21.
    found = cost([outcome(11, {11: 0.95}), outcome(11, {7: 0.9}), outcome(11, {11: 0.5, 12: 0.45}), outcome(11, {})], SETTINGS)
    assert (found.right_wrong, found.right_unsure) == (1 / 4, 1 / 4)
    # Of sixteen wrong answers one is taken for right; unsure are three beside it and all four to the clip unheard.
    assert (found.wrong_right, found.wrong_unsure) == (1 / 16, 7 / 16)
    assert found.expected == pytest.approx(
        RIGHT_SHARE * (RIGHT_MARKED_WRONG / 4 + UNSURE / 4)
        + (1 - RIGHT_SHARE) * (WRONG_MARKED_RIGHT / 16 + UNSURE * 7 / 16)
    )


def test_a_right_answer_marked_wrong_is_the_dearest() -> None:
    assert RIGHT_SHARE * RIGHT_MARKED_WRONG > (1 - RIGHT_SHARE) * WRONG_MARKED_RIGHT > UNSURE


def test_the_product_uses_one_of_the_candidates() -> None:
    assert JudgingSettings() in list(candidates())
