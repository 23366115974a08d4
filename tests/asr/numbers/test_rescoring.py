"""Rescoring: CTC's likelihoods equal the sum over all paths, and sounds can decide."""

from itertools import groupby, product

import numpy as np
import pytest

from server.asr.numbers.ctc import log_likelihoods
from server.asr.numbers.rescoring import NUMBER, Spellings, read_spellings, rescore
from server.asr.numbers.sequences import Parts
from server.dialogue.turn import decide
from server.drill.facts import Fact
from server.drill.judging import Judgement, JudgingSettings, Verdict
from server.languages import load_language
from server.understanding.hypothesis import Hypothesis
from server.understanding.interpretation import interpret
from server.understanding.lexicon import Spoken


def by_all_paths(sounds: np.ndarray, form: list[int]) -> float:
    """Graves' definition: sum over every path that gives the form after removing repetitions and then blanks."""
    moments, labels = sounds.shape
    paths = (
        path for path in product(range(labels), repeat=moments) if [one for one, _ in groupby(path) if one] == form
    )
    return float(np.log(sum(np.exp(sum(sounds[at, label] for at, label in enumerate(path))) for path in paths)))


def random_sounds(moments: int, labels: int, seed: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, 2, (moments, labels))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def by_all_parts(sounds: np.ndarray, form: list[int], cost: float) -> float:
    """Try each part of the sounds that starts and ends with the form, with the best price for what lies around it."""
    moments, labels = sounds.shape
    likelihood = 0.0
    for begin in range(moments):
        for end in range(begin + 1, moments + 1):
            around = [sounds[:begin], sounds[end:]]
            other = sum(max(part[:, 0].sum(), part.max(axis=1).sum() - cost) for part in around)
            for path in product(range(labels), repeat=end - begin):
                if path[0] and path[-1] and [one for one, _ in groupby(path) if one] == form:
                    said = sum(sounds[begin + at, label] for at, label in enumerate(path))
                    likelihood += np.exp(other + said)
    return float(np.log(likelihood))


@pytest.mark.parametrize("cost", [0.5, 3.0])
def test_likelihoods_of_a_part_are_those_of_all_parts(cost: float) -> None:
    sounds = random_sounds(5, 4, 7)
    forms = [[1], [2, 3], [1, 1]]
    expected = [by_all_parts(sounds, form, cost) for form in forms]
    assert log_likelihoods(sounds, forms, cost) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_likelihoods_are_those_of_all_paths(seed: int) -> None:
    sounds = random_sounds(5, 4, seed)
    forms = [[1], [2, 3], [1, 1], [3, 3, 1], [1, 2, 3, 2]]
    assert log_likelihoods(sounds, forms) == pytest.approx([by_all_paths(sounds, form) for form in forms], abs=1e-6)


def test_what_is_longer_than_the_sound_is_next_to_impossible() -> None:
    assert log_likelihoods(random_sounds(2, 4, 0), [[1, 2, 3], [1]])[0] < -100


def heard(*labels: int) -> np.ndarray:
    """These labels, each for one moment, with a blank after it."""
    sounds = np.full((2 * len(labels), 5), np.log(0.001))
    for at, label in enumerate(labels):
        sounds[2 * at, label] = sounds[2 * at + 1, 0] = np.log(0.996)
    return sounds


SPELLINGS = {200: [[1, 2]], 207: [[1, 2, 3, 4]], 7: [[3, 4], [3]]}


def look(numbers: dict[int, float], sounds: np.ndarray, *spellings: Spellings) -> dict[int, float]:
    return dict(rescore(Hypothesis(numbers), sounds, spellings or [SPELLINGS]).numbers)


def test_the_sounds_decide_between_what_the_meaning_takes_for_alike() -> None:
    looked = look({200: 0.3, 207: 0.5, 7: 0.0}, heard(1, 2))
    assert looked[200] > 0.5 > looked[207]
    assert sum(looked.values()) == pytest.approx(0.8)


def test_what_fits_badly_stays_where_nothing_fits_better() -> None:
    assert look({7: 0.9, 200: 0.0}, heard(3, 4))[7] == pytest.approx(0.9, abs=0.01)


def test_each_language_that_is_heard_brings_its_forms() -> None:
    assert look({200: 0.4, 207: 0.4}, heard(4, 4), SPELLINGS, {200: [[4, 4]]})[200] > 0.6


def test_among_other_words_the_part_that_fits_counts() -> None:
    looked = look({200: 0.3, 207: 0.5}, heard(4, 3, 4, 1, 2))
    assert looked[200] > 0.6 > 0.1 > looked[207]


def test_among_other_words_it_is_likelier_that_no_number_was_said() -> None:
    total = sum(look({200: 0.3, 207: 0.5}, heard(4, 3, 4, 1, 2)).values())
    assert total == pytest.approx(0.8 / (0.8 + 2 * 0.2))


@pytest.mark.parametrize("sounds", [heard(1, 2), heard(4, 3, 4, 1, 2)], ids=["a number", "among other words"])
def test_what_the_numbers_lose_goes_to_none_of_them(sounds: np.ndarray) -> None:
    looked = rescore(Hypothesis({200: 0.3, 207: 0.5}, none=0.2), sounds, [SPELLINGS])
    assert sum(looked.numbers.values()) + looked.none == pytest.approx(1)


def test_of_two_numbers_the_sounds_prefer_neither_the_longer_nor_the_shorter() -> None:
    for said in (heard(1, 2, 3, 4, 0, 3), heard(3, 0, 1, 2, 3, 4)):
        looked = look({7: 0.5, 207: 0.5}, said, {207: [[1, 2, 3, 4]], 7: [[3]]})
        assert looked[7] == pytest.approx(looked[207], rel=0.25)


COMMANDS = {16: [[1, 2]], Spoken.SKIP: [[1, 3], [3, 1]], Spoken.APPEAL: [[4, 4, 2]]}


def test_a_command_is_heard_by_its_sounds() -> None:
    doubtful = Hypothesis({16: 0.5}, {Spoken.SKIP: 0.1})
    assert rescore(doubtful, heard(3, 1), [COMMANDS]) == Hypothesis(commands={Spoken.SKIP: 1.0})
    assert rescore(doubtful, heard(4, 4, 2), [{}, COMMANDS]) == Hypothesis(commands={Spoken.APPEAL: 1.0})


def test_a_number_one_sound_apart_is_no_command() -> None:
    between = np.logaddexp(heard(1, 3), heard(1, 2)) - np.log(2)
    assert look({16: 0.9}, between, COMMANDS)[16] == pytest.approx(0.9, abs=0.01)


def test_a_command_among_other_words_is_none() -> None:
    assert rescore(Hypothesis({16: 0.5}), heard(3, 1, 4, 4), [COMMANDS]).commands == {}


OBJECTIONS = {56: [[1, 2]], 50: [[1, 3]], Spoken.APPEAL: [[3, NUMBER, 4, 3], [3, NUMBER, 4], [3, 4]]}


def test_an_objection_is_heard_around_its_number() -> None:
    doubtful = Hypothesis({56: 0.01, 50: 0.02}, {Spoken.SKIP: 0.9}, appeal=0.1)
    found = rescore(doubtful, heard(3, 1, 2, 4, 3), [OBJECTIONS, {}])
    assert found.appeal == 1 and sum(found.numbers.values()) == pytest.approx(1)
    assert found.numbers[56] > 0.8


@pytest.mark.parametrize("around", [(1, 2), (3, 1, 2), (1, 2, 4, 3), (3, 1, 2, 4, 4, 2), (3, 4)])
def test_half_an_objection_is_none_and_neither_is_more(around: tuple[int, ...]) -> None:
    assert rescore(Hypothesis({56: 0.5, 50: 0.2}), heard(*around), [OBJECTIONS]).appeal == 0


def test_spellings_are_read_as_they_are_written() -> None:
    told = '{"mr": {"56": [[1, 2], [3]], "skip": [[4]]}}'
    assert read_spellings(told) == {"mr": {56: [[1, 2], [3]], Spoken.SKIP: [[4]]}}


# "Seven quarters", 175, is a name that the meaning was not taught.
NAMES = {175: [[3, 1, 2, 4]], 200: [[1, 2]], 7: [[3], [4, 4]]}


def by_name(numbers: dict[int, float], sounds: np.ndarray) -> Hypothesis:
    whole = Parts(NAMES, range(401))
    meaning = Hypothesis({**dict.fromkeys(range(401), 0.0), **numbers}, none=1 - sum(numbers.values()))
    return rescore(meaning, sounds, [{number: NAMES.get(number, []) for number in range(401)}], [], [whole])


def likely(*numbers: int) -> dict[int, float]:
    """The meaning's opinion: these, and fifteen more that fill the first look."""
    return {**dict.fromkeys(range(300, 316), 0.001), **dict.fromkeys(numbers, 0.5 / len(numbers))}


def test_a_number_whose_name_the_meaning_does_not_know_is_told_by_its_sounds() -> None:
    looked = by_name(likely(200), heard(3, 1, 2, 4))
    assert looked.numbers[175] == pytest.approx(0.5, abs=0.01)
    assert sum(looked.numbers.values()) + looked.none == pytest.approx(1)


@pytest.mark.parametrize("sounds", [(3, 1, 2), (1, 2, 4, 4, 1), (1,), (4, 3, 2, 1)])
def test_what_fits_no_name_is_none(sounds: tuple[int, ...]) -> None:
    assert by_name(likely(200), heard(*sounds)).numbers[175] < 0.1


def test_a_likely_number_that_fits_is_not_asked_about() -> None:
    assert by_name(likely(175), heard(3, 1, 2, 4)).numbers[175] > 0.45
    assert by_name(likely(200), heard(1, 2)).numbers[200] > 0.45


@pytest.mark.parametrize("none_weight", [0.1, 0.5, 1.0, 2.0])
def test_such_a_number_may_be_right_and_is_never_wrong_by_itself(none_weight: float) -> None:
    looked = interpret(by_name(likely(200), heard(3, 1, 2, 4)), load_language("en").lexicon)

    def verdict(asked: Fact) -> Verdict:
        decided = decide(looked, asked, None, JudgingSettings(), said={175}, none_weight=none_weight)
        assert isinstance(decided, Judgement)
        return decided.verdict

    assert verdict(Fact(25, 7)) is Verdict.CORRECT
    assert verdict(Fact(25, 8)) is Verdict.UNSURE
