"""Rescore a hypothesis by its sounds: how well those of the likeliest numbers, and of the commands, fit the audio.

The network also hears sounds, in the order in which they are said (`ctc.py`). Its mistakes there differ from those in
the meaning, so both together are right more often. docs/experiments.md has the experiments behind the constants.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from ...understanding.hypothesis import Hypothesis
from ...understanding.lexicon import Spoken
from .ctc import BLANK, log_likelihoods, relative
from .sequences import Parts, in_turn, paused

# Marks the place of the number in the spelling of an objection ("मैंने ... कहा था").
NUMBER = -1
# How many numbers are rescored. The right one is hardly ever further down.
_LOOKED_AT = 16
# The weight of the sounds against the meaning: 0.3 hears fewer digits of people, 0.5 marks more right answers wrong.
_SHARE = 0.4
# How much likelier than the best number all that was heard may be, in nats. Beyond it more than one number was said, or
# something else: 95 % of single numbers are below 2.2, four of five pairs above 8.
_STRANGE = 4.0
# How much better, in nats, several numbers in turn must fit than one number that fits as well.
_BETTER = 2.0
# The price, in nats, of other words before a number, and again after it. It does not grow with their length, or the
# longer of two numbers would win. 3 and 7 mishear more of 3,061 answers.
_SOMETHING_ELSE = 7.0
# How much likelier, in nats, it then is that no number was said: with it fewer strangers' words are judged.
_DOUBT = 2.0
# The price, in nats, that is forgiven to each sound of a command. A command is obeyed by its sounds if they are about
# all that was heard and fit by _CLEARLY nats better than any number: "सोडा" (leave it) and "सोळा" (16) are one sound
# apart. An objection around its number ("मैंने छप्पन कहा था") must be about all that was heard, too.
_MISHEARD = 0.7
_CLEARLY = 9.0
# The probability of a number whose name the meaning does not know ("सवा दो सौ", 225) and that the sounds tell as they
# tell a command. It is enough to be right, and too little to be wrong.
_UNUSUAL = 0.5
# How much better, in nats, several numbers in turn must fit than such a number.
_THAN_UNUSUAL = 0.5
# The least probability of a rescored number: the sounds may tell one that the meaning all but excludes.
_LEAST = 1e-4

Word = int | Spoken
W = TypeVar("W", int, Spoken)
Spellings = Mapping[Word, Sequence[Sequence[int]]]
"""For each number and command, the labels of the sounds of each pronunciation."""


def read_spellings(text: str) -> dict[str, dict[Word, list[list[int]]]]:
    """Parse each language's spellings, which the training writes into the network's file as JSON."""
    return {
        language: {int(word) if word.isdigit() else Spoken(word): forms for word, forms in words.items()}
        for language, words in json.loads(text).items()
    }


def rescore(
    meaning: Hypothesis,
    sounds: np.ndarray,
    spellings: Sequence[Spellings],
    parts: Sequence[Parts] = (),
    wholes: Sequence[Parts] = (),
) -> Hypothesis:
    """Return `meaning` with the share of its likeliest numbers distributed anew, or the command that was said.

    `sounds`: log-probabilities of the sounds at each moment, shape (moments, sounds). `spellings`: those of the
    accepted languages, the practised one first. `parts`: their numbers that may be said in turn. `wholes`: all their
    numbers.
    """
    numbers = meaning.numbers
    likeliest = sorted(numbers, key=numbers.__getitem__)[-_LOOKED_AT:]
    everything = float(sounds.max(axis=1).sum())
    fits = _fits(likeliest, sounds, spellings)
    best = max(fits.values())
    fits_well = best >= everything - _STRANGE
    # "Seven ... four" sounds like "seventy-four" with a pause in it.
    if fits_well and paused(sounds) and (turns := in_turn(numbers, sounds, best - everything + _BETTER, parts)):
        return replace(meaning, numbers=turns)
    if fits_well:
        return replace(meaning, numbers=_shared_out(numbers, fits))
    commands = _fits(Spoken, sounds, spellings, misheard=_MISHEARD)
    command = max(commands, key=commands.__getitem__)
    if commands[command] >= max(everything, best + _CLEARLY):
        return Hypothesis(commands={command: 1.0})
    unusual = _by_sounds(sounds, wholes, max(everything, best + _CLEARLY))
    # "Four hundred" is one number; "सात दोन", 72 digit by digit, sounds a little like "साठ दोन", 62.
    least = max(unusual.values()) - everything + _THAN_UNUSUAL if unusual else -_STRANGE
    if turns := in_turn(numbers, sounds, least, parts):
        return replace(meaning, numbers=turns)
    if unusual:
        shares = _shared_out(dict.fromkeys(unusual, _UNUSUAL / len(unusual)), unusual)
        return replace(meaning, numbers={**dict.fromkeys(numbers, 0.0), **shares}, none=1 - _UNUSUAL)
    within = _fits(likeliest, sounds, spellings, elsewhere_cost=_SOMETHING_ELSE)
    doubtful = _shared_out(numbers, within, _DOUBT)
    objection = _objection(max(likeliest, key=doubtful.__getitem__), sounds, spellings)
    known = [_around(likeliest, objection, spellings)] if objection else []
    around = _fits(likeliest, sounds, known, misheard=_MISHEARD)
    if max(around.values()) >= everything:
        # A number was said, even if the meaning doubts it.
        return replace(meaning, numbers=_shared_out(numbers, around, doubt=0.0), none=0.0, appeal=1.0)
    none = max(0.0, meaning.none + sum(numbers.values()) - sum(doubtful.values()))
    return replace(meaning, numbers=doubtful, none=none)


def _fits(
    words: Iterable[W],
    sounds: np.ndarray,
    spellings: Sequence[Spellings],
    *,
    elsewhere_cost: float = np.inf,
    misheard: float = 0.0,
) -> dict[W, float]:
    """Return each word's log-likelihood in the pronunciation that fits best; -inf if it has none.

    `elsewhere_cost`: see `log_likelihoods`. `misheard`: the nats that are forgiven to each sound.
    """
    # An objection around a number is not a word by itself.
    said = [(word, form) for word in words for own in spellings for form in own.get(word, ()) if NUMBER not in form]
    fits = dict.fromkeys(words, -np.inf)
    likelihoods = log_likelihoods(sounds, [form for _, form in said], elsewhere_cost)
    for (word, form), fit in zip(said, likelihoods, strict=True):
        fits[word] = max(fits[word], float(fit) + misheard * len(form))
    return fits


def _by_sounds(sounds: np.ndarray, wholes: Sequence[Parts], clear: float) -> dict[int, float]:
    """Return the log-likelihoods of the numbers that may be all that was heard.

    Empty if none is above `clear`, each of its sounds perhaps misheard.
    """
    heard, likeliest = relative(sounds), sounds.argmax(axis=1)
    length = int(np.count_nonzero((likeliest != BLANK) & (likeliest != np.append(BLANK, likeliest[:-1]))))
    said = [part for whole in wholes for part in whole.heard(heard, length)]
    fits: dict[int, float] = {}
    is_clear = False
    for part, fit in zip(said, log_likelihoods(sounds, [part.form for part in said]), strict=True):
        fits[part.number] = max(fits.get(part.number, -np.inf), float(fit))
        is_clear = is_clear or fit + _MISHEARD * len(part.form) >= clear
    return fits if is_clear else {}


def _objection(number: int, sounds: np.ndarray, spellings: Sequence[Spellings]) -> Sequence[int]:
    """Return the objection that fits best around the number; empty if the languages have none."""
    objections = [form for own in spellings for form in own.get(Spoken.APPEAL, ()) if NUMBER in form]
    tries = [(form, said) for form in objections for said in _around([number], form, spellings)[number]]
    if not tries:
        return ()
    return tries[log_likelihoods(sounds, [said for _, said in tries]).argmax()][0]


def _around(numbers: Iterable[int], objection: Sequence[int], spellings: Sequence[Spellings]) -> Spellings:
    """Return the numbers' spellings, each within the objection."""
    at = objection.index(NUMBER)
    return {
        number: [[*objection[:at], *said, *objection[at + 1 :]] for own in spellings for said in own.get(number, ())]
        for number in numbers
    }


def _shared_out(numbers: Mapping[int, float], fits: Mapping[int, float], doubt: float = 1.0) -> dict[int, float]:
    """Distribute the share of the numbers in `fits` among those that fit; `doubt` times as much goes to no number."""
    together, best = sum(numbers[number] for number in fits), max(fits.values())
    weights = {
        number: max(numbers[number], _LEAST * together) * np.exp(_SHARE * (fit - best)) for number, fit in fits.items()
    }
    scale = together / (together + doubt * (1 - together)) / sum(weights.values())
    return {**numbers, **{number: float(weight * scale) for number, weight in weights.items()}}
