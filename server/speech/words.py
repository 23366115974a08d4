"""Where, among frames of sound, the words are. Pure."""

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def lasting_db(levels_db: np.ndarray, frames: int) -> float:
    """The loudest level that lasts for so many frames, of which there are no fewer: clicks are over at once."""
    return float(sliding_window_view(levels_db, frames).min(axis=1).max())


def spoken_frames(
    levels_db: np.ndarray, threshold_db: float, faint_db: float, pause_frames: int, shortest_frames: int
) -> tuple[int, int] | None:
    """The first frame of the first word and the one after the last word's; None without any.

    A word is louder than the threshold, and more than `pause_frames` from the next. What is shorter than
    `shortest_frames` is a click, and what is nowhere louder than `faint_db` a breath.
    """
    loud = np.flatnonzero(levels_db > threshold_db)
    breaks = [0, *(np.flatnonzero(np.diff(loud) > pause_frames) + 1), len(loud)]
    islands = [(int(loud[first]), int(loud[last - 1]) + 1) for first, last in pairwise(breaks) if first < last]
    words = [
        (first, end) for first, end in islands
        if end - first >= shortest_frames and levels_db[first:end].max() > faint_db
    ]
    return (words[0][0], words[-1][1]) if words else None
