"""The sounds that the network is taught: one number each, which a trained network keeps."""

import pytest

pytest.importorskip("espeakng_loader")

from training.sounds import Alphabet  # noqa: E402


def test_a_network_keeps_the_numbers_of_its_sounds() -> None:
    begun = Alphabet()
    kept = Alphabet(begun.sounds)
    assert kept.size == begun.size == len(begun.sounds) + 1
    for language, text in (("en", "fifty six"), ("hi", "छप्पन"), ("mr", "एकोणपन्नास")):
        labels = begun.labels(language, [text])
        assert labels == kept.labels(language, [text])
        assert min(labels) > 0


def test_sounds_that_came_later_are_left_out() -> None:
    assert Alphabet(["p", "s", "t"]).labels("mr", ["सात"]) == [2, 3]


def test_forms_that_sound_alike_are_spelt_once() -> None:
    assert len(Alphabet().spellings(["fifty six", "fifty-six", "fifty nine"], "en")) == 2
