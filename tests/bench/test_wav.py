"""Recordings of any rate, as a microphone would bring them."""

import wave
from pathlib import Path

import numpy as np
import pytest

from bench.wav import read_wav
from server.audio import SAMPLE_RATE


def save(path: Path, samples: np.ndarray, rate: int = SAMPLE_RATE) -> Path:
    """int16 (or uint8) samples as a wav file; a column for each channel."""
    with wave.open(str(path), "wb") as clip:
        clip.setparams((1 if samples.ndim == 1 else samples.shape[1], samples.itemsize, rate, 0, "NONE", ""))
        clip.writeframes(samples.tobytes())
    return path


def tone(rate: int, hz: float = 440, seconds: float = 0.4) -> np.ndarray:
    """A tone that swells and fades."""
    times = np.arange(round(seconds * rate)) / rate
    return np.rint(12_000 * np.sin(2 * np.pi * hz * times) * np.sin(np.pi * times / seconds) ** 2).astype(np.int16)


def test_what_is_at_16_khz_stays_as_it_is(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-32768, 32768, 1601).astype(np.int16)
    read = read_wav(save(tmp_path / "clip.wav", samples))
    assert read.dtype == np.int16
    assert np.array_equal(read, samples)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 24_000, 44_100, 48_000])
def test_other_rates_come_to_the_same(tmp_path: Path, rate: int) -> None:
    read = read_wav(save(tmp_path / "clip.wav", tone(rate), rate)).astype(int)
    assert len(read) == len(tone(SAMPLE_RATE))
    assert np.abs(read - tone(SAMPLE_RATE)).max() <= 3


def test_what_16_khz_cannot_hold_vanishes_and_does_not_fold_down(tmp_path: Path) -> None:
    read = read_wav(save(tmp_path / "clip.wav", tone(48_000, hz=10_000), 48_000))
    assert np.abs(read).max() <= 1


def test_a_peak_that_resampling_makes_higher_does_not_wrap_around(tmp_path: Path) -> None:
    square = np.where(np.arange(4800) // 60 % 2, 32767, -32768).astype(np.int16)
    read = read_wav(save(tmp_path / "clip.wav", square, 48_000)).astype(int)
    assert np.abs(read - np.where(np.arange(1600) // 20 % 2, 32767, -32768)).mean() < 6000
    assert (read.max(), read.min()) == (32767, -32768)


def test_channels_are_mixed(tmp_path: Path) -> None:
    left = tone(SAMPLE_RATE)
    read = read_wav(save(tmp_path / "clip.wav", np.stack([left, np.zeros_like(left)], axis=1)))
    assert np.abs(read - left / 2).max() <= 0.5


def test_other_sample_sizes_and_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16 bits"):
        read_wav(save(tmp_path / "small.wav", np.zeros(100, np.uint8)))
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(wave.Error):
        read_wav(tmp_path / "text.wav")
