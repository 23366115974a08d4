"""Where, in the audio of an utterance, the words are."""

import numpy as np

_FRAME = 320
# Kept around the words: soft consonants begin and end below the threshold.
_MARGIN = 3200


def last_words(samples: np.ndarray, limit: int) -> np.ndarray:
    """The last `limit` samples, at most, of what stands out from the background; empty where there is nothing."""
    level = _levels(samples)
    if not len(level):
        return samples[:0]
    # 30 dB below the loudest frame, or above the background if that is louder, but never within 12 dB of the loudest.
    threshold = max(level.max() - 30, min(np.percentile(level, 10) + 6, level.max() - 12))
    loud = np.flatnonzero(level > threshold)
    start, end = max(0, loud[0] * _FRAME - _MARGIN), (loud[-1] + 1) * _FRAME + _MARGIN
    return samples[start:end][-limit:]


def _levels(samples: np.ndarray) -> np.ndarray:
    """Level of each 20 ms in dB, after a first difference that takes hum away."""
    frames = np.diff(samples, prepend=samples[:1])[:len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return 10 * np.log10(np.mean(frames ** 2, axis=1) + 1e-9)
