"""A 150 Hz high-pass before the voice detector. Hum and handling noise would open its gate; voices lose nothing."""

import numpy as np

from . import SAMPLE_BYTES, SAMPLE_RATE

CUTOFF_HZ = 150.0
# A chunk of the page, 60 ms, is filtered in one go.
BLOCK = SAMPLE_RATE * 60 // 1000


def _butterworth(cutoff_hz: float) -> tuple[complex, complex, float]:
    """A second-order Butterworth high-pass (bilinear transform) as direct + 2 Re(residue / (1 - pole / z))."""
    k = np.tan(np.pi * cutoff_hz / SAMPLE_RATE)
    scale = 1 / (1 + np.sqrt(2) * k + k * k)
    back_1, back_2 = 2 * (k * k - 1) * scale, (1 - np.sqrt(2) * k + k * k) * scale
    pole = complex(-back_1 / 2, np.sqrt(back_2 - back_1 * back_1 / 4))
    residue = scale * (1 - 1 / pole) ** 2 / (1 - pole.conjugate() / pole)
    return pole, residue, scale / back_2


_POLE, _RESIDUE, _DIRECT = _butterworth(CUTOFF_HZ)
# The recursion s[n] = pole * s[n - 1] + x[n] without a loop: s[n] / pole^n is a running sum. Its rounding errors fade
# as fast as the samples. The powers reach 3e17. A call costs more than its samples.
_POWERS = _POLE ** np.arange(BLOCK)
_INVERSE = 1 / _POWERS
_WEIGHTED = 2 * _RESIDUE * _POWERS


class HighPass:
    """A filter for consecutive pieces of one stream. It keeps only the state of its complex pole."""

    def __init__(self) -> None:
        self._state = 0j

    def filter(self, pcm: bytes) -> bytes:
        """Return the sound (int16 mono, 16 kHz) without frequencies below `CUTOFF_HZ`; same length."""
        size = BLOCK * SAMPLE_BYTES
        return b"".join([self._filter(pcm[start : start + size]) for start in range(0, len(pcm), size)])

    def _filter(self, pcm: bytes) -> bytes:
        samples = np.frombuffer(pcm, "<i2")
        size = len(samples)
        sums = np.add.accumulate(samples * _INVERSE[:size]) + _POLE * self._state
        self._state = complex(sums[-1] * _POWERS[size - 1])
        filtered = _DIRECT * samples + (_WEIGHTED[:size] * sums).real
        return np.maximum(np.minimum(np.rint(filtered), 32767), -32768).astype("<i2").tobytes()
