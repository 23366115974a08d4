"""From the outputs of the numbers network to a hypothesis."""

from typing import Any

import numpy as np
import pytest

from server.asr.numbers.decoding import decode
from server.asr.numbers.vocabulary import ALSO_ACCEPTED, CLASSES, COMMANDS, HUNDREDS, LANGUAGES, LARGEST_NUMBER, NONE
from server.understanding.hypothesis import Hypothesis
from server.understanding.lexicon import Spoken

Likelihoods = dict[tuple[str, int], float]


def logits(classes: int, likely: Likelihoods) -> np.ndarray:
    """Return a row for each language in which each given (language, class) has its probability, and others none."""
    table = np.full((len(LANGUAGES), classes), -40.0, np.float32)
    for (language, number), p in likely.items():
        table[LANGUAGES.index(language), number] = np.log(p)
    return table


def hear(
    language: str, last: Likelihoods, hundreds: Likelihoods | None = None, appeal: tuple[float, ...] = (-40, -40, -40)
) -> Hypothesis:
    no_hundreds: Likelihoods = {(code, 0): 1.0 for code in LANGUAGES}
    return decode(
        logits(CLASSES, last), logits(HUNDREDS, hundreds or no_hundreds), np.array(appeal, np.float32), language
    )


def likely(hypothesis: Hypothesis) -> dict[int, Any]:
    return {number: pytest.approx(p, abs=1e-6) for number, p in hypothesis.numbers.items() if p > 1e-6}


def test_the_outputs_are_as_many_as_the_classes() -> None:
    assert (NONE, CLASSES, list(COMMANDS)) == (106, 107, ["repeat", "skip", "stop", "start", "yes", "no"])
    assert set(ALSO_ACCEPTED) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("number", "hundred", "remainder"), [(0, 0, 0), (56, 0, 56), (100, 1, 0), (256, 2, 56), (400, 4, 0)]
)
def test_a_number_is_its_hundreds_and_the_remainder(number: int, hundred: int, remainder: int) -> None:
    assert likely(hear("en", {("en", remainder): 1.0}, {("en", hundred): 1.0})) == {number: 1.0}


def test_doubts_about_hundreds_and_remainder_multiply() -> None:
    hypothesis = hear("en", {("en", 15): 0.5, ("en", 50): 0.3, ("en", NONE): 0.2}, {("en", 0): 0.9, ("en", 1): 0.1})
    assert likely(hypothesis) == {15: 0.45, 50: 0.27, 115: 0.05, 150: 0.03}


def test_numbers_beyond_the_largest_are_none() -> None:
    hypothesis = hear("en", {("en", 7): 1.0}, {("en", 4): 0.8, ("en", 0): 0.2})
    assert likely(hypothesis) == {7: 0.2}
    assert set(hypothesis.numbers) == set(range(LARGEST_NUMBER + 1))


def test_english_numbers_are_heard_in_marathi_and_marathi_ones_not_in_english() -> None:
    last = {("mr", 7): 0.25, ("en", 7): 0.5, ("en", 11): 0.25, ("hi", 60): 1.0}
    assert likely(hear("mr", last)) == {7: 0.75, 11: 0.25}
    assert likely(hear("en", last)) == {7: pytest.approx(2 / 3), 11: pytest.approx(1 / 3)}


def test_each_language_has_its_own_hundreds() -> None:
    last = {("hi", 50): 0.5, ("en", 15): 0.5}
    assert likely(hear("hi", last, {("hi", 1): 1.0, ("en", 0): 1.0})) == {150: 0.5, 15: 0.5}


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("repeat", Spoken.REPEAT),
        ("skip", Spoken.SKIP),
        ("stop", Spoken.STOP),
        ("start", Spoken.START),
        ("no", Spoken.CORRECTION),
    ],
)
def test_a_command_in_either_language_counts(word: str, command: Spoken) -> None:
    output = 100 + list(COMMANDS).index(word)
    hypothesis = hear("hi", {("hi", output): 0.5, ("en", output): 0.4, ("hi", NONE): 0.1})
    assert {spoken: p for spoken, p in hypothesis.commands.items() if p > 1e-6} == {command: pytest.approx(0.9)}
    assert likely(hypothesis) == {}


def test_yes_means_nothing() -> None:
    hypothesis = hear("en", {("en", 100 + list(COMMANDS).index("yes")): 1.0})
    assert max(hypothesis.commands.values()) < 1e-6 and likely(hypothesis) == {}


def test_nothing_is_lost_and_nothing_added() -> None:
    random = np.random.default_rng(0)
    last, hundreds = random.normal(0, 3, (3, CLASSES)), random.normal(0, 3, (3, HUNDREDS))
    hundreds[:, 4] = -40  # 401 to 499
    for language in LANGUAGES:
        without_none = last.copy()
        without_none[:, [NONE, 104]] = -40  # "none of these" and "yes"
        hypothesis = decode(without_none, hundreds, np.zeros(3), language)
        assert sum(hypothesis.numbers.values()) + sum(hypothesis.commands.values()) == pytest.approx(1)
        assert hypothesis.none == pytest.approx(0)
        doubted = decode(last, hundreds, np.zeros(3), language)
        assert sum(doubted.numbers.values()) + sum(doubted.commands.values()) + doubted.none == pytest.approx(1)
        assert doubted.none > 0.0005


def test_an_appeal_counts_for_as_much_as_its_language() -> None:
    last = {("mr", 56): 0.75, ("en", 56): 0.25, ("hi", 56): 1.0}
    assert hear("mr", last, appeal=(-40, 40, 40)).appeal == pytest.approx(0.75)
    assert hear("mr", last, appeal=(0, 40, 40)).appeal == pytest.approx(0.875)
    assert hear("en", last, appeal=(-800, 40, 40)).appeal == 0


def test_an_objection_without_a_number_is_heard_whichever_languages_it_is_silence_to() -> None:
    last = {("mr", NONE): 0.4, ("en", NONE): 0.6}
    assert hear("mr", last, appeal=(-40, -40, 40)).appeal == pytest.approx(1)
    assert hear("mr", last, appeal=(40, 40, -40)).appeal == pytest.approx(0)
