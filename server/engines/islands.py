"""Where, in the audio of an utterance, the words are."""

from itertools import pairwise

import numpy as np

from ..speech import SAMPLE_RATE

_FRAME_MS = 20
_FRAME = SAMPLE_RATE * _FRAME_MS // 1000
# Soft consonants begin and end below the threshold: keep 200 ms around the words.
_MARGIN = 3200
# Words further apart than this are said on their own. Within a number the longest silences, before a t or k, take
# 120 ms.
PAUSE_MS = 300
# What is shorter than this, between pauses, is a click, and what is so much fainter than the loudest word is a
# breath or a rustle: in home recordings they follow many a number, 20 dB and more below it.
SHORTEST_MS = 80
FAINT_DB = 15


def islands_of_speech(samples: np.ndarray) -> list[np.ndarray]:
    """The parts of an utterance (float32, 16 kHz) that stand out from the background, cut apart at its pauses."""
    level = _levels(samples)
    if not len(level):
        return []
    # 30 dB below the loudest frame, or above the background if that is louder, but never within 12 dB of the loudest.
    threshold = max(level.max() - 30, min(np.percentile(level, 10) + 6, level.max() - 12))
    loud = np.flatnonzero(level > threshold)
    breaks = [0, *(np.flatnonzero(np.diff(loud) > PAUSE_MS // _FRAME_MS) + 1), len(loud)]
    spans = [(loud[first], loud[last - 1] + 1) for first, last in pairwise(breaks)]
    words = [
        (first, end) for first, end in spans
        if (end - first) * _FRAME_MS >= SHORTEST_MS and level[first:end].max() > level.max() - FAINT_DB
    ]
    return [_with_margins(samples, *span) for span in words]


def _with_margins(samples: np.ndarray, first: int, end: int) -> np.ndarray:
    return samples[max(0, first * _FRAME - _MARGIN):end * _FRAME + _MARGIN]


def _levels(samples: np.ndarray) -> np.ndarray:
    """Level of each 20 ms in dB, after a first difference that takes hum away."""
    frames = np.diff(samples, prepend=samples[:1])[:len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return 10 * np.log10(np.mean(frames ** 2, axis=1) + 1e-9)
