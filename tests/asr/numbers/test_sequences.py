"""Several numbers in one breath: the meaning of two numbers' sounds, made up and spoken by the prompt voices."""

from itertools import product

import numpy as np
import pytest

from server.asr.numbers.ctc import log_likelihoods
from server.asr.numbers.engine import NumbersEngine
from server.asr.numbers.rescoring import rescore
from server.asr.numbers.sequences import Parts, in_turn, paused
from server.drill.judging import Verdict, judge
from server.languages import load_language
from server.understanding.hypothesis import Hypothesis
from server.understanding.interpretation import interpret
from tests.support.recordings import clip_samples, joined, number_samples, word_samples

from .test_rescoring import heard, random_sounds

# The form of 24 begins like that of 20.
SPELLINGS = {2: [[1, 2]], 3: [[3], [4, 4]], 20: [[4, 1]], 24: [[4, 1, 3]], 52: [[1, 2, 4, 3, 1]]}
EVERYTHING = dict.fromkeys(range(401), 0.0)


def turns(sounds: np.ndarray, last: int, least: float = -4.0) -> dict[int, float]:
    found = in_turn({**EVERYTHING, last: 0.9}, sounds, least, [Parts(SPELLINGS)])
    return {number: p for number, p in found.items() if p > 0.05}


def test_digits_are_a_number_and_the_last_of_them() -> None:
    assert turns(heard(1, 2, 3), 3) == pytest.approx({23: 0.738, 3: 0.063}, abs=0.07)
    assert turns(heard(1, 2, 4, 4), 3) == pytest.approx({23: 0.738, 3: 0.063}, abs=0.07)


def test_three_digits_are_a_number_too() -> None:
    assert turns(heard(3, 1, 2, 3), 3) == pytest.approx({323: 0.738, 3: 0.063}, abs=0.07)


def test_two_other_numbers_are_the_last_in_doubt() -> None:
    assert turns(heard(4, 1, 1, 2, 4, 3, 1), 52) == pytest.approx({52: 0.135}, abs=0.07)


def test_a_number_that_was_begun_anew_is_one() -> None:
    assert turns(heard(4, 1, 4, 1, 3), 24) == pytest.approx({24: 0.9}, abs=0.07)


def test_something_else_is_no_sequence() -> None:
    assert turns(heard(1, 2, 3, 2, 2), 3) == turns(heard(1, 2), 2) == {}


def test_after_a_pause_the_last_counts_for_more() -> None:
    silence = np.full((12, 5), np.log(0.001))
    silence[:, 0] = np.log(0.996)
    sounds = np.concatenate([heard(1, 2), silence, heard(3)])
    assert paused(sounds) and not paused(heard(1, 2, 3))
    assert turns(sounds, 3) == pytest.approx({23: 0.396, 3: 0.405}, abs=0.07)


@pytest.mark.parametrize("seed", range(3))
def test_a_pair_is_as_likely_as_its_forms_in_one(seed: int) -> None:
    """No form begins with the sound that another ends with; two words could share such a sound."""
    sounds, forms = random_sounds(8, 6, seed), {1: [[1, 2]], 2: [[3]], 3: [[4, 5, 4]]}
    pairs = {(a, b): forms[a][0] + forms[b][0] for a, b in product(forms, repeat=2) if a != b}
    expected = dict(zip(pairs, log_likelihoods(sounds, list(pairs.values())), strict=True))
    best = max(expected.values()) - sounds.max(axis=1).sum()
    one = {number: list(forms[number]) for number in max(expected, key=expected.__getitem__)}
    assert in_turn(EVERYTHING, sounds, best - 1e-6, [Parts(one)])
    assert not in_turn(EVERYTHING, sounds, max(best, 0.0) + 5.0, [Parts(one)])


def test_how_likely_numbers_were_said_at_all_is_for_the_room_to_weigh() -> None:
    """The meaning was never taught numbers in turn, and may take them for something else."""
    looked = rescore(Hypothesis({**EVERYTHING, 3: 0.1}, none=0.9), heard(1, 2, 3), [SPELLINGS], [Parts(SPELLINGS)])
    assert (sum(looked.numbers.values()), looked.none) == (pytest.approx(0.09, abs=0.01), 0.9)


def test_one_number_that_fits_as_well_is_one() -> None:
    spellings = {**SPELLINGS, 23: [[1, 2, 3]]}
    looked = rescore(Hypothesis({**EVERYTHING, 23: 0.9}), heard(1, 2, 3), [spellings], [Parts(spellings)])
    assert looked.numbers[23] == pytest.approx(0.9, abs=0.01)


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()


def verdict(engine: NumbersEngine, language: str, samples: np.ndarray, asked: int) -> Verdict:
    recogniser = engine.lease(language)
    recogniser.feed(samples.tobytes())
    return judge(interpret(recogniser.finish(), load_language(language).lexicon).numbers, asked).verdict


CASES = [
    *(((5, 6), gap_ms, 56, Verdict.CORRECT) for gap_ms in (80, 150, 250, 400)),
    *(((4, 8), gap_ms, 48, Verdict.CORRECT) for gap_ms in (80, 150, 250, 400)),
    *(((7, 2), gap_ms, 72, Verdict.CORRECT) for gap_ms in (80, 400)),
    ((1, 0, 8), 150, 108, Verdict.CORRECT),
    ((2, 5, 6), 80, 256, Verdict.CORRECT),
    *(((4, 8), gap_ms, 21, Verdict.UNSURE) for gap_ms in (80, 400)),
    ((4, 8), 80, 4, Verdict.UNSURE),
    ((4, 8), 900, 8, Verdict.CORRECT),
    ((4, 8), 900, 4, Verdict.UNSURE),
    ((48, 56), 900, 56, Verdict.CORRECT),
    ((48, 56), 900, 48, Verdict.UNSURE),
    ((48, 56), 900, 21, Verdict.UNSURE),
    ((56,), 0, 56, Verdict.CORRECT),
    ((56,), 0, 6, Verdict.WRONG),
]


@pytest.mark.engine
@pytest.mark.parametrize("language", ["en", "hi", "mr"])
@pytest.mark.parametrize(("said", "gap_ms", "asked", "expected"), CASES)
def test_what_people_mean_by_numbers_in_turn(
    engine: NumbersEngine, language: str, said: tuple[int, ...], gap_ms: int, asked: int, expected: Verdict
) -> None:
    samples = joined([number_samples(language, number) for number in said], gap_ms)
    assert verdict(engine, language, samples, asked) is expected


@pytest.mark.engine
@pytest.mark.parametrize("language", ["en", "hi", "mr"])
def test_a_chanted_fact_is_its_answer(engine: NumbersEngine, language: str) -> None:
    facts = [(7, 8), (6, 4), (2, 4), (4, 9), (8, 2), (9, 9)]
    verdicts = [verdict(engine, language, clip_samples(language, f"fact-{a}-{b}"), a * b) for a, b in facts]
    assert verdicts == [Verdict.CORRECT] * len(facts)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("language", "said", "asked", "expected"),
    [
        ("en", ["forty eight", "no", "fifty six"], 56, Verdict.CORRECT),
        ("en", ["five", "six"], 56, Verdict.CORRECT),
        ("en", ["twenty", "four"], 24, Verdict.CORRECT),
        ("en", ["twenty", "twenty four"], 24, Verdict.CORRECT),
        ("hi", ["पाँच", "छह"], 56, Verdict.CORRECT),
        ("en", ["one hundred", "five"], 105, Verdict.CORRECT),
        ("mr", ["एकशे", "पाच"], 105, Verdict.CORRECT),
        ("hi", ["सौ", "पाँच"], 105, Verdict.CORRECT),
        ("hi", ["अड़तालीस", "नहीं", "छप्पन"], 56, Verdict.CORRECT),
        ("hi", ["सात", "अट्ठे", "छप्पन"], 56, Verdict.CORRECT),
        ("mr", ["पाच", "सहा"], 56, Verdict.CORRECT),
        ("mr", ["पन्नास", "सहा"], 56, Verdict.CORRECT),
        ("mr", ["अठ्ठेचाळीस", "नाही", "छप्पन्न"], 56, Verdict.CORRECT),
    ],
)
def test_what_another_voice_means(
    engine: NumbersEngine, language: str, said: list[str], asked: int, expected: Verdict
) -> None:
    samples = joined([word_samples(language, text) for text in said], 200)
    assert verdict(engine, language, samples, asked) is expected
