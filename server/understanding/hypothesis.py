"""The hypothesis of a recogniser, before it is read as an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .lexicon import Spoken


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A recogniser's present opinion of an utterance: either probabilities or `text`.

    Probability that is missing from the sum of `numbers`, `commands` and `none` is unknown: of several numbers said in
    turn, which one counts.
    """

    numbers: Mapping[int, float] = field(default_factory=dict)
    """Posterior probability of each number."""
    commands: Mapping[Spoken, float] = field(default_factory=dict)
    """Posterior probability of each command."""
    none: float = 0.0
    """Posterior probability of "none of these"."""
    appeal: float = 0.0
    """Probability of an objection around the number ("no, I said fifty-six")."""
    text: str = ""
    """The recognised words, from an engine without probabilities of numbers."""
    confidence: float = 0.0
    """Confidence of the least sure word of `text`, 0..1."""
