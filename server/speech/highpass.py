"""A 150 Hz high-pass in front of the voice detector: hum and handling noise open its gate, voices lose nothing."""

import numpy as np

from . import SAMPLE_RATE

CUTOFF_HZ = 150.0
# The impulse response has fallen by more than 90 dB after 15 ms.
_TAPS = SAMPLE_RATE * 15 // 1000


def _butterworth_response(cutoff_hz: float, taps: int) -> np.ndarray:
    """Impulse response of a second-order Butterworth high-pass (bilinear transform), cut after `taps` samples.

    Written as a finite filter so that a frame is one convolution instead of a loop over its samples.
    """
    k = np.tan(np.pi * cutoff_hz / SAMPLE_RATE)
    scale = 1 / (1 + np.sqrt(2) * k + k * k)
    forward = np.array([1, -2, 1]) * scale
    back_1, back_2 = 2 * (k * k - 1) * scale, (1 - np.sqrt(2) * k + k * k) * scale
    response = np.zeros(taps)
    for n in range(taps):
        response[n] = (forward[n] if n < 3 else 0.0) - back_1 * response[n - 1] * (n > 0) - back_2 * response[n - 2] * (n > 1)
    return response.astype(np.float32)


_RESPONSE = _butterworth_response(CUTOFF_HZ, _TAPS)


class HighPass:
    """Filters consecutive frames of one stream; keeps the end of the last frame as its only state."""

    def __init__(self) -> None:
        self._tail = np.zeros(_TAPS - 1, np.float32)

    def filter(self, frame: bytes) -> bytes:
        """The frame (int16 mono, 16 kHz) without what lies below `CUTOFF_HZ`; same length."""
        samples = np.concatenate([self._tail, np.frombuffer(frame, "<i2").astype(np.float32)])
        self._tail = samples[-(_TAPS - 1):]
        filtered = np.convolve(samples, _RESPONSE, "valid")
        return np.clip(np.rint(filtered), -32768, 32767).astype("<i2").tobytes()
