"""Several numbers in one breath: "five six" may be 56, digit by digit, or 5 and then, corrected, 6."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ...understanding.lexicon import Spoken
from ...understanding.turns import meant
from .ctc import BLANK, endings, log, relative, with_silence
from .vocabulary import LARGEST_NUMBER

# The numbers that may follow each other. Larger ones are said with a hundred.
_PARTS = range(101)
_MOST_HUNDREDS = LARGEST_NUMBER // 100
# The largest price, in nats, of a number's sounds at their likeliest moments. A dearer number was not said.
_COST = 12.0
# The price, in nats, of a sound that was heard and that a number lacks.
_LACKING = 4.0
# How many numbers are considered: the cheapest.
_LOOKED_AT = 40
# How many sequences are considered: the likeliest.
_TAKEN = 30
# The weight of the sounds against the meaning, which knows the last number well. As in rescoring.
_SHARE = 0.4
_LEAST = 1e-4
# A gap of this many moments (40 ms each) between two sounds is a pause that corrects: 480 ms. One breath has 200 to
# 400.
_PAUSE = 12


class Part(NamedTuple):
    """One pronunciation of a number."""

    number: int
    form: tuple[int, ...]
    """The labels of its sounds."""


class Parts:
    """The pronunciations, in one language, of the numbers that may follow each other."""

    def __init__(
        self, spellings: Mapping[int | Spoken, Sequence[Sequence[int]]], numbers: Iterable[int] = _PARTS
    ) -> None:
        self._parts = [Part(number, tuple(form)) for number in numbers for form in spellings.get(number, ())]
        self._lengths = np.array([len(part.form) for part in self._parts], int)
        self._labels = np.full((len(self._parts), self._lengths.max(initial=0)), -1)
        for row, part in zip(self._labels, self._parts, strict=True):
            row[: len(part.form)] = part.form

    def heard(self, heard: np.ndarray, length: int = 0) -> list[Part]:
        """Return the parts whose sounds are in `heard`, in any order, likeliest first.

        `length`: how many sounds a part should have; it pays for each that it lacks.
        """
        # Each sound at its likeliest moment. The appended zero is for the padding of short rows.
        costs = -np.append(np.log(heard.max(axis=0)), 0.0)[self._labels].sum(axis=1)
        costs += _LACKING * np.maximum(length - self._lengths, 0)
        return [self._parts[at] for at in np.argsort(costs)[:_LOOKED_AT] if costs[at] <= _COST]


def in_turn(
    meaning: Mapping[int, float], sounds: np.ndarray, least: float, languages: Sequence[Parts]
) -> dict[int, float]:
    """Return the numbers that several numbers in turn may mean, with probabilities; empty if no sequence fits.

    `least`: the least log-likelihood of a sequence, in nats relative to the likeliest sound of each moment.
    """
    heard = relative(sounds)
    # The practised language comes first: if it fits, no other is tried.
    likeliest = (_likeliest(heard, parts.heard(heard)) for parts in languages)
    said = next((sequences for sequences in likeliest if _best_fit(sequences) >= least), None)
    if said is None:
        return {}
    is_paused = paused(sounds)
    weights = np.array(
        [
            max(meaning.get(parts[-1].number, 0.0), _LEAST) * np.exp(_SHARE * (fit - _best_fit(said)))
            for fit, parts in said
        ]
    )
    numbers = dict.fromkeys(meaning, 0.0)
    for (_, parts), weight in zip(said, weights / weights.sum() * sum(meaning.values()), strict=True):
        for number, share in _meant(parts, is_paused).items():
            numbers[number] = numbers.get(number, 0.0) + float(weight * share)
    return numbers


def paused(sounds: np.ndarray) -> bool:
    """Tell whether there is a pause between two of the sounds."""
    moments = np.flatnonzero(sounds.argmax(axis=1) != BLANK)
    return len(moments) > 1 and int(np.diff(moments).max()) >= _PAUSE


def _meant(parts: Sequence[Part], paused: bool) -> dict[int, float]:
    first, *_, last = parts
    if first.number != last.number and last.form[: len(first.form)] == first.form:
        # "Twenty ... twenty-four": the child started anew.
        return {last.number: 1.0}
    return meant([part.number for part in parts], paused, LARGEST_NUMBER)


def _best_fit(said: Sequence[tuple[float, tuple[Part, ...]]]) -> float:
    return max((fit for fit, _ in said), default=-np.inf)


def _likeliest(heard: np.ndarray, parts: Sequence[Part]) -> list[tuple[float, tuple[Part, ...]]]:
    """Return the likeliest pairs of `parts`, each with its relative log-likelihood.

    If no pair covers about all that was heard, the likeliest three digits of a number are added.
    """
    if not parts:
        return []
    silence = np.concatenate([[1.0], np.cumprod(heard[:-1, BLANK])])[:, np.newaxis]
    silence_behind = np.concatenate([[1.0], np.cumprod(heard[:0:-1, BLANK])])[:, np.newaxis]
    first = with_silence(heard, endings(heard, [part.form for part in parts], silence))
    backwards = endings(heard[::-1], [part.form[::-1] for part in parts], silence_behind)
    last = backwards[::-1]
    pairs = _best(log(first.T @ last), [(part,) for part in parts], parts)
    digits = [at for at, part in enumerate(parts) if part.number < 10]
    hundreds = [at for at in digits if 1 <= parts[at].number <= _MOST_HUNDREDS]
    if not hundreds or _best_fit(pairs) >= 0:
        return pairs
    before = np.repeat(first[:, hundreds], len(digits), axis=1)
    two = [(parts[one], parts[other]) for one in hundreds for other in digits]
    ended = with_silence(heard, endings(heard, [other.form for _, other in two], before))
    return pairs + _best(log(ended.T @ last[:, digits]), two, [parts[at] for at in digits])


def _best(
    fits: np.ndarray, before: Sequence[tuple[Part, ...]], last: Sequence[Part]
) -> list[tuple[float, tuple[Part, ...]]]:
    best = np.argsort(fits, axis=None)[-_TAKEN:]
    places = zip(*np.unravel_index(best, fits.shape), strict=True)
    return [(float(fits[row, column]), (*before[row], last[column])) for row, column in places]
