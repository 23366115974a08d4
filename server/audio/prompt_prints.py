"""Recognise our own prompts from another tablet nearby. They are no answers, even if they contain numbers."""

from collections.abc import Iterable

import numpy as np

from . import SAMPLE_RATE

BANDS = 10
LOWEST_HZ, HIGHEST_HZ = 250, 4000
FRAME_MS, PHASE_MS = 40, 10
SPECTRUM = 1024
# Frames of a window, one second: long enough to tell a prompt from other voices.
WINDOW = 25
STEP = 5
# Each band is compared with the one this many above it: loudness tells words apart, not voices.
APART = 2
SIZE = WINDOW * (BANDS - APART)
# Bands quieter than this below the loudest carry no information (dB).
RANGE_DB = 30.0
# A window is a prompt's from this correlation on; an utterance is a prompt's from this share of its windows on. People
# saying numbers reach 0.65, prompts through a room 0.77 to 0.95 (docs/experiments.md).
ALIKE = 0.8
SHARE = 0.6
# Windows of the prompts that are compared together: they fit the processor's cache.
AT_ONCE = 512
TINY = 1e-9
# A window is compared if this many of its frames are loud.
LOUD_FRAMES = 8


class PromptPrints:
    """Coarse prints of a voice's clips: 40 bytes for each 40 ms, 0.3 MB for the 250 prompts of a language."""

    def __init__(self, clips: Iterable[np.ndarray]) -> None:
        contrasts, places, sizes = [np.zeros((0, BANDS - APART), np.float32)], [np.zeros(0, int)], [np.zeros(0)]
        began = 0
        for clip in clips:
            levels = _levels(_padded(clip))
            loud = _loud(levels)
            contrast = _contrast(levels)
            contrasts.append(contrast)
            places.append(began + loud)
            sizes.append(np.linalg.norm(_centred(_windows(contrast, loud)), axis=1))
            began += len(contrast)
        self._contrast, self._places = np.concatenate(contrasts), np.concatenate(places)
        self._sizes = np.concatenate(sizes).astype(np.float32) + TINY

    def matches(self, pcm: bytes) -> bool:
        """Tell whether the utterance (int16, 16 kHz) is one of the prompts, or part of one."""
        likeness = self.likeness(pcm)
        return len(likeness) > 0 and float(np.mean(likeness > ALIKE)) >= SHARE

    def likeness(self, pcm: bytes) -> np.ndarray:
        """Return, for each window of the utterance, its best correlation with a prompt."""
        samples = _padded(np.frombuffer(pcm, "<i2"))
        phases = [_asked(_levels(samples[phase * SAMPLE_RATE // 1000 :])) for phase in range(0, FRAME_MS, PHASE_MS)]
        count = min(map(len, phases))
        if not count or not len(self._places):
            return np.zeros(0)
        asked = np.concatenate([windows[:count] for windows in phases])
        best = np.max([self._likeness(asked, first) for first in range(0, len(self._places), AT_ONCE)], axis=0)
        return np.asarray(best.reshape(len(phases), count).max(axis=0))

    def _likeness(self, asked: np.ndarray, first: int) -> np.ndarray:
        """Return each window's best correlation with these windows of the prompts.

        One of two windows must be centred; then their product is the correlation.
        """
        these = slice(first, first + AT_ONCE)
        windows = _windows(self._contrast, self._places[these]).reshape(-1, SIZE)
        return np.asarray((asked @ windows.T / self._sizes[these]).max(axis=1))


def _padded(samples: np.ndarray) -> np.ndarray:
    silence = np.zeros(400 * SAMPLE_RATE // 1000, np.float32)
    return np.concatenate([silence, samples.astype(np.float32) / 32768, silence])


def _levels(samples: np.ndarray) -> np.ndarray:
    """Return the level of each band in dB, shape (frames, BANDS)."""
    hop = FRAME_MS * SAMPLE_RATE // 1000
    if len(samples) < SPECTRUM:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, SPECTRUM)[::hop]
    spectra = np.fft.rfft(frames * np.hanning(SPECTRUM).astype(np.float32), axis=1)
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1) * SPECTRUM / SAMPLE_RATE
    power = spectra.real**2 + spectra.imag**2
    bands = np.add.reduceat(power, edges.astype(int), axis=1)[:, :BANDS]
    return 10 * np.log10(bands + 1e-9)


def _asked(levels: np.ndarray) -> np.ndarray:
    """Return the windows as unit vectors, one for every STEP frames."""
    loud = _loud(levels)
    centred = _centred(_windows(_contrast(levels), loud[loud % STEP == 0]))
    return (centred / (np.linalg.norm(centred, axis=1, keepdims=True) + TINY)).astype(np.float32)


def _loud(levels: np.ndarray) -> np.ndarray:
    """Return the first frames of the windows that are loud enough to be compared."""
    if len(levels) < WINDOW:
        return np.zeros(0, int)
    levels = _limited(levels)
    is_loud = np.lib.stride_tricks.sliding_window_view(levels.max(axis=1) > levels.min() + 10, WINDOW)
    return np.flatnonzero(is_loud.sum(axis=1) >= LOUD_FRAMES)


def _contrast(levels: np.ndarray) -> np.ndarray:
    """Return how much louder each band is than the one APART below it, in dB."""
    levels = _limited(levels)
    return (levels[:, APART:] - levels[:, :-APART]).astype(np.float32)


def _limited(levels: np.ndarray) -> np.ndarray:
    return np.maximum(levels, levels.max(initial=-np.inf) - RANGE_DB)


def _centred(windows: np.ndarray) -> np.ndarray:
    """Return the windows as rows, each band without its mean."""
    return (windows - windows.mean(axis=1, keepdims=True)).reshape(len(windows), SIZE)


def _windows(contrast: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the windows that begin at these places, shape (window, frame, band)."""
    return np.asarray(contrast[places[:, np.newaxis] + np.arange(WINDOW)])
