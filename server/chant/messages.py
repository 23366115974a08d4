"""What a chant hears and shows beside the messages of a drill."""

from dataclasses import dataclass

from ..dialogue import messages
from ..understanding.chant import Chant
from .progress import Line


@dataclass(frozen=True, slots=True)
class ChantHeard:
    """The utterance goes on, or pauses."""

    chant: Chant
    """What has been understood of it so far."""
    begins_ms: int
    """Where its sound begins in the stream."""
    silence_ms: int
    """How long no voice has been heard."""


@dataclass(frozen=True, slots=True)
class ChantEnded:
    """The utterance is over."""

    chant: Chant
    """What was understood of it."""
    begins_ms: int
    """Where its sound begins in the stream."""
    voice_ms: int = 0
    """From the onset to the end of the voice."""
    is_echo: bool = False
    """Whether it was the tablet's own voice."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All lines of the table, as they stand."""

    lines: tuple[Line, ...]
    current: int | None
    """The index of the line that is being said, or comes next; None at the end."""


@dataclass(frozen=True, slots=True)
class Recited:
    """What is to be kept of the recitation: the lines that were said, skipped or told."""

    lines: tuple[Line, ...]


Event = messages.Event | ChantHeard | ChantEnded
Effect = messages.Effect | Ladder | Recited
