"""espeak-ng's library, of which a process has but one."""

import numpy as np

from training.espeak import Espeak


def test_each_speaks_though_there_are_others() -> None:
    """The library has one callback: what one is to say must not go to another, nor to one that is gone."""
    first, second = Espeak(), Espeak()
    heard = [espeak.speak("fifty six", "gmw/en", 150, 50) for espeak in (first, second, first)]
    assert all(len(samples) > first.rate_hz / 4 and np.abs(samples).max() > 0.1 for samples in heard)
    del second
    assert len(first.speak("fifty six", "gmw/en", 150, 50)) > first.rate_hz / 4
