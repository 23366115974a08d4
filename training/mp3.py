"""Encode clips as MP3, which every browser plays."""

import lameenc
import numpy as np

# Enough for one voice at 24 kHz. A language stays below 2 MB.
KBIT = 32


def to_mp3(samples: np.ndarray, rate_hz: int) -> bytes:
    """Encode samples in -1..1 as mono MP3."""
    encoder = lameenc.Encoder()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_out_sample_rate(rate_hz)
    encoder.set_bit_rate(KBIT)
    encoder.set_quality(2)
    encoder.silence()
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2")
    return bytes(encoder.encode(pcm.tobytes()) + encoder.flush())
