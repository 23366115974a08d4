"""Spoken numbers, prompts and words for learners made of recordings, at the microphone's rate: the project's own prompt
voices, and espeak-ng for words without a prompt."""

import json
from collections.abc import Sequence
from functools import cache
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from server.languages import load_language

from .saying import all_said, said

PROMPTS = Path(__file__).parents[2] / "audio_prompts"
RATE = 16_000
# Zero crossings of the sinc on each side.
LOBES = 32


def number_samples(language: str, number: int) -> np.ndarray:
    """The clip of `number` (0 to 100, or an answer of a larger table) in `language`: int16, 16 kHz, read-only."""
    return clip_samples(language, f"number-{number}")


@cache
def clip_samples(language: str, clip_id: str) -> np.ndarray:
    """Return the clip of any prompt."""
    voice = PROMPTS / language / load_language(language).voice
    clip = json.loads((voice / "manifest.json").read_text("utf-8"))["clips"][clip_id]
    samples, rate = soundfile.read(voice / clip["file"], dtype="float64", always_2d=True)
    return _int16(resampled(samples.mean(axis=1), rate))


@cache
def word_samples(language: str, text: str) -> np.ndarray:
    """Return the word as espeak-ng says it."""
    return _at_our_rate(*said(text, _espeak_voice(language)))


def words_samples(language: str, texts: Sequence[str], variant: str = "f3") -> list[np.ndarray]:
    """Return each text as a voice of espeak-ng says it."""
    return [_at_our_rate(*one) for one in all_said(texts, _espeak_voice(language, variant))]


def _espeak_voice(language: str, variant: str = "f3") -> str:
    return {"en": "gmw/en"}.get(language, language) + f"+{variant}"


def _at_our_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    return _int16(resample_poly(samples.astype(float), RATE, rate))


def joined(parts: Sequence[np.ndarray], gap_ms: int) -> np.ndarray:
    """Join recordings, with this silence from the end of each voice to the beginning of the next."""
    gap = np.zeros(RATE * gap_ms // 1000, np.int16)
    return np.concatenate([piece for part in parts for piece in (gap, _voice(part))][1:])


def _voice(samples: np.ndarray) -> np.ndarray:
    """Return the samples without the silence around the voice."""
    level = np.convolve(np.abs(samples.astype(float)), np.ones(320) / 320, "same")
    loud = np.flatnonzero(level > 0.03 * level.max())
    return samples[loud[0] : loud[-1] + 1]


def _int16(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)


def resampled(samples: np.ndarray, rate: int, to_rate: int = RATE) -> np.ndarray:
    """Resample by a windowed sinc: dropping samples would fold high frequencies down."""
    if rate == to_rate:
        return samples
    up, down = to_rate // gcd(rate, to_rate), rate // gcd(rate, to_rate)
    widest = max(up, down)
    positions = np.arange(-LOBES * widest, LOBES * widest + 1) / widest
    low_pass = 0.95 * np.sinc(0.95 * positions) * np.kaiser(len(positions), 8.0) * up / widest
    spread = np.zeros(len(samples) * up)
    spread[::up] = samples
    return np.convolve(spread, low_pass, "same")[::down]
