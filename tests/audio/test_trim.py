"""Trimming from the first word to the last: breaths and clicks are not words."""

import numpy as np
import pytest

from server.audio.trim import speech_span

RATE = 16_000


def noise(ms: int, peak: float, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).uniform(-peak, peak, RATE * ms // 1000)).astype(np.float32)


def quiet(ms: int) -> np.ndarray:
    return noise(ms, 0.001)


def length_ms(*parts: np.ndarray) -> object:
    """Length of the span, for a comparison within one frame."""
    return pytest.approx(len(speech_span(np.concatenate(parts))) * 1000 / RATE, abs=20)


def test_a_word_keeps_200_ms_around_it() -> None:
    assert length_ms(quiet(500), noise(400, 0.5), quiet(500)) == 800


def test_a_word_at_the_edges_keeps_what_there_is() -> None:
    assert length_ms(noise(400, 0.5), quiet(500)) == 600


@pytest.mark.parametrize("pause_ms", [120, 400, 1000])
def test_pauses_between_words_belong_to_them(pause_ms: int) -> None:
    assert length_ms(quiet(500), noise(300, 0.5), quiet(pause_ms), noise(300, 0.4), quiet(500)) == 1000 + pause_ms


@pytest.mark.parametrize("other", [noise(40, 0.5), noise(400, 0.04)], ids=["click", "breath"])
def test_a_click_or_a_breath_around_the_word_is_left_out(other: np.ndarray) -> None:
    assert length_ms(quiet(500), noise(300, 0.5), quiet(600), other, quiet(500)) == 700
    assert length_ms(quiet(500), other, quiet(600), noise(300, 0.5), quiet(500)) == 700


def test_a_breath_between_words_stays() -> None:
    word = noise(300, 0.5)
    assert length_ms(quiet(500), word, quiet(400), noise(200, 0.04), quiet(400), word, quiet(500)) == 2000


def test_beside_a_knock_a_word_is_heard_as_well() -> None:
    knock = noise(40, 0.9)
    assert length_ms(quiet(500), knock, quiet(600), noise(300, 0.1), quiet(500)) == 700
    assert length_ms(quiet(500), noise(300, 0.1), quiet(600), knock, quiet(500)) == 700


def test_a_quiet_speaker_is_heard_as_well() -> None:
    assert length_ms(noise(500, 0.0001), noise(400, 0.01), noise(500, 0.0001)) == 800


def test_silence_around_a_noisy_recording_tells_nothing_of_its_background() -> None:
    silence = np.zeros(RATE, np.float32)
    noisy = np.concatenate([noise(1500, 0.02), noise(400, 0.5), noise(1500, 0.02)])
    assert length_ms(silence, noisy, silence) == 800


@pytest.mark.parametrize("samples", [0, 1, 319])
def test_next_to_nothing_holds_no_word(samples: int) -> None:
    assert len(speech_span(np.zeros(samples, np.float32))) == 0
