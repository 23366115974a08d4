"""Find the words of an utterance: sound that is loud and long enough, with its soft ends."""

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import SAMPLE_RATE


def lasting_db(levels_db: np.ndarray, frames: int) -> float:
    """Return the loudest level that lasts for `frames` frames. Clicks are shorter. Needs at least that many levels."""
    return float(sliding_window_view(levels_db, frames).min(axis=1).max())


def spoken_frames(
    levels_db: np.ndarray, threshold_db: float, faint_db: float, pause_frames: int, shortest_frames: int
) -> tuple[int, int] | None:
    """Return the first frame of the first word and the frame after the last word; None without words.

    A word is louder than the threshold, and more than `pause_frames` from the next. A sound shorter than
    `shortest_frames` is a click; one that never exceeds `faint_db` is a breath.
    """
    loud = np.flatnonzero(levels_db > threshold_db)
    breaks = [0, *(np.flatnonzero(np.diff(loud) > pause_frames) + 1), len(loud)]
    islands = [(int(loud[first]), int(loud[last - 1]) + 1) for first, last in pairwise(breaks) if first < last]
    words = [
        (first, end)
        for first, end in islands
        if end - first >= shortest_frames and levels_db[first:end].max() > faint_db
    ]
    return (words[0][0], words[-1][1]) if words else None


_FRAME_MS = 20
_FRAME = SAMPLE_RATE * _FRAME_MS // 1000
# Soft consonants begin and end below the threshold: 200 ms around the words are kept.
_MARGIN = 3200
# Words further apart than this are separate. Within a number the longest silences, before a t or k, take 120 ms.
PAUSE_MS = 300
# A shorter sound between pauses is a click. A sound this much fainter than the loudest word is a breath or a rustle: in
# home recordings they follow many numbers, 20 dB and more below them.
SHORTEST_MS = 80
FAINT_DB = 15
_SHORTEST_FRAMES = SHORTEST_MS // _FRAME_MS
# No microphone is this quiet: a noise gate has silenced such frames, and they say nothing of the background.
_SILENT_DB = -80


def speech_span(samples: np.ndarray) -> np.ndarray:
    """Return the part of an utterance (float32, 16 kHz) from its first word to its last; empty without words."""
    words = find_words(samples)
    return samples[:0] if words is None else around_words(samples, words)


def find_words(samples: np.ndarray) -> tuple[int, int] | None:
    """Return the first frame of the first word and the frame after the last word; None without words.

    A word stands out from the background and has a pause on either side. Clicks and breaths are not words.
    """
    level = _levels(samples)
    if len(level) < _SHORTEST_FRAMES:
        return None
    # The level must last: beside a clap or a knock, words seem faint.
    loudest = lasting_db(level, _SHORTEST_FRAMES)
    # 30 dB below the loudest, or above the background if that is louder, but never within 12 dB of the loudest.
    background = np.percentile(level[level > _SILENT_DB], 10) if level.max() > _SILENT_DB else _SILENT_DB
    threshold = max(loudest - 30, min(background + 6, loudest - 12))
    return spoken_frames(level, threshold, loudest - FAINT_DB, PAUSE_MS // _FRAME_MS, _SHORTEST_FRAMES)


def around_words(samples: np.ndarray, words: tuple[int, int]) -> np.ndarray:
    """Return the samples of these frames with the soft consonants around them."""
    first, end = words
    return samples[max(0, first * _FRAME - _MARGIN) : end * _FRAME + _MARGIN]


def _levels(samples: np.ndarray) -> np.ndarray:
    """Return the level of each 20 ms in dB, after a first difference that removes hum."""
    frames = np.diff(samples, prepend=samples[:1])[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return 10 * np.log10(np.mean(frames**2, axis=1) + 1e-9)
