"""What chooses the questions of a session."""

from typing import Protocol

from .facts import Fact
from .knowledge import Knowledge


class TooFewFacts(ValueError):
    """There is nothing to ask, or too little for a drill: so it is where few of the answers are understood."""


class Order(Protocol):
    """Sees what is known, and is told what came of each question."""

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        """The next fact to ask; None, with nothing changed, where nothing is left. `at_ms`: since 1970, UTC."""

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        """`fact` was answered, after `response_ms` where that is known."""

    def missed(self, fact: Fact) -> None:
        """`fact` was told without having been answered."""

    def rest(self, fact: Fact) -> None:
        """No answer to `fact` was understood: do not choose it until it is judged."""

    def forgive(self, fact: Fact) -> None:
        """The latest wrong answer to `fact` had been right."""
