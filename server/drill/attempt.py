"""What is remembered of an answer."""

from dataclasses import dataclass

from .facts import Fact
from .judging import Verdict


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one question; everything that is known of a learner follows from these, in their order.

    `at_ms` counts from 1970, UTC. `response_ms` runs from the end of the question to the onset of the voice; None where
    nothing was spoken. An `appeal` takes the place of the latest wrong attempt at its fact: it had been right.
    """

    fact: Fact
    verdict: Verdict
    heard: int | None
    confidence: float
    response_ms: int | None
    at_ms: int
    appeal: bool = False
