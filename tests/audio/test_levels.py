"""Find the words among frames of sound."""

import numpy as np
import pytest

from server.audio.trim import lasting_db, spoken_frames

QUIET, FAINT, LOUD = -60.0, -40.0, -10.0


def levels(*parts: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(frames, level) for level, frames in parts])


def test_a_click_is_not_the_loudest_level_that_lasts() -> None:
    assert lasting_db(levels((QUIET, 5), (0.0, 3), (QUIET, 5), (LOUD, 4)), 4) == LOUD


@pytest.mark.parametrize(
    ("sound", "spoken"),
    [
        (levels((QUIET, 5), (LOUD, 6), (QUIET, 5)), (5, 11)),
        (levels((LOUD, 6), (QUIET, 3), (LOUD, 6)), (0, 15)),
        (levels((LOUD, 6), (QUIET, 9), (LOUD, 6), (QUIET, 1)), (0, 21)),
        (levels((LOUD, 2), (QUIET, 9), (LOUD, 6)), (11, 17)),
        (levels((LOUD, 6), (QUIET, 9), (FAINT, 6)), (0, 6)),
        (levels((QUIET, 5), (LOUD, 2), (QUIET, 5)), None),
        (levels((QUIET, 5)), None),
    ],
    ids=["a word", "a pause within", "two words", "a click", "a breath", "a click alone", "nothing"],
)
def test_words_are_neither_clicks_nor_breaths(sound: np.ndarray, spoken: tuple[int, int] | None) -> None:
    assert spoken_frames(sound, threshold_db=-50, faint_db=-25, pause_frames=3, shortest_frames=4) == spoken
