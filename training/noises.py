"""Synthetic classroom sounds other than speech. All at 16 kHz, float32, with RMS 1."""

from collections.abc import Callable

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from server.audio import SAMPLE_RATE

Rng = np.random.Generator


def noise(size: int, rng: Rng) -> np.ndarray:
    """Return `size` samples of a random kind of noise."""
    kinds = [_coloured, _hum, _clicks, _breaths, _laughter, _music, _chair]
    kind = rng.choice(len(kinds), p=[0.4, 0.1, 0.14, 0.12, 0.08, 0.1, 0.06])
    return normalised(kinds[kind](size, rng))


def normalised(samples: np.ndarray) -> np.ndarray:
    return (samples / (np.sqrt(np.mean(samples**2)) + 1e-9)).astype(np.float32)


def filtered(samples: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    """Keep only frequencies between the two."""
    return shaped(samples, lambda hz: (hz >= low_hz) & (hz <= high_hz))


def shaped(samples: np.ndarray, gain: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Multiply each frequency in Hz by its gain."""
    size = next_fast_len(len(samples), real=True)
    spectrum = rfft(samples.astype(np.float32), size) * gain(rfftfreq(size, 1 / SAMPLE_RATE)).astype(np.float32)
    return irfft(spectrum, size)[: len(samples)]


def _coloured(size: int, rng: Rng) -> np.ndarray:
    """Noise from white (0) through pink (1) to brown (2): fans, traffic, rain."""
    exponent = rng.uniform(0, 2)
    return shaped(rng.standard_normal(size), lambda hz: np.maximum(hz, 40) ** (-exponent / 2))


def _hum(size: int, rng: Rng) -> np.ndarray:
    time = np.arange(size) / SAMPLE_RATE
    base = rng.uniform(45, 130)
    waves = (np.sin(2 * np.pi * base * k * time + rng.uniform(0, 6)) / k for k in range(1, int(rng.integers(3, 12))))
    return sum(waves, np.zeros(size))


def _clicks(size: int, rng: Rng) -> np.ndarray:
    """Claps, taps and keys: short bursts that ring for 2 to 30 ms."""
    samples = rng.standard_normal(size) * 0.01
    for _ in range(int(rng.integers(1, 6))):
        ring = rng.uniform(0.002, 0.03) * SAMPLE_RATE
        at, length = int(rng.integers(size)), int(6 * ring)
        burst = rng.standard_normal(length) * np.exp(-np.arange(length) / ring) * rng.uniform(0.3, 1)
        samples[at : at + length] += burst[: size - at]
    return samples


def _breaths(size: int, rng: Rng) -> np.ndarray:
    """Coughs, sneezes and breaths: bursts of noise that a mouth colours."""
    samples = np.zeros(size)
    at = int(rng.integers(0, max(1, size // 3)))
    for _ in range(int(rng.integers(1, 4))):
        length = min(int(rng.uniform(0.08, 0.45) * SAMPLE_RATE), size - at)
        if length < 400:
            break
        rise = rng.uniform(0.02, 0.5)
        shape = np.minimum(np.linspace(0, 1 / rise, length), 1) * np.exp(-np.linspace(0, rng.uniform(2, 6), length))
        low = rng.uniform(150, 700)
        samples[at : at + length] += filtered(rng.standard_normal(length), low, low * rng.uniform(2, 9)) * shape
        at += length + int(rng.uniform(0.02, 0.3) * SAMPLE_RATE)
        if at >= size:
            break
    return samples


def _laughter(size: int, rng: Rng) -> np.ndarray:
    """A run of voiced bursts, four to seven a second, without words (Bachorowski et al. 2001)."""
    time = np.arange(size) / SAMPLE_RATE
    pitch = rng.uniform(200, 500) * np.exp(-rng.uniform(0, 0.5) * time)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    formant = rng.uniform(600, 1300)
    voice = sum(np.sin(k * phase) * np.exp(-(((k * pitch - formant) / 500) ** 2)) for k in range(1, 9))
    bursts = np.maximum(0, np.sin(2 * np.pi * rng.uniform(4, 7) * time + rng.uniform(0, 6))) ** rng.uniform(0.7, 2)
    return (voice + 0.3 * rng.standard_normal(size)) * bursts


def _music(size: int, rng: Rng) -> np.ndarray:
    """Plucked or held notes of a pentatonic scale, one or two at a time."""
    samples = np.zeros(size)
    base, held = rng.uniform(120, 420), rng.random() < 0.5
    for _ in range(int(rng.integers(1, 3))):
        at = 0
        while at < size:
            length = min(int(rng.uniform(0.12, 0.6) * SAMPLE_RATE), size - at)
            pitch = base * 2 ** (rng.choice([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
            time = np.arange(length) / SAMPLE_RATE
            tone = sum(np.sin(2 * np.pi * pitch * k * time) / k ** rng.uniform(0.8, 2) for k in range(1, 6))
            samples[at : at + length] += tone * (1 if held else np.exp(-time * rng.uniform(3, 12)))
            at += length
    return samples


def _chair(size: int, rng: Rng) -> np.ndarray:
    """A chair on the floor: a rough tone that slides."""
    time = np.arange(size) / SAMPLE_RATE
    pitch = rng.uniform(150, 900) * np.exp(rng.uniform(-0.7, 0.7) * time)
    rough = 1 + 0.8 * np.sin(2 * np.pi * rng.uniform(15, 60) * time)
    tone = sum(np.sin(2 * np.pi * k * np.cumsum(pitch) / SAMPLE_RATE) / k for k in range(1, 5))
    begin, end = np.sort(rng.integers(0, size, 2))
    heard = (np.arange(size) > begin) & (np.arange(size) < end + 800)
    return (tone * rough + 0.5 * rng.standard_normal(size)) * heard
