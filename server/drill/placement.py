"""Finds out quickly which facts are known and which are not."""

import random
from collections.abc import Sequence
from math import exp, log

from .ability import Ability
from .facts import Fact
from .knowledge import Knowledge
from .memory import KNOWN_MS

# Facts less doubtful than this are not asked.
SURE = 0.95
# How far an answer to the twin moves the belief, in log odds: a x b known and b x a not is rare.
TWIN = 2.5


class Placement:
    """Asks what is most in doubt, in five minutes at most; silence and skipping count as not knowing here."""

    def __init__(self, facts: Sequence[Fact], chance: random.Random) -> None:
        self._facts = list(facts)
        chance.shuffle(self._facts)
        self._known: dict[Fact, bool] = {}
        self._ability = Ability()

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        """The most doubtful fact; None once nothing is in doubt."""
        doubts = {fact: abs(self.belief(fact) - 0.5) for fact in self._facts if fact not in self._known}
        fact = min(doubts, key=doubts.__getitem__, default=None)
        return fact if fact and doubts[fact] < SURE - 0.5 else None

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        self._learn(fact, right and (response_ms is None or response_ms <= KNOWN_MS))

    def missed(self, fact: Fact) -> None:
        self._learn(fact, False)

    def forgive(self, fact: Fact) -> None:
        self._known[fact] = True
        self._ability = Ability()
        for asked, known in self._known.items():
            self._ability = self._ability.after(asked, known)

    def belief(self, fact: Fact) -> float:
        """Probability that `fact` is known."""
        if fact in self._known:
            return float(self._known[fact])
        chance = self._ability.chance(fact)
        twin = self._known.get(fact.twin)
        if twin is None:
            return chance
        return 1 / (1 + exp(-log(chance / (1 - chance)) - (TWIN if twin else -TWIN)))

    def known(self) -> frozenset[Fact]:
        """The facts that are more probably known than not."""
        return frozenset(fact for fact in self._facts if self.belief(fact) >= 0.5)

    def _learn(self, fact: Fact, known: bool) -> None:
        self._known[fact] = known
        self._ability = self._ability.after(fact, known)
