"""Speech of espeak-ng, each time in a process of its own: earlier speech changes how it says the next."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from training.espeak import Espeak


def said(text: str, voice: str) -> tuple[np.ndarray, int]:
    """Return samples, -1..1, and their rate in Hz."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_say, text, voice).result()


def _say(text: str, voice: str) -> tuple[np.ndarray, int]:
    espeak = Espeak()
    return espeak.speak(text, voice, words_per_minute=150, pitch=50), espeak.rate_hz
