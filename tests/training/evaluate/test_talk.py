"""Talk made of words: who is heard in it, for how long and how loud."""

import numpy as np
import pytest

from tests.support.recordings import RATE
from training.evaluate.talk import BABBLE_S, LOUD, SENTENCE_GAP_S, SENTENCE_WORDS, babble, sentence

WORD = (3000 * np.sin(np.arange(RATE // 2) * 0.3)).astype(np.int16)


@pytest.mark.parametrize("seed", range(5))
def test_a_sentence_has_its_words_in_one_breath(seed: int) -> None:
    said = sentence([WORD], np.random.default_rng(seed))
    shortest, most = SENTENCE_WORDS
    assert shortest * 0.5 <= len(said) / RATE <= (most - 1) * (0.5 + SENTENCE_GAP_S[1])
    assert said.dtype == np.int16


@pytest.mark.parametrize("gain", [0.1, 1, 3])
def test_babble_is_as_loud_whatever_it_is_made_of(gain: float) -> None:
    said = babble([(gain * WORD).astype(np.int16)] * 3, np.random.default_rng(1))
    assert BABBLE_S[0] <= len(said) / RATE <= BABBLE_S[1]
    assert np.abs(said).max() == pytest.approx(LOUD, rel=0.01)
