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
# A window is compared if so many of its frames are loud.
LOUD_FRAMES = 8


class PromptPrints:
    """Coarse prints of a voice's clips: 0.8 kB for each 40 ms, 6 MB for the 250 prompts of a language."""

    def __init__(self, clips: Iterable[np.ndarray]) -> None:
        pieces = [_windows(_levels(_padded(clip))) for clip in clips]
        self._prints = np.concatenate([np.zeros((0, SIZE), np.float32), *pieces])

    def matches(self, pcm: bytes) -> bool:
        """Whether the utterance (int16, 16 kHz) is one of the prompts, or part of one."""
        likeness = self.likeness(pcm)
        return len(likeness) > 0 and float(np.mean(likeness > ALIKE)) >= SHARE

    def likeness(self, pcm: bytes) -> np.ndarray:
        """Of each window of the utterance, the correlation with what is most like it."""
        samples = _padded(np.frombuffer(pcm, "<i2"))
        phases = [_windows(_levels(samples[phase * SAMPLE_RATE // 1000:]), STEP)
                  for phase in range(0, FRAME_MS, PHASE_MS)]
        count = min(map(len, phases))
        if not count or not len(self._prints):
            return np.zeros(0)
        asked = np.concatenate([windows[:count] for windows in phases])
        return (asked @ self._prints.T).max(axis=1).reshape(len(phases), count).max(axis=0)


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
    power = spectra.real ** 2 + spectra.imag ** 2
    bands = np.add.reduceat(power, edges.astype(int), axis=1)[:, :BANDS]
    return 10 * np.log10(bands + 1e-9)


def _windows(levels: np.ndarray, step: int = 1) -> np.ndarray:
    """Unit vectors, one for every `step` frames."""
    if len(levels) < WINDOW:
        return np.zeros((0, SIZE), np.float32)
    levels = np.maximum(levels, levels.max() - RANGE_DB)
    loud = _slid(levels.max(axis=1) > levels.min() + 10)[::step].sum(axis=-1) >= LOUD_FRAMES
    windows = _slid(levels[:, APART:] - levels[:, :-APART])[::step][loud]
    centred = (windows - windows.mean(axis=2, keepdims=True)).reshape(len(windows), SIZE)
    return (centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-9)).astype(np.float32)


def _slid(values: np.ndarray) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(values, WINDOW, axis=0)
