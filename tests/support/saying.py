"""Speech of espeak-ng, each time in a process of its own: earlier speech changes how it says the next."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np

from training.espeak import Espeak


def said(text: str, voice: str) -> tuple[np.ndarray, int]:
    """Return samples, -1..1, and their rate in Hz."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_say, text, voice).result()


def all_said(texts: Sequence[str], voice: str) -> list[tuple[np.ndarray, int]]:
    """Each text as `said` says it. It is quick: forks of one process that has said nothing say it."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_say_all, texts, voice).result()


def _say_all(texts: Sequence[str], voice: str) -> list[tuple[np.ndarray, int]]:
    with get_context("fork").Pool(maxtasksperchild=1) as forks:
        return forks.map(partial(_say, voice=voice), texts, chunksize=1)


def _say(text: str, voice: str) -> tuple[np.ndarray, int]:
    espeak = Espeak()
    return espeak.speak(text, voice, words_per_minute=150, pitch=50), espeak.rate_hz
