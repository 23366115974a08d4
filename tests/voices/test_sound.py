"""Trimming and levelling of clips."""

import numpy as np
import pytest

from server.voices.sound import LEAD_MS, PEAK, SPEECH_RMS, TAIL_MS, polish, speech_rms, speech_span

RATE_HZ = 24_000


def tone(seconds: float, amplitude: float) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * 200 * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


@pytest.mark.parametrize("before, after", [(0.5, 0.5), (0.01, 0.02), (0, 0)])
def test_lead_and_tail_are_the_same_however_much_silence_there_was(before: float, after: float) -> None:
    clip = polish(np.concatenate([silence(before), tone(1, 0.3), silence(after)]), RATE_HZ)
    assert len(clip) / RATE_HZ == pytest.approx(1 + (LEAD_MS + TAIL_MS) / 1000, abs=0.005)
    assert clip[0] == clip[-1] == 0


@pytest.mark.parametrize("amplitude", [0.02, 0.9])
def test_quiet_and_loud_speech_become_equally_loud(amplitude: float) -> None:
    assert speech_rms(polish(tone(1, amplitude), RATE_HZ), RATE_HZ) == pytest.approx(SPEECH_RMS, rel=0.02)


def test_a_click_is_not_allowed_to_clip() -> None:
    speech = tone(1, 0.1)
    speech[12_000] = 1.0
    assert np.abs(polish(speech, RATE_HZ)).max() <= PEAK + 1e-6


def test_pauses_do_not_count_as_quiet_speech() -> None:
    speech = tone(0.5, 0.2)
    paused = np.concatenate([speech, silence(1), speech])
    assert speech_rms(paused, RATE_HZ) == pytest.approx(speech_rms(speech, RATE_HZ), rel=0.01)


def test_speech_span_ignores_hiss() -> None:
    hiss = np.random.default_rng(0).uniform(-0.0005, 0.0005, RATE_HZ).astype(np.float32)
    first, last = speech_span(np.concatenate([hiss, tone(0.5, 0.4), hiss]))
    assert RATE_HZ <= first <= RATE_HZ + 5 and RATE_HZ * 1.5 - 200 <= last <= RATE_HZ * 1.5
