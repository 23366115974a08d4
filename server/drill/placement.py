"""Find out quickly which facts are known."""

import random
from collections.abc import Sequence
from math import exp, log

from .ability import Ability
from .facts import Fact
from .knowledge import Knowledge, Status
from .memory import FLUENT_MS, KNOWN_MS

# A fact that is surer than this, either way, is not asked.
SURE = 0.95
# A fact with less belief than this is new to the child. Up to the mirrored value it is being learnt.
NEW_BELOW = 0.25
# The evidence of an answer for its fact, in log odds. One answer proves little: children slip, and work out in time
# what they do not remember. The twin gets a part of it.
QUICK, IN_TIME, TOO_SLOW, WRONG = 2.5, 0.8, -1.5, -2.5
TWIN = 0.6


class Placement:
    """Asks the most doubtful fact, for at most five minutes. Silence and skipping count as not knowing."""

    def __init__(self, facts: Sequence[Fact], chance: random.Random) -> None:
        self._facts = list(facts)
        chance.shuffle(self._facts)
        self._evidence: dict[Fact, float] = {}
        self._ability = Ability()
        self._latest: Fact | None = None
        self._resting: set[Fact] = set()

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        """Return the most doubtful fact; None if none is in doubt."""
        others = (fact for fact in self._facts if fact != self._latest and fact not in self._resting)
        doubts = {fact: abs(self.belief(fact) - 0.5) for fact in others}
        fact = min(doubts, key=doubts.__getitem__, default=None)
        if fact is None or doubts[fact] >= SURE - 0.5:
            return None
        self._latest = fact
        return fact

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        self._resting.discard(fact)
        if not right:
            self._learn(fact, WRONG)
        elif response_ms is not None and response_ms > KNOWN_MS:
            self._learn(fact, TOO_SLOW)
        else:
            self._learn(fact, QUICK if response_ms is not None and response_ms <= FLUENT_MS else IN_TIME)

    def missed(self, fact: Fact) -> None:
        self._resting.discard(fact)
        self._learn(fact, WRONG)

    def rest(self, fact: Fact) -> None:
        self._resting.add(fact)

    def forgive(self, fact: Fact) -> None:
        self._learn(fact, QUICK - WRONG)

    def belief(self, fact: Fact) -> float:
        """Return the probability that `fact` is known."""
        chance = self._ability.chance(fact)
        evidence = self._evidence.get(fact, 0.0)
        if fact.twin != fact:
            evidence += TWIN * self._evidence.get(fact.twin, 0.0)
        return 1 / (1 + exp(-log(chance / (1 - chance)) - evidence))

    def known(self) -> frozenset[Fact]:
        """The facts that are more likely known than not."""
        return frozenset(fact for fact in self._facts if self.belief(fact) >= 0.5)

    def placed(self) -> dict[Fact, Status]:
        """The status of each fact, as far as answers tell; empty without an answer."""
        return {fact: self._status(self.belief(fact)) for fact in sorted(self._facts)} if self._evidence else {}

    @staticmethod
    def _status(belief: float) -> Status:
        if belief >= 1 - NEW_BELOW:
            return Status.KNOWN
        return Status.NEW if belief < NEW_BELOW else Status.LEARNING

    def _learn(self, fact: Fact, evidence: float) -> None:
        self._evidence[fact] = self._evidence.get(fact, 0.0) + evidence
        self._ability = self._ability.after(fact, evidence > 0)
