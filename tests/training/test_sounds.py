"""The sounds for the training: each has one label, which a trained network keeps."""

import onnxruntime
import pytest

from server.asr.numbers.engine import MODEL
from server.asr.numbers.rescoring import read_spellings

pytest.importorskip("espeakng_loader")

from training.sounds import Alphabet, spellings  # noqa: E402


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


def test_the_served_network_spells_the_words_of_todays_language_files() -> None:
    """If this fails, run `python -m training.shipped`."""
    model = onnxruntime.InferenceSession(str(MODEL)).get_modelmeta().custom_metadata_map
    assert read_spellings(model["spellings"]) == spellings(Alphabet())
