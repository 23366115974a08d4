"""The rise at the end of a question."""

import numpy as np
import pytest

pytest.importorskip("parselmouth")

from training.intonation import END_RATIO, rising  # noqa: E402


def test_the_end_rises_and_the_beginning_stays() -> None:
    times = np.linspace(0, 1, 11)
    falling = np.linspace(260, 160, 11)
    bent = rising(times, falling)
    assert list(bent[:6]) == list(falling[:6])
    assert bent[-1] == pytest.approx(np.median(falling) * END_RATIO)
    assert all(np.diff(bent[-4:]) > 0)
