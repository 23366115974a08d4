"""Which fact is asked next."""

import random
from collections.abc import Sequence

from .facts import Fact

# A missed fact comes back after so many other questions (expanding retrieval practice within a session).
RETURNS_AFTER = (1, 3, 6)


class Plan:
    """Deals the facts like a shuffled pack of cards, brings missed facts back, never asks the same fact twice in a row.

    `seed` makes the order repeatable. At least two facts are needed.
    """

    def __init__(self, facts: Sequence[Fact], seed: int | None = None) -> None:
        if len(set(facts)) < 2:
            raise ValueError("a plan needs at least two facts")
        self._facts = tuple(facts)
        self._random = random.Random(seed)
        self._pack: list[Fact] = []
        self._returning: list[tuple[int, Fact]] = []
        self._asked = 0
        self._last: Fact | None = None
        self._last_returned = False

    def next(self) -> Fact:
        # Never two returning facts in a row: somebody who misses much still gets on.
        returning = None if self._last_returned else self._take_returning()
        self._last_returned = returning is not None
        fact = returning or self._deal()
        self._asked += 1
        self._last = fact
        return fact

    def missed(self, fact: Fact) -> None:
        """`fact`, just asked, was not known: ask it again soon, and then less soon."""
        self.forgive(fact)
        due = self._asked
        for others in RETURNS_AFTER:
            due += others
            self._returning.append((due, fact))
            due += 1
        self._returning.sort()

    def forgive(self, fact: Fact) -> None:
        """`fact` was known after all: drop its returns."""
        self._returning = [(due, returning) for due, returning in self._returning if returning != fact]

    def _take_returning(self) -> Fact | None:
        for position, (due, fact) in enumerate(self._returning):
            if due <= self._asked and fact != self._last:
                del self._returning[position]
                return fact
        return None

    def _deal(self) -> Fact:
        if not self._pack:
            self._pack = list(self._facts)
            self._random.shuffle(self._pack)
        # The pack may hold nothing but the fact just asked: then the next pack is opened under it.
        if all(fact == self._last for fact in self._pack):
            fresh = list(self._facts)
            self._random.shuffle(fresh)
            self._pack = self._pack + fresh
        position = next(i for i in reversed(range(len(self._pack))) if self._pack[i] != self._last)
        return self._pack.pop(position)
