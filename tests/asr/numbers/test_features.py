"""The log-mel front end against the one that the network was trained with."""

from pathlib import Path

import numpy as np
import pytest

from server.asr.numbers.features import MELS, log_mel, mel_filters

# The output of the training code (torch.stft) for `chirp()`, as float16, whose steps are below 0.001 here.
REFERENCE = Path(__file__).with_name("mel_reference.npy")


def chirp(size: int = 6400) -> np.ndarray:
    """0.4 s: a tone that rises from 200 Hz to 3.4 kHz, joined halfway by one of 3 kHz."""
    t = np.arange(size) / 16_000
    tone = 0.3 * np.sin(2 * np.pi * (200 * t + 4000 * t * t)) + 0.05 * np.sin(2 * np.pi * 3000 * t) * (t > 0.2)
    return tone.astype(np.float32)


def test_equals_the_training_front_end() -> None:
    np.testing.assert_allclose(log_mel(chirp()), np.load(REFERENCE).astype(np.float32), atol=2e-3)


def test_shape_and_type() -> None:
    mel = log_mel(chirp(6400))
    assert mel.shape == (MELS, 40) and mel.dtype == np.float32 and mel.flags.c_contiguous


def test_loudness_moves_every_value_alike() -> None:
    # Ten times the amplitude is two decades of power, and four decades are 1.
    np.testing.assert_allclose(log_mel(chirp() * 0.1), log_mel(chirp()) - 0.5, atol=1e-3)


def test_silence_is_finite() -> None:
    assert np.isfinite(log_mel(np.zeros(640, np.float32))).all()


@pytest.mark.parametrize("hz", [250, 1000, 4000])
def test_a_tone_is_loudest_in_the_filter_around_it(hz: int) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(3200) / 16_000).astype(np.float32)
    loudest = int(log_mel(tone).mean(axis=1).argmax())
    assert mel_filters()[loudest, round(hz / 40)] > 0
