"""A second look at the likeliest numbers: how well the sounds of each fit those that the network heard.

The network was also taught to hear sounds, in the order in which they are said (CTC: Graves et al., "Connectionist
temporal classification", 2006). Its mistakes there are others than in the meaning, so that the two together are right
more often than either.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np

# The label of CTC's blank.
BLANK = 0
# How many numbers are looked at again; the one that was said is hardly ever further down.
_LOOKED_AT = 16
# How much the sounds count against the meaning. Of 300 English digits that people said, and of the 98 English, 183
# Hindi and 144 Marathi numbers to 400 of the voices that calibrate, 0.3 hears 296, 98, 179 and 143 right, 0.4 297 and
# as many; 0.5 hears no more, and in babble marks one more right answer wrong.
_SHARE = 0.4
# How much likelier than the best number all that was heard may be, in nats: beyond it more was said than one number,
# and the sounds do not tell which one counts. 95 % of the numbers said alone are below 2.2, four of five pairs above 8.
_STRANGE = 4.0
# A number that the meaning all but excludes may still be the one that the sounds tell.
_LEAST = 1e-4

Spellings = Mapping[int, Sequence[Sequence[int]]]
"""For each number, the labels of the sounds of each way to say it."""


def read_spellings(text: str) -> dict[str, dict[int, list[list[int]]]]:
    """The spellings of each language, as the training writes them into the network's file (JSON)."""
    return {
        language: {int(number): forms for number, forms in numbers.items()}
        for language, numbers in json.loads(text).items()
    }


def second_look(
    numbers: Mapping[int, float], sounds: np.ndarray, spellings: Sequence[Spellings]
) -> dict[int, float]:
    """`numbers`, with what the likeliest of them have together shared out anew, where one number was all that was said.

    `sounds`: log-probabilities of the sounds at each moment, shape (moments, sounds); `spellings`: those of the
    languages that are heard.
    """
    likeliest = sorted(numbers, key=numbers.__getitem__)[-_LOOKED_AT:]
    said = [(number, form) for own in spellings for number in likeliest for form in own.get(number, ())]
    fits = dict.fromkeys(likeliest, -np.inf)
    for (number, _), fit in zip(said, log_likelihoods(sounds, [form for _, form in said])):
        fits[number] = max(fits[number], float(fit))
    best = max(fits.values())
    if sounds.max(axis=1).sum() - best > _STRANGE:
        return dict(numbers)
    together = sum(numbers[number] for number in likeliest)
    weights = {
        number: max(numbers[number], _LEAST * together) * np.exp(_SHARE * (fits[number] - best))
        for number in likeliest
    }
    scale = together / sum(weights.values())
    return {**numbers, **{number: float(weight * scale) for number, weight in weights.items()}}


def log_likelihoods(sounds: np.ndarray, forms: Sequence[Sequence[int]]) -> np.ndarray:
    """CTC's log-likelihood of each form, a sequence of labels that is not empty."""
    lengths = np.array([len(form) for form in forms])
    rows, states = np.arange(len(forms)), 2 * lengths.max() + 1
    labels = np.full((len(forms), states), BLANK)
    for row, form in zip(labels, forms):
        row[1:2 * len(form):2] = form
    # From one label straight to the next, unless they are the same.
    leaps = np.zeros(labels.shape)
    leaps[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    heard = np.maximum(np.exp(sounds), 1e-12)
    reached = np.zeros(labels.shape)
    reached[:, :2] = heard[0][labels[:, :2]]
    total = np.zeros(len(forms))
    for moment in heard[1:]:
        further = reached.copy()
        further[:, 1:] += reached[:, :-1]
        further[:, 2:] += reached[:, :-2] * leaps[:, 2:]
        further *= moment[labels]
        scale = further.sum(axis=1) + 1e-300
        reached = further / scale[:, None]
        total += np.log(scale)
    return total + np.log(reached[rows, 2 * lengths] + reached[rows, 2 * lengths - 1] + 1e-300)
