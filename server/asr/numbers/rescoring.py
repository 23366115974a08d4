"""A second look: how well the sounds of the likeliest numbers, and of the commands, fit those that the network heard.

The network was also taught to hear sounds, in the order in which they are said (`ctc.py`). Its mistakes there are
others than in the meaning, so that the two together are right more often than either.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from ...understanding.hypothesis import Hypothesis
from ...understanding.lexicon import Spoken
from .ctc import log_likelihoods
from .sequences import Parts, in_turn, paused

# In the spelling of an objection, where its number is said: "मैंने ... कहा था".
NUMBER = -1
# How many numbers are looked at again; the one that was said is hardly ever further down.
_LOOKED_AT = 16
# How much the sounds count against the meaning. Of 300 English digits that people said, and of the 98 English, 183
# Hindi and 144 Marathi numbers to 400 of the voices that calibrate, 0.3 hears 296, 98, 179 and 143 right, 0.4 297 and
# as many; 0.5 hears no more, and in babble marks one more right answer wrong.
_SHARE = 0.4
# How much likelier than the best number all that was heard may be, in nats: beyond it more was said than one number, or
# something else. 95 % of the numbers said alone are below 2.2, four of five pairs above 8.
_STRANGE = 4.0
# So much better several numbers in turn have to fit, where one number fits as well.
_BETTER = 2.0
# What it costs, in nats, that something else was said before a number, and behind it. However long that was: if each
# sound of it cost something, of two numbers the longer one would be taken for the one that counts. Of 3,061 answers of
# people and the voices that calibrate, in quiet, in noise, among other words, 3 mishears 198, 5 189 and 7 185. Where
# only whole answers had a second look, these were 253.
_SOMETHING_ELSE = 7.0
# So much likelier it is then that no number was said at all. Of 3,231 words of strangers, other words and noises 18 are
# judged; without it 25.
_DOUBT = 2.0
# A command is obeyed by its sounds if they are about all that was heard, each perhaps misheard by so much, and if they
# fit so much better than any number: "सोडा" (leave it) and "सोळा" (16) are one sound apart. Of 154 commands of the
# held-out voices 125 are obeyed by their meaning, 138 with their sounds, in noise and in babble 114 and 115, 130 and
# 124; of 8,812 numbers 5 and 6 are taken for one.
# An objection around its number ("मैंने छप्पन कहा था") has to be about all that was heard just so. Of 120 in Hindi and
# 120 in Marathi, of held-out voices, 119 and 51 are understood by their meaning, the number of 83 and 35 as well; with
# their sounds 119 and 113, of 104 and 106 the number. Of 8,000 other utterances none is taken for one.
_MISHEARD = 0.7
_CLEARLY = 9.0
# A number that the meaning all but excludes may still be the one that the sounds tell.
_LEAST = 1e-4

Word = int | Spoken
W = TypeVar("W", int, Spoken)
Spellings = Mapping[Word, Sequence[Sequence[int]]]
"""For each number and command, the labels of the sounds of each way to say it."""


def read_spellings(text: str) -> dict[str, dict[Word, list[list[int]]]]:
    """The spellings of each language, as the training writes them into the network's file (JSON)."""
    return {
        language: {int(word) if word.isdigit() else Spoken(word): forms for word, forms in words.items()}
        for language, words in json.loads(text).items()
    }


def rescore(
    meaning: Hypothesis, sounds: np.ndarray, spellings: Sequence[Spellings], parts: Sequence[Parts] = ()
) -> Hypothesis:
    """`meaning`, with what its likeliest numbers have together shared out anew; or the command that was said.

    `sounds`: log-probabilities of the sounds at each moment, shape (moments, sounds); `spellings`: those of the
    languages that are heard; `parts`: their numbers that may be said in turn.
    """
    numbers = meaning.numbers
    likeliest = sorted(numbers, key=numbers.__getitem__)[-_LOOKED_AT:]
    everything = float(sounds.max(axis=1).sum())
    fits = _fits(likeliest, sounds, spellings)
    best = max(fits.values())
    fits_well = best >= everything - _STRANGE
    # "Seven ... four" sounds like "seventy-four" with a pause in it.
    if fits_well and paused(sounds) and (turns := in_turn(numbers, sounds, best - everything + _BETTER, parts)):
        return replace(meaning, numbers=turns, none=0.0)
    if fits_well:
        return replace(meaning, numbers=_shared_out(numbers, fits))
    commands = _fits(Spoken, sounds, spellings, misheard=_MISHEARD)
    command = max(commands, key=commands.__getitem__)
    if commands[command] >= max(everything, best + _CLEARLY):
        return Hypothesis(commands={command: 1.0})
    if turns := in_turn(numbers, sounds, -_STRANGE, parts):
        return replace(meaning, numbers=turns, none=0.0)
    within = _fits(likeliest, sounds, spellings, elsewhere_cost=_SOMETHING_ELSE)
    doubtful = _shared_out(numbers, within, _DOUBT)
    objection = _objection(max(likeliest, key=doubtful.__getitem__), sounds, spellings)
    known = [_around(likeliest, objection, spellings)] if objection else []
    around = _fits(likeliest, sounds, known, misheard=_MISHEARD)
    if max(around.values()) >= everything:
        # Some number was said, whatever the meaning holds of it.
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
    """How likely each word is, in the way to say it that fits best; -inf where none is known.

    `elsewhere_cost`: see `log_likelihoods`; `misheard`: what is forgiven, in nats, to each sound.
    """
    # An objection around a number is no word of its own.
    said = [(word, form) for word in words for own in spellings for form in own.get(word, ()) if NUMBER not in form]
    fits = dict.fromkeys(words, -np.inf)
    likelihoods = log_likelihoods(sounds, [form for _, form in said], elsewhere_cost)
    for (word, form), fit in zip(said, likelihoods, strict=True):
        fits[word] = max(fits[word], float(fit) + misheard * len(form))
    return fits


def _objection(number: int, sounds: np.ndarray, spellings: Sequence[Spellings]) -> Sequence[int]:
    """The objection that fits best around the number; empty where the languages put none there."""
    objections = [form for own in spellings for form in own.get(Spoken.APPEAL, ()) if NUMBER in form]
    tries = [(form, said) for form in objections for said in _around([number], form, spellings)[number]]
    if not tries:
        return ()
    return tries[log_likelihoods(sounds, [said for _, said in tries]).argmax()][0]


def _around(numbers: Iterable[int], objection: Sequence[int], spellings: Sequence[Spellings]) -> Spellings:
    """The numbers' spellings, each within the objection."""
    at = objection.index(NUMBER)
    return {
        number: [[*objection[:at], *said, *objection[at + 1 :]] for own in spellings for said in own.get(number, ())]
        for number in numbers
    }


def _shared_out(numbers: Mapping[int, float], fits: Mapping[int, float], doubt: float = 1.0) -> dict[int, float]:
    """What the numbers in `fits` have together goes to those that fit; to none of them `doubt` times as much."""
    together, best = sum(numbers[number] for number in fits), max(fits.values())
    weights = {
        number: max(numbers[number], _LEAST * together) * np.exp(_SHARE * (fit - best)) for number, fit in fits.items()
    }
    scale = together / (together + doubt * (1 - together)) / sum(weights.values())
    return {**numbers, **{number: float(weight * scale) for number, weight in weights.items()}}
