"""The protocols of a speech engine."""

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

from ..understanding.chant import Chant
from ..understanding.hypothesis import Hypothesis

Opinion = TypeVar("Opinion", covariant=True)


class StreamingRecogniser(Protocol[Opinion]):
    """Understands one utterance at a time. Not thread-safe: one caller at a time."""

    def start(self) -> None:
        """Begin a new utterance."""

    def feed(self, pcm: bytes) -> None:
        """Take more audio of the utterance. Cheap: the work may wait for `partial`."""

    def partial(self) -> Opinion:
        """Return the opinion so far, on all audio fed."""

    def finish(self) -> Opinion:
        """Return the final opinion. No more audio follows until `start`."""


Recogniser = StreamingRecogniser[Hypothesis]
"""Of answers."""
ChantFollower = StreamingRecogniser[Chant]
"""Of a child that chants a whole table, over several utterances."""


class SpeechEngine(Protocol):
    """A loaded model that lends recognisers. Thread-safe."""

    name: str

    def speaks(self, language: str) -> bool:
        """Tell whether the engine understands answers in `language`."""

    def largest_number(self, language: str) -> int:
        """The engine understands every number from 0 to this one."""

    def lease(self, language: str) -> Recogniser:
        """Borrow a recogniser; give it back with `release`. Raises EngineError if none can be made."""

    def release(self, language: str, recogniser: Recogniser) -> None:
        """Take a recogniser back for the next turn."""


@runtime_checkable
class ChantEngine(Protocol):
    """A speech engine that can also follow chants."""

    def follower(self, language: str, table: int, lines: Sequence[int]) -> ChantFollower:
        """What follows a chant of these lines of a table."""
