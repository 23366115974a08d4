"""Questions whose order is fixed beforehand: a table recited, the check."""

import random
from collections.abc import Iterator, Sequence

from .facts import Fact
from .knowledge import Knowledge

# The UK's Multiplication Tables Check asks so many.
CHECK_QUESTIONS = 25


class InTurn:
    """Asks each fact once, whatever comes of it."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._left: Iterator[Fact] = iter(facts)

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        return next(self._left, None)

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        """Nothing follows from it here."""

    def missed(self, fact: Fact) -> None:
        """Nothing follows from it here."""

    def rest(self, fact: Fact) -> None:
        """It is asked once here anyway."""

    def forgive(self, fact: Fact) -> None:
        """Nothing follows from it here."""


def recitation(facts: Sequence[Fact], chance: random.Random) -> InTurn:
    """Table by table, from the first line to the last."""
    return InTurn(sorted(facts))


def check(facts: Sequence[Fact], chance: random.Random) -> InTurn:
    """A sample without repeats, and without a fact's twin."""
    pairs: dict[Fact, list[Fact]] = {}
    for fact in facts:
        pairs.setdefault(fact.pair, []).append(fact)
    chosen = chance.sample(sorted(pairs), min(CHECK_QUESTIONS, len(pairs)))
    return InTurn([chance.choice(pairs[pair]) for pair in chosen])
