"""Kaldi's MFCC as Vosk computes them from our mfcc.conf, for many clips at once (kaldi/src/feat/feature-mfcc.cc)."""

import math
from typing import Any

import numpy as np
import torch

from server.audio import SAMPLE_RATE

CEPSTRA = MELS = 40
FRAME, HOP, FFT = 400, 160, 512
LOW_HZ, HIGH_HZ = 20, 7600
_PREEMPHASIS = 0.97
_LIFTER = 22
# Without dither, for the same audio shall always give the same words.
CONF = f"""\
--use-energy=false
--num-mel-bins={MELS}
--num-ceps={CEPSTRA}
--low-freq={LOW_HZ}
--high-freq={HIGH_HZ}
--dither=0
"""


def mel_filters(warp: float = 1.0) -> torch.Tensor:
    """(257 frequencies, 40): triangles on the mel scale. Through them, formants seem to be `warp` times as high."""
    edges = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), MELS + 2)
    bins = _mel(np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT * warp)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0, np.minimum(rising, falling))
    filters[-1] = 0  # Kaldi leaves out the highest frequency
    return torch.tensor(filters, dtype=torch.float32)


def _mel(hz: Any) -> Any:
    return 1127 * np.log(1 + hz / 700)


def _cosines() -> torch.Tensor:
    """(40 mels, 40 cepstra): the orthonormal cosine transform, and Kaldi's weights for each cepstrum."""
    order, mel = np.arange(CEPSTRA)[None], np.arange(MELS)[:, None]
    cosines = np.sqrt(2 / MELS) * np.cos(math.pi / MELS * (mel + 0.5) * order)
    cosines[:, 0] = np.sqrt(1 / MELS)
    return torch.tensor(cosines * (1 + 0.5 * _LIFTER * np.sin(np.pi * order / _LIFTER)), dtype=torch.float32)


_FILTERS, _COSINES = mel_filters(), _cosines()
_WINDOW = torch.hann_window(FRAME, periodic=False) ** 0.85  # Povey's


def log_mel(samples: torch.Tensor, filters: torch.Tensor = _FILTERS) -> torch.Tensor:
    """(clips, samples) of int16 scale -> (clips, frames of 10 ms, 40). `filters` may differ from clip to clip."""
    frames = samples.unfold(1, FRAME, HOP)
    frames = frames - frames.mean(-1, keepdim=True)
    before = torch.cat([frames[..., :1], frames[..., :-1]], -1)
    power = torch.fft.rfft((frames - _PREEMPHASIS * before) * _WINDOW, FFT).abs() ** 2
    return (power @ filters).clamp(min=torch.finfo(torch.float32).eps).log()


def cepstra(mels: torch.Tensor) -> torch.Tensor:
    """(..., 40 mels) -> (..., 40 MFCC)."""
    return mels @ _COSINES


def mfcc(samples: torch.Tensor) -> torch.Tensor:
    """(clips, samples) of int16 scale -> (clips, frames of 10 ms, 40)."""
    return cepstra(log_mel(samples))
