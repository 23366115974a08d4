"""Words said apart are told apart; breaths and clicks are no words."""

import numpy as np
import pytest

from server.engines.islands import islands_of_speech

RATE = 16_000


def noise(ms: int, peak: float, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).uniform(-peak, peak, RATE * ms // 1000)).astype(np.float32)


def quiet(ms: int) -> np.ndarray:
    return noise(ms, 0.001)


def lengths_ms(*parts: np.ndarray) -> object:
    """Lengths of the islands, to be compared give or take a frame."""
    islands = islands_of_speech(np.concatenate(parts))
    return pytest.approx([len(island) * 1000 / RATE for island in islands], abs=20)


def test_a_word_keeps_200_ms_around_it() -> None:
    assert lengths_ms(quiet(500), noise(400, 0.5), quiet(500)) == [800]


def test_a_word_at_the_edges_keeps_what_there_is() -> None:
    assert lengths_ms(noise(400, 0.5), quiet(500)) == [600]


@pytest.mark.parametrize(("pause_ms", "words"), [(120, 1), (280, 1), (400, 2), (1000, 2)])
def test_pauses_part_words(pause_ms: int, words: int) -> None:
    utterance = np.concatenate([quiet(500), noise(300, 0.5), quiet(pause_ms), noise(300, 0.4), quiet(500)])
    assert len(islands_of_speech(utterance)) == words


def test_a_click_after_the_word_is_none() -> None:
    assert lengths_ms(quiet(500), noise(300, 0.5), quiet(600), noise(40, 0.5), quiet(500)) == [700]


def test_a_breath_after_the_word_is_none() -> None:
    assert lengths_ms(quiet(500), noise(300, 0.5), quiet(600), noise(400, 0.04), quiet(500)) == [700]


def test_a_quiet_speaker_is_heard_as_well() -> None:
    assert lengths_ms(noise(500, 0.0001), noise(400, 0.01), noise(500, 0.0001)) == [800]


@pytest.mark.parametrize("samples", [0, 1, 319])
def test_next_to_nothing_holds_no_word(samples: int) -> None:
    assert islands_of_speech(np.zeros(samples, np.float32)) == []
