"""Recordings of prompts as the page sends them: the standard voice, in a room."""

import numpy as np

from server.voices.wav import write_wav

from .recordings import RATE, number_samples


def spoken(language: str, number: int, loudness: float = 0.5, room: float = 0.0005) -> bytes:
    """Return a recording of `number`, with silence before and after."""
    clip = loudness * number_samples(language, number) / 32768
    sound = np.concatenate([np.zeros(RATE // 2), clip, np.zeros(RATE)])
    return write_wav(sound + room * np.random.default_rng(3).standard_normal(len(sound)), RATE)
