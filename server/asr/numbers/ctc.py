"""Likelihoods of sequences of sounds (CTC: Graves et al., "Connectionist temporal classification", 2006).

Probabilities are relative to the likeliest sound of each moment: `heard`, shape (moments, sounds). Three seconds of
plain probabilities would underflow.
"""

from collections.abc import Sequence

import numpy as np

# The label of CTC's blank.
BLANK = 0
# A floor for the logarithm; below it a form does not fit at all.
_NEXT_TO_NOTHING = 1e-300


def log_likelihoods(sounds: np.ndarray, forms: Sequence[Sequence[int]], elsewhere_cost: float = np.inf) -> np.ndarray:
    """Return CTC's log-likelihood of each form: a sequence of labels, not empty.

    `sounds`: log-probabilities, shape (moments, sounds). `elsewhere_cost`: the price in nats of anything else before
    the form, and the same price again after it.
    """
    heard = relative(sounds)
    silence = np.concatenate([[0], np.cumsum(np.log(heard[:, BLANK]))])
    before = np.exp(np.maximum(silence, -elsewhere_cost))
    behind = np.exp(np.maximum(silence[-1] - silence, -elsewhere_cost))
    total = behind[1:] @ endings(heard, forms, before[:-1, np.newaxis])
    return sounds.max(axis=1).sum() + log(total)


def relative(sounds: np.ndarray) -> np.ndarray:
    """Return probabilities relative to the likeliest sound of each moment, at least 1e-12."""
    return np.maximum(np.exp(sounds - sounds.max(axis=1, keepdims=True)), 1e-12)


def log(likelihoods: np.ndarray) -> np.ndarray:
    """Return the logarithm of likelihoods, with a floor."""
    return np.log(np.maximum(likelihoods, _NEXT_TO_NOTHING))


def endings(heard: np.ndarray, forms: Sequence[Sequence[int]], before: np.ndarray) -> np.ndarray:
    """Return the likelihood that each form ends at each moment, shape (moments, forms).

    `before`: the likelihood, at each moment, of what precedes a form that begins there; one column for each form or for
    all.
    """
    lengths = np.array([len(form) for form in forms], int)
    rows, ends = np.arange(len(forms)), 2 * lengths - 2
    # The labels with blanks between them.
    labels = np.full((len(forms), 2 * lengths.max(initial=1) - 1), BLANK)
    for row, form in zip(labels, forms, strict=True):
        row[: 2 * len(form) : 2] = form
    # A label may follow another one directly unless they are the same.
    leaps = np.zeros(labels.shape)
    leaps[:, 2::2] = labels[:, 2::2] != labels[:, :-2:2]
    # Two empty columns come first; the recursion reads them.
    reached = np.zeros((len(heard) + 1, len(forms), labels.shape[1] + 2))
    for begun, was, now, moment in zip(before, reached, reached[1:], heard[:, labels], strict=False):
        further = was[:, 2:] + was[:, 1:-1] + was[:, :-2] * leaps
        further[:, 0] += begun
        np.multiply(further, moment, out=now[:, 2:])
    return reached[1:, rows, ends + 2]


def with_silence(heard: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Return the likelihood that only silence follows what has `ended`, up to each moment; same shape."""
    followed = np.zeros_like(ended)
    for at in range(1, len(ended)):
        followed[at] = followed[at - 1] * heard[at - 1, BLANK] + ended[at - 1]
    return followed
