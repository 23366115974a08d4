"""What a follower has understood of a chanted table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .lexicon import Spoken


@dataclass(frozen=True, slots=True)
class ChantedLine:
    """A line of a table that was said."""

    line: int
    """The multiplier: 3 for "seven threes are twenty-one"."""
    product: int
    """The number that was said as the product."""
    is_right: bool | None
    """Whether that is the line's product; None where it is not clear enough."""
    begin_ms: int
    """Where it began, in ms of audio of the utterance; negative where it began before."""
    end_ms: int
    """Where it ended."""
    other_ms: int = 0
    """How much else was heard since the line before it."""
    is_whole: bool = True
    """Whether it was said with its operand; else as its product alone."""


@dataclass(frozen=True, slots=True)
class Chant:
    """A follower's present opinion of an utterance."""

    lines: tuple[ChantedLine, ...] = ()
    """Those that ended in it, in the order in which they were said."""
    current: int | None = None
    """The line that is being said."""
    command: Spoken | None = None
    """What the utterance asks for: then its lines are none."""


# Three products in a row of another table, and none that is right, are no mistakes.
IN_A_ROW = 3


def other_table(lines: Sequence[ChantedLine], table: int) -> int | None:
    """Return the table from 2 to 10 that is chanted in place of this one; None where that is not clear."""
    if any(line.is_right for line in lines):
        return None
    products = [line.product for line in lines]
    for other in range(2, 11):
        runs = (products[at : at + IN_A_ROW] for at in range(len(products) - IN_A_ROW + 1))
        if other != table and any(_is_run(run, other) for run in runs):
            return other
    return None


def _is_run(products: Sequence[int], table: int) -> bool:
    return products[0] % table == 0 and all(after - before == table for before, after in pairwise(products))
