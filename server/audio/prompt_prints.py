"""Prompts of our own that another tablet is saying: no answers, whatever numbers are in them."""

from collections.abc import Iterable

import numpy as np

from . import SAMPLE_RATE

BANDS = 10
LOWEST_HZ, HIGHEST_HZ = 250, 4000
FRAME_MS, PHASE_MS = 40, 10
SPECTRUM = 1024
# A window of a second is told from any other voice's; what is shorter is compared with the silence around it.
WINDOW = 25
STEP = 5
# A band is compared with the one so many above it: how loud a moment is tells words apart, but not voices.
APART = 2
SIZE = WINDOW * (BANDS - APART)
# Quieter bands than this below the loudest say nothing (dB).
RANGE_DB = 30.0
# A window is of a prompt from this correlation on; so many windows of an utterance must be. People saying numbers and
# other voices' numbers reach 0.65, the same prompt spoken 8 % faster 0.82; prompts through a room have 0.77 to 0.95.
ALIKE = 0.8
SHARE = 0.6
# So many windows of the prompts are compared together, which fit the processor's cache.
AT_ONCE = 512
TINY = 1e-9
# A window is compared if so many of its frames are loud.
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
        """Whether the utterance (int16, 16 kHz) is one of the prompts, or part of one."""
        likeness = self.likeness(pcm)
        return len(likeness) > 0 and float(np.mean(likeness > ALIKE)) >= SHARE

    def likeness(self, pcm: bytes) -> np.ndarray:
        """Of each window of the utterance, the correlation with what is most like it."""
        samples = _padded(np.frombuffer(pcm, "<i2"))
        phases = [_asked(_levels(samples[phase * SAMPLE_RATE // 1000 :])) for phase in range(0, FRAME_MS, PHASE_MS)]
        count = min(map(len, phases))
        if not count or not len(self._places):
            return np.zeros(0)
        asked = np.concatenate([windows[:count] for windows in phases])
        best = np.max([self._likeness(asked, first) for first in range(0, len(self._places), AT_ONCE)], axis=0)
        return np.asarray(best.reshape(len(phases), count).max(axis=0))

    def _likeness(self, asked: np.ndarray, first: int) -> np.ndarray:
        """The best correlation of each window asked about with these.

        The product of two windows is that of their deviations if one of them is centred.
        """
        these = slice(first, first + AT_ONCE)
        windows = _windows(self._contrast, self._places[these]).reshape(-1, SIZE)
        return np.asarray((asked @ windows.T / self._sizes[these]).max(axis=1))


def _padded(samples: np.ndarray) -> np.ndarray:
    silence = np.zeros(400 * SAMPLE_RATE // 1000, np.float32)
    return np.concatenate([silence, samples.astype(np.float32) / 32768, silence])


def _levels(samples: np.ndarray) -> np.ndarray:
    """The level of each band, in dB, frame by frame."""
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
    """Unit vectors, one for every STEP frames."""
    loud = _loud(levels)
    centred = _centred(_windows(_contrast(levels), loud[loud % STEP == 0]))
    return (centred / (np.linalg.norm(centred, axis=1, keepdims=True) + TINY)).astype(np.float32)


def _loud(levels: np.ndarray) -> np.ndarray:
    """Where the windows begin that are loud enough to be compared."""
    if len(levels) < WINDOW:
        return np.zeros(0, int)
    levels = _limited(levels)
    is_loud = np.lib.stride_tricks.sliding_window_view(levels.max(axis=1) > levels.min() + 10, WINDOW)
    return np.flatnonzero(is_loud.sum(axis=1) >= LOUD_FRAMES)


def _contrast(levels: np.ndarray) -> np.ndarray:
    """How much louder each band is than the one below it."""
    levels = _limited(levels)
    return (levels[:, APART:] - levels[:, :-APART]).astype(np.float32)


def _limited(levels: np.ndarray) -> np.ndarray:
    return np.maximum(levels, levels.max(initial=-np.inf) - RANGE_DB)


def _centred(windows: np.ndarray) -> np.ndarray:
    """Each band of a window without its mean, as rows."""
    return (windows - windows.mean(axis=1, keepdims=True)).reshape(len(windows), SIZE)


def _windows(contrast: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Those that begin at these places, window x frame x band."""
    return np.asarray(contrast[places[:, np.newaxis] + np.arange(WINDOW)])
