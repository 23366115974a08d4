"""What a follower has understood of a chanted table."""

from dataclasses import dataclass

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
