"""Multiplication facts."""

from collections.abc import Iterable
from dataclasses import dataclass

# India learns tables to 20 or 30, each to ten lines; England to 12 x 12.
TABLES = range(1, 31)
LINES = 10
LONGER_LINES = 12
MULTIPLIERS = range(1, LONGER_LINES + 1)
LARGEST_ANSWER = TABLES[-1] * LINES


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

    @property
    def pair(self) -> "Fact":
        """Of a fact and its twin the one that stands for both."""
        return min(self, self.twin)


def lines_of(table: int, lines: int = LINES) -> range:
    """The multipliers of a table; only those to 12 have longer ones."""
    return range(1, (lines if table <= LONGER_LINES else LINES) + 1)


def facts_of(tables: Iterable[int], lines: int = LINES, largest: int = LARGEST_ANSWER) -> tuple[Fact, ...]:
    """The facts of the chosen tables, in order, but for answers above `largest`.

    Raises ValueError for a table that is not taught, or for none.
    """
    chosen = sorted(set(tables))
    if not chosen or not set(chosen) <= set(TABLES):
        raise ValueError(f"tables must be from {TABLES[0]} to {TABLES[-1]}, at least one")
    facts = (Fact(left, right) for left in chosen for right in lines_of(left, lines))
    return tuple(fact for fact in facts if fact.answer <= largest)


def tables_to(largest: int, lines: int = LINES) -> list[int]:
    """The tables of which every line has an answer up to `largest`."""
    return [table for table in TABLES if table * lines_of(table, lines)[-1] <= largest]


def lines_to(largest: int) -> list[int]:
    """How long a table may be, where answers go up to `largest`."""
    return [lines for lines in (LINES, LONGER_LINES) if lines * lines <= largest]


EVERY_FACT = facts_of(TABLES, LONGER_LINES)
