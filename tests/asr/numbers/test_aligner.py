"""Which lines of a table the sounds of a chant hold."""

import numpy as np
import pytest

from server.asr.numbers.aligner import Aligner, Said, TableForms

# A language of letters: the table of 2 is "ta ro". Each label is a letter.
LETTERS = "-abcdefghijklmnopqrstuvwxyz"
NUMBERS = {2: "ap", 4: "bek", 6: "ciron", 8: "dulo", 10: "ezin", 3: "moth", 5: "pani", 20: "bekanu"}
RIGHT = {1: "on", 2: "du", 3: "tri", 4: "kva", 5: "fif"}


def form(word: str) -> list[int]:
    return [LETTERS.index(letter) for letter in word]


FORMS = TableForms(
    2,
    [form("ta")],
    {line: [form(word)] for line, word in RIGHT.items()},
    [form("es")],
    {number: [form(word)] for number, word in NUMBERS.items()},
)


def sounds(text: str, sure: float = 0.98, seed: int = 0) -> np.ndarray:
    """Each letter for a moment and a blank after it; a space is a pause; with some doubt at every moment."""
    chance = np.random.default_rng(seed)
    moments = [each for letter in text for each in ([0] * 4 if letter == " " else [LETTERS.index(letter), 0])]
    likely = chance.dirichlet(np.full(len(LETTERS), 0.2), len(moments)) * (1 - sure)
    likely[np.arange(len(moments)), moments] += sure
    return np.log(likely + 1e-9)


def said(text: str, **how: float) -> list[tuple[int, int]]:
    """Line and product of what was said."""
    aligner = Aligner(FORMS)
    return [(each.line, each.product) for each in aligner.look_ahead(sounds(f" {text} ", **how)).said]


ALL = [(line, 2 * line) for line in range(1, 6)]


@pytest.mark.parametrize(
    "text",
    [
        "taonap tadubek tatriciron takvadulo tafifezin",
        "taonaptadubektatricirontakvadulotafifezin",
        "onap dubek triciron kvadulo fifezin",
        "ap bek ciron dulo ezin",
        "taon ap tadu bek tatri ciron takva dulo tafif ezin",
        "taonesap taduesbek tatriesciron takvaesdulo tafifesezin",
        "taonap tadu tadubek tatri tatriciron takvadulo tafifezin",
        "xyx taonap hmm tadubek yx tatriciron takvadulo tafifezin xx",
    ],
    ids=["whole", "one breath", "without left", "products", "pauses", "linking", "begun anew", "fillers"],
)
def test_a_table_in_every_way_to_chant_it(text: str) -> None:
    assert said(text) == ALL


@pytest.mark.parametrize("seed", range(8))
def test_sounds_that_are_not_sure(seed: int) -> None:
    assert said("taonap tadubek tatriciron takvadulo tafifezin", sure=0.6, seed=seed) == ALL


def test_what_was_said_otherwise() -> None:
    assert said("taonap tatriciron tadubek") == [(1, 2), (3, 6), (2, 4)], "another order"
    assert said("taonap tadumoth tatriciron") == [(1, 2), (2, 3), (3, 6)], "another product"
    assert said("taonap tadubek tadubek") == [(1, 2), (2, 4), (2, 4)], "again"
    assert said("xyzzy wqx hhh") == []


def test_a_longer_number_is_none_of_its_beginning() -> None:
    assert said("taonap tadubekanu tatriciron") == [(1, 2), (2, 20), (3, 6)]


def test_something_else_between_lines_is_counted() -> None:
    aligner = Aligner(FORMS)
    lines = aligner.look_ahead(sounds(" taonap xyqxyq tatriciron ")).said
    assert [each.other >= 5 for each in lines] == [False, True]


def test_looking_ahead_changes_nothing_and_accepting_piece_by_piece_is_the_same() -> None:
    whole = sounds(" taonap tadubek tatriciron ")
    at_once, by_pieces = Aligner(FORMS), Aligner(FORMS)
    at_once.accept(whole)
    for first in range(0, len(whole), 7):
        by_pieces.look_ahead(whole[first:])
        by_pieces.accept(whole[first : first + 7])
    assert _plain(by_pieces.said) == _plain(at_once.said)
    assert [each.line for each in at_once.said] == [1, 2, 3]


def _plain(lines: tuple[Said, ...]) -> list[tuple[int, ...]]:
    return [(each.line, each.product, each.begin, each.end) for each in lines]


def test_the_line_that_is_being_said_is_known() -> None:
    aligner = Aligner(FORMS)
    assert aligner.look_ahead(sounds(" taonap tadubek tatri")).line == 3
    assert aligner.look_ahead(sounds(" taonap tadubek ")).line is None
