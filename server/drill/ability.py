"""Estimate what a learner knows of facts that were never asked: an Elo rating, as in Math Garden."""

from dataclasses import dataclass
from math import exp

from .facts import Fact

# The ease that each number gives a fact, in log odds: ones, tens, twos and fives are known first, sevens and eights
# last, and squares stand out (Campbell & Graham 1985; Klinkenberg et al. 2011). Rough: answers soon outweigh them.
EASE = {1: 2.0, 2: 1.0, 3: 0.0, 4: -0.3, 5: 0.6, 6: -0.6, 7: -1.0, 8: -1.0, 9: -0.7, 10: 1.6, 11: 0.0, 12: -1.0}
# Larger tables, which few children learn by heart; the round ones are easier.
EASE |= dict.fromkeys(range(13, 31), -2.0) | {15: -1.0, 20: 0.5, 25: -0.5, 30: 0.0}
SQUARE_EASE = 0.5
# Step sizes of the ratings of the learner and of each number (Klinkenberg et al. 2011: 0.4 for a new player).
LEVEL_STEP = 0.5
NUMBER_STEP = 0.3


@dataclass(frozen=True, slots=True)
class Ability:
    """A learner's ratings, in log odds."""

    level: float = 0.0
    """Of all facts together."""
    numbers: tuple[float, ...] = (0.0,) * (max(EASE) + 1)
    """For each number, the difference from what `level` and EASE predict."""

    def chance(self, fact: Fact) -> float:
        """Return the probability that the learner knows a fact that was never asked."""
        ease = EASE[fact.left] + EASE[fact.right] + SQUARE_EASE * (fact.left == fact.right)
        return 1 / (1 + exp(-(self.level + ease + self.numbers[fact.left] + self.numbers[fact.right])))

    def after(self, fact: Fact, known: bool) -> "Ability":
        """Return the rating after the first answer to `fact`."""
        surprise = known - self.chance(fact)
        numbers = list(self.numbers)
        for number in {fact.left, fact.right}:
            numbers[number] += NUMBER_STEP * surprise
        return Ability(self.level + LEVEL_STEP * surprise, tuple(numbers))
