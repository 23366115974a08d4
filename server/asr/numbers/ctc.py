"""How likely sequences of sounds are (CTC: Graves et al., "Connectionist temporal classification", 2006).

Probabilities are counted relative to the likeliest sound of each moment, `heard` of shape (moments, sounds), so that
what is said in three seconds does not get lost in the rounding.
"""

from collections.abc import Sequence

import numpy as np

# The label of CTC's blank.
BLANK = 0
# What does not fit at all is lost in the rounding; it is enough to know that.
_NEXT_TO_NOTHING = 1e-300


def log_likelihoods(sounds: np.ndarray, forms: Sequence[Sequence[int]], elsewhere_cost: float = np.inf) -> np.ndarray:
    """CTC's log-likelihood of each form, a sequence of labels that is not empty, from log-probabilities of sounds.

    `elsewhere_cost`: for so many nats anything at all may have been said before the form, for as many behind it.
    """
    heard = relative(sounds)
    silence = np.concatenate([[0], np.cumsum(np.log(heard[:, BLANK]))])
    before = np.exp(np.maximum(silence, -elsewhere_cost))
    behind = np.exp(np.maximum(silence[-1] - silence, -elsewhere_cost))
    total = behind[1:] @ endings(heard, forms, before[:-1, np.newaxis])
    return sounds.max(axis=1).sum() + log(total)


def relative(sounds: np.ndarray) -> np.ndarray:
    return np.maximum(np.exp(sounds - sounds.max(axis=1, keepdims=True)), 1e-12)


def log(likelihoods: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(likelihoods, _NEXT_TO_NOTHING))


def endings(heard: np.ndarray, forms: Sequence[Sequence[int]], before: np.ndarray) -> np.ndarray:
    """How likely each form has its last moment at each moment, and before it what is so likely there.

    `before`: at each moment, how likely is what comes before a form that begins there, for each form or for all.
    Returns the shape (moments, forms).
    """
    lengths = np.array([len(form) for form in forms], int)
    rows, ends = np.arange(len(forms)), 2 * lengths - 2
    # The labels, and between them blanks.
    labels = np.full((len(forms), 2 * lengths.max(initial=1) - 1), BLANK)
    for row, form in zip(labels, forms, strict=True):
        row[: 2 * len(form) : 2] = form
    # From one label straight to the next, unless they are the same.
    leaps = np.zeros(labels.shape)
    leaps[:, 2::2] = labels[:, 2::2] != labels[:, :-2:2]
    # Two columns of nothing come first, to step and to leap from.
    reached = np.zeros((len(heard) + 1, len(forms), labels.shape[1] + 2))
    for begun, was, now, moment in zip(before, reached, reached[1:], heard[:, labels], strict=False):
        further = was[:, 2:] + was[:, 1:-1] + was[:, :-2] * leaps
        further[:, 0] += begun
        np.multiply(further, moment, out=now[:, 2:])
    return reached[1:, rows, ends + 2]


def with_silence(heard: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """How likely what has ended at each moment is followed by nothing else until each moment; shape as `ended`."""
    followed = np.zeros_like(ended)
    for at in range(1, len(ended)):
        followed[at] = followed[at - 1] * heard[at - 1, BLANK] + ended[at - 1]
    return followed
