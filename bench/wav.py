"""Reading recordings: whatever rate they were made at, they come as a microphone would bring them."""

import wave
from pathlib import Path

import numpy as np

from server.speech import SAMPLE_BYTES, SAMPLE_RATE


def read_wav(path: Path) -> np.ndarray:
    """The clip as mono int16 samples at 16 kHz.

    Raises ValueError unless it has 16 bits a sample, wave.Error if it is no wav.
    """
    with wave.open(str(path)) as clip:
        if clip.getsampwidth() != SAMPLE_BYTES:
            raise ValueError(f"{path} must have 16 bits a sample")
        rate, channels = clip.getframerate(), clip.getnchannels()
        samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2").reshape(-1, channels).mean(axis=1)
    if rate != SAMPLE_RATE:
        samples = _resampled(samples, rate)
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def _resampled(samples: np.ndarray, rate: int) -> np.ndarray:
    """By cutting or padding the spectrum: exact for a clip that begins and ends in silence."""
    size = round(len(samples) * SAMPLE_RATE / rate)
    return np.fft.irfft(np.fft.rfft(samples)[:size // 2 + 1], size) * (size / len(samples))
