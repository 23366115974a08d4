"""What a recogniser has understood, before it is read as an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .lexicon import Spoken


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A recogniser's present opinion of an utterance.

    Either `numbers` and `commands`, the posterior probability of each, with `none`, that of "none of these", and
    `appeal`, that of an objection around the number ("no, I said fifty-six"); or `text`, the recognised words, with
    `confidence` for the least sure of them. What is missing from their sum is not known: of several numbers said in
    turn, which one counts.
    """

    numbers: Mapping[int, float] = field(default_factory=dict)
    commands: Mapping[Spoken, float] = field(default_factory=dict)
    none: float = 0.0
    appeal: float = 0.0
    text: str = ""
    confidence: float = 0.0
