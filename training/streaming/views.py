"""What the network hears of the corpus: one to three phrases of a speaker, in rooms and through microphones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from server.audio import SAMPLE_RATE

from ..corpus import Clip
from ..noises import noise
from ..views import crowd, reverberant, stretched, telephone
from .features import MELS, cepstra, log_mel, mel_filters
from .labels import Labels

# Formants are moved by up to a fifth either way, as children's are higher than grown-ups' (see training/views.py).
_WARPED = torch.stack([mel_filters(warp) for warp in np.exp(np.linspace(np.log(0.84), np.log(1.22), 25))])
_NOISE_SHARE = 0.03
_FULL_SCALE = 32767


@dataclass(frozen=True, slots=True)
class View:
    """`samples` of int16 scale, float32, and the labels of what they say."""

    samples: np.ndarray
    labels: tuple[int, ...]


class Composer:
    """Draws views from the clips whose words are known, for ever."""

    def __init__(self, clips: Sequence[Clip], labels: Labels, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        spelt = [
            (clip, labels.spelt(clip.phrase.language, clip.phrase.text))
            for clip in clips
            if clip.phrase.language in labels.words
        ]
        self._spelt = [(clip, found) for clip, found in spelt if found is not None]
        self._by_speaker = defaultdict(list)
        for clip, found in self._spelt:
            self._by_speaker[clip.speaker].append((clip, found))
        self._shares = _shares([clip for clip, _ in self._spelt])
        self._babble = crowd(clips, SAMPLE_RATE * 40, self._rng)

    def draw(self) -> View:
        rng = self._rng
        if rng.random() < _NOISE_SHARE:
            return View(self._heard(np.zeros(int(rng.uniform(0.3, 2) * SAMPLE_RATE), np.float32)), ())
        clip, spelt = self._spelt[int(np.searchsorted(self._shares, rng.random()))]
        samples = clip.samples.astype(np.float32) / _FULL_SCALE
        while rng.random() < 0.25 and len(samples) < 3 * SAMPLE_RATE:
            friends = self._by_speaker[clip.speaker]
            after, more = friends[int(rng.integers(len(friends)))]
            pause = np.zeros(int(rng.uniform(0, 0.4) * SAMPLE_RATE), np.float32)
            samples = np.concatenate([samples, pause, after.samples.astype(np.float32) / _FULL_SCALE])
            spelt += more
        return View(self._heard(samples), spelt)

    def _heard(self, samples: np.ndarray) -> np.ndarray:
        rng = self._rng
        samples = stretched(samples, np.exp(rng.uniform(np.log(0.72), np.log(1.25))))
        loudness = np.sqrt(np.mean(samples**2)) or 0.03
        before, after = (int(rng.uniform(0.05, 0.3) * SAMPLE_RATE) for _ in range(2))
        samples = np.pad(samples, (before, after))
        if rng.random() < 0.4:
            samples = reverberant(samples, rng)
        if rng.random() < 0.75:
            samples = samples + self._background(len(samples)) * loudness * 10 ** (-rng.uniform(3, 35) / 20)
        if rng.random() < 0.35:
            samples = telephone(samples, rng)
        samples = samples / max(np.abs(samples).max(), 1e-6) * np.exp(rng.uniform(np.log(600), np.log(30000)))
        samples = samples + rng.standard_normal(len(samples)) * np.exp(rng.uniform(np.log(0.3), np.log(8)))
        return np.round(np.clip(samples, -_FULL_SCALE, _FULL_SCALE)).astype(np.float32)

    def _background(self, size: int) -> np.ndarray:
        if self._rng.random() < 0.4:
            at = int(self._rng.integers(len(self._babble) - size))
            return self._babble[at : at + size]
        return noise(size, self._rng)


def _shares(clips: Sequence[Clip]) -> np.ndarray:
    """Cumulative probabilities: the languages alike, and what is said seldom more than its clips would have it."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    totals: dict[str, float] = defaultdict(float)
    said = [(clip.phrase.language, clip.phrase.text) for clip in clips]
    for each in said:
        counts[each] += 1
    # Nobody talks like espeak.
    shares = [
        counts[each] ** -0.5 * (0.5 if clip.speaker.startswith("espeak") else 1)
        for each, clip in zip(said, clips, strict=True)
    ]
    for (language, _), share in zip(said, shares, strict=True):
        totals[language] += share
    cumulated = np.cumsum([share / totals[language] for (language, _), share in zip(said, shares, strict=True)])
    return cumulated / cumulated[-1]


def batch(views: Sequence[View], rng: np.random.Generator) -> torch.Tensor:
    """(views, frames of the longest, 40): MFCC, through throats of many lengths and microphones of many colours."""
    size = max(len(view.samples) for view in views)
    samples = torch.from_numpy(np.stack([np.pad(view.samples, (0, size - len(view.samples))) for view in views]))
    samples += torch.randn_like(samples)
    filters = _WARPED[rng.integers(len(_WARPED), size=len(views))]
    mels = log_mel(samples, filters)
    across = np.linspace(-1, 1, MELS)
    waves = np.cos(np.pi * across * rng.uniform(0, 2, (len(views), 1)) + rng.uniform(0, 2 * np.pi, (len(views), 1)))
    gains_db = rng.normal(0, 3, (len(views), 1)) * across + rng.normal(0, 2, (len(views), 1)) * waves
    mels += torch.from_numpy(gains_db * np.log(10) / 10).float()[:, None]
    for mel in mels:
        if rng.random() < 0.4:  # (Park et al., "SpecAugment", 2019)
            band, at = int(rng.integers(1, 6)), int(rng.integers(MELS - 6))
            mel[:, at : at + band] = mel.mean()
    return cepstra(mels)
