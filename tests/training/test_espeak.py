"""espeak-ng's library, one for each process."""

import numpy as np

from training.espeak import Espeak


def test_each_speaks_though_there_are_others() -> None:
    """The library has one callback: speech for one instance must not go to another, nor to a deleted one."""
    first, second = Espeak(), Espeak()
    heard = [espeak.speak("fifty six", "gmw/en", 150, 50) for espeak in (first, second, first)]
    assert all(len(samples) > first.rate_hz / 4 and np.abs(samples).max() > 0.1 for samples in heard)
    del second
    assert len(first.speak("fifty six", "gmw/en", 150, 50)) > first.rate_hz / 4
