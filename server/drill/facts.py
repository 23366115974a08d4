"""Multiplication facts."""

from collections.abc import Iterable
from dataclasses import dataclass

# India learns tables to 20 or 30, with ten lines each; England to 12 x 12.
TABLES = range(1, 31)
LINES = 10
LONGER_LINES = 12
MULTIPLIERS = range(1, LONGER_LINES + 1)
LARGEST_ANSWER = TABLES[-1] * LINES


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """`left` x `right`: a line of the table of `left`."""

    left: int
    right: int

    @property
    def answer(self) -> int:
        return self.left * self.right

    @property
    def twin(self) -> "Fact":
        """The same two numbers in the other order; a square is its own twin."""
        return Fact(self.right, self.left)

    @property
    def pair(self) -> "Fact":
        """The one of a fact and its twin that stands for both."""
        return min(self, self.twin)


def lines_of(table: int, lines: int = LINES) -> range:
    """Return the multipliers of a table. Only tables to 12 have more than ten lines."""
    return range(1, (lines if table <= LONGER_LINES else LINES) + 1)


def facts_of(tables: Iterable[int], lines: int = LINES, largest: int = LARGEST_ANSWER) -> tuple[Fact, ...]:
    """Return the facts of the chosen tables, in order, without answers above `largest`.

    Raises ValueError for a table that is not taught, or for no table.
    """
    chosen = sorted(set(tables))
    if not chosen or not set(chosen) <= set(TABLES):
        raise ValueError(f"tables must be from {TABLES[0]} to {TABLES[-1]}, at least one")
    facts = (Fact(left, right) for left in chosen for right in lines_of(left, lines))
    return tuple(fact for fact in facts if fact.answer <= largest)


def tables_to(largest: int) -> list[int]:
    """Return the tables whose answers are all up to `largest`."""
    return [table for table in TABLES if table * lines_of(table, LINES)[-1] <= largest]


def lines_to(largest: int) -> list[int]:
    """Return the possible lengths of a table if answers go up to `largest`."""
    return [lines for lines in (LINES, LONGER_LINES) if lines * lines <= largest]


EVERY_FACT = facts_of(TABLES, LONGER_LINES)
