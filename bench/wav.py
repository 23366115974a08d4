"""Read recordings of any rate as a microphone would bring them."""

import wave
from pathlib import Path

import numpy as np

from server.audio import SAMPLE_BYTES, SAMPLE_RATE
from server.voices.sound import resampled


def read_wav(path: Path) -> np.ndarray:
    """Return the clip as mono int16 samples at 16 kHz.

    Raises ValueError unless it has 16 bits a sample, wave.Error if it is no wav.
    """
    with wave.open(str(path)) as clip:
        if clip.getsampwidth() != SAMPLE_BYTES:
            raise ValueError(f"{path} must have 16 bits a sample")
        rate, channels = clip.getframerate(), clip.getnchannels()
        samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2").reshape(-1, channels).mean(axis=1)
    return np.clip(np.rint(resampled(samples, rate, SAMPLE_RATE)), -32768, 32767).astype(np.int16)
