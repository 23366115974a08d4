"""Multiplication facts."""

from collections.abc import Iterable
from dataclasses import dataclass

TABLES = range(1, 11)
MULTIPLIERS = range(1, 11)
LARGEST_ANSWER = TABLES[-1] * MULTIPLIERS[-1]


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """`left` x `right`: one line of the table of `left`."""

    left: int
    right: int

    @property
    def answer(self) -> int:
        return self.left * self.right

    @property
    def twin(self) -> "Fact":
        """The same two numbers the other way round; a square is its own twin."""
        return Fact(self.right, self.left)


def facts_of(tables: Iterable[int]) -> tuple[Fact, ...]:
    """All facts of the chosen tables, in order. Raises ValueError for a table that is not taught, or for none."""
    chosen = sorted(set(tables))
    if not chosen or not set(chosen) <= set(TABLES):
        raise ValueError(f"tables must be from {TABLES[0]} to {TABLES[-1]}, at least one")
    return tuple(Fact(left, right) for left in chosen for right in MULTIPLIERS)
