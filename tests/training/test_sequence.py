"""A number read from its sounds."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("parselmouth")

from training.sequence import by_sounds  # noqa: E402

pytestmark = pytest.mark.torch

SPELT = [(6, [1, 2]), (16, [1, 2, 3]), (60, [1, 2, 4])]


@pytest.mark.parametrize(
    ("heard", "number"), [([1, 1, 0, 2, 0, 0], 6), ([1, 0, 2, 2, 0, 3], 16), ([0, 1, 2, 0, 4, 4], 60)]
)
def test_the_number_whose_sounds_are_heard(heard: list[int], number: int) -> None:
    chances = np.full((len(heard), 5), 0.02)
    chances[range(len(heard)), heard] = 0.92
    assert by_sounds(np.log(chances), SPELT) == number
