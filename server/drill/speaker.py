"""How a learner says the numbers: for which of them the recogniser doubts right answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log

from .attempt import Attempt
from .judging import Verdict

LEARNING_RATE = 2.0
"""Nats for a right answer that was all in doubt. With 1, a third of what it saves is lost."""
HALF_LIFE = 20
"""How many right answers with the number later one counts half. Forgetting costs people little (10 or 40 do as well),
and lets another microphone, a growing voice and a mistake fade."""
LEAST_WEIGHT = 0.05
"""The least weight of "none of these", however much is learnt: talk is still no answer."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """What a learner's right answers tell about how the learner says each number. Never changed; `after` makes another.

    The recogniser takes some people's "two" for hardly a number, again and again. Only the weight of "none of these"
    is learnt: the odds between two numbers stay, and a wrong answer that is heard as a number stays wrong.
    """

    familiarity: Mapping[int, float] = field(default_factory=dict)
    """By number, in nats: by how much the odds of "none of these" are too high."""

    def after(self, attempts: Iterable[Attempt]) -> "Speaker":
        """With these attempts too, in their order, all in one language with one recogniser."""
        familiarity = dict(self.familiarity)
        for attempt in attempts:
            if attempt.verdict is Verdict.CORRECT and not attempt.appeal:
                number = attempt.fact.answer
                kept = familiarity.get(number, 0.0) * 0.5 ** (1 / HALF_LIFE)
                familiarity[number] = min(kept + LEARNING_RATE * (1 - attempt.confidence), -log(LEAST_WEIGHT))
        return Speaker(familiarity)

    def none_weight(self, number: int) -> float:
        """By how much the odds of "none of these" count less where this number is expected, `LEAST_WEIGHT` to 1."""
        return exp(-self.familiarity.get(number, 0.0))
