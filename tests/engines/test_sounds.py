"""The second look: CTC's likelihoods are what adding up all paths gives, and sounds turn the scales."""

from itertools import groupby, product

import numpy as np
import pytest

from server.engines.sounds import log_likelihoods, read_spellings, second_look


def by_all_paths(sounds: np.ndarray, form: list[int]) -> float:
    """Graves' definition: every path that is the form, once repetitions and then blanks are taken away."""
    moments, labels = sounds.shape
    paths = (path for path in product(range(labels), repeat=moments) if [one for one, _ in groupby(path) if one] == form)
    return float(np.log(sum(np.exp(sum(sounds[at, label] for at, label in enumerate(path))) for path in paths)))


def random_sounds(moments: int, labels: int, seed: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, 2, (moments, labels))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("seed", range(5))
def test_likelihoods_are_those_of_all_paths(seed: int) -> None:
    sounds = random_sounds(5, 4, seed)
    forms = [[1], [2, 3], [1, 1], [3, 3, 1], [1, 2, 3, 2]]
    assert log_likelihoods(sounds, forms) == pytest.approx([by_all_paths(sounds, form) for form in forms], abs=1e-6)


def test_what_is_longer_than_the_sound_is_next_to_impossible() -> None:
    assert log_likelihoods(random_sounds(2, 4, 0), [[1, 2, 3], [1]])[0] < -100


def heard(*labels: int) -> np.ndarray:
    """These labels, each for one moment, with a blank after it."""
    sounds = np.full((2 * len(labels), 5), np.log(0.02))
    for at, label in enumerate(labels):
        sounds[2 * at, label] = sounds[2 * at + 1, 0] = np.log(0.92)
    return sounds


SPELLINGS = {200: [[1, 2]], 207: [[1, 2, 3, 4]], 7: [[3, 4], [3]]}


def test_the_sounds_decide_between_what_the_meaning_takes_for_alike() -> None:
    looked = second_look({200: 0.3, 207: 0.5, 7: 0.0}, heard(1, 2), [SPELLINGS])
    assert looked[200] > 0.5 > looked[207]
    assert sum(looked.values()) == pytest.approx(0.8)


def test_what_fits_badly_stays_where_nothing_fits_better() -> None:
    assert second_look({7: 0.9, 200: 0.0}, heard(3, 4), [SPELLINGS])[7] == pytest.approx(0.9, abs=0.01)


def test_sounds_of_more_than_a_number_decide_nothing() -> None:
    numbers = {200: 0.3, 207: 0.5, 7: 0.0}
    assert second_look(numbers, heard(4, 3, 1, 2), [SPELLINGS]) == numbers


def test_each_language_that_is_heard_brings_its_forms() -> None:
    english = {200: [[4, 4]]}
    assert second_look({200: 0.4, 207: 0.4}, heard(4, 4), [SPELLINGS, english])[200] > 0.6


def test_spellings_are_read_as_they_are_written() -> None:
    assert read_spellings('{"mr": {"56": [[1, 2], [3]]}}') == {"mr": {56: [[1, 2], [3]]}}
