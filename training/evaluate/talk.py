"""Talk around a drill, made of people's words (int16)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.wav import read_wav
from server.audio import SAMPLE_RATE

# The words of a sentence, and the seconds between them.
SENTENCE_WORDS, SENTENCE_GAP_S = (3, 6), (0.02, 0.15)
# People who talk at once, and for how long.
BABBLERS, BABBLE_S = 6, (0.8, 2.2)
# The peak of babble, in int16 units: as loud as an answer.
LOUD = 12_000


def words(folder: Path) -> list[np.ndarray]:
    return [read_wav(path) for path in sorted(folder.glob("*.wav"))]


def sentence(spoken: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Join several words, in one breath."""
    parts: list[np.ndarray] = []
    for which in rng.integers(len(spoken), size=rng.integers(*SENTENCE_WORDS)):
        parts += [spoken[which], np.zeros(int(rng.uniform(*SENTENCE_GAP_S) * SAMPLE_RATE), np.int16)]
    return np.concatenate(parts[:-1])


def babble(spoken: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Mix several people, equally loud, from anywhere in their words."""
    size = int(rng.uniform(*BABBLE_S) * SAMPLE_RATE)
    mixed = np.zeros(size)
    for which in rng.integers(len(spoken), size=BABBLERS):
        voice = np.resize(spoken[which], size) / max(1, np.abs(spoken[which]).max())
        mixed += np.roll(voice, int(rng.integers(size)))
    return (mixed * LOUD / np.abs(mixed).max()).astype(np.int16)
