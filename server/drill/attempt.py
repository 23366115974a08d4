"""The record of one answer."""

from dataclasses import dataclass

from .facts import Fact
from .judging import Verdict


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one question. All knowledge of a learner follows from the attempts, in their order."""

    fact: Fact
    verdict: Verdict
    heard: int | None
    """The number that was understood; None without one."""
    confidence: float
    """Its probability, 0..1."""
    response_ms: int | None
    """From the end of the question to the onset of the voice; None if the answer was not spoken."""
    at_ms: int
    """Milliseconds since 1970, UTC."""
    appeal: bool = False
    """The attempt replaces the latest wrong attempt at its fact, which had been right."""
    in_order: bool = False
    """It was a line of a recited table, of which the line before is the cue."""
