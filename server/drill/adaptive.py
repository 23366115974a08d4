"""The order of an ordinary drill: what the learner needs most."""

import random
from collections.abc import Sequence
from math import inf

from .dates import DAY_MS
from .facts import Fact
from .knowledge import Knowledge
from .memory import FLUENT_MS
from .order import TooFewFacts
from .returns import Returns

# So many facts are taught in a session (children take in 4.05, SD 0.71: Burns et al. 2016, EJ1098528); those that turn
# out to be known at first sight do not count. Once it is so many, a fact never asked must be LIKELY known.
NEW_FACTS = 4
LIKELY = 0.75
# At the start, and while fewer answers of the session are right than SUCCESS, the one new fact may be asked whose
# chance is nearest to TARGET: who is new here does not begin with 7 x 8.
TARGET = 0.5
SUCCESS = 0.7
# What is SURE to be fluent tomorrow is left alone until FSRS's usual retention is missed: then it is DUE.
SURE = 0.9
DUE = 0.9
# Other questions between a fact and itself or its twin, where there is a choice; returns excepted.
APART = 2


class Adaptive:
    """Missed facts come back; else what gains most by being asked now, of what is new, weak, or due."""

    def __init__(self, facts: Sequence[Fact], chance: random.Random) -> None:
        if len(set(facts)) < 2:
            raise TooFewFacts("a drill needs at least two facts")
        # Among equals the first in this order is asked.
        self._facts = list(facts)
        chance.shuffle(self._facts)
        self._returns = Returns()
        self._asked = self._right = 0
        self._asked_at: dict[Fact, int] = {}
        self._taught: set[Fact] = set()
        self._resting: set[Fact] = set()
        self._latest: Fact | None = None

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        """Where all but the latest fact rest, nothing is left."""
        if self._resting.issuperset(self._others()):
            return None
        fact = self._returns.take(self._asked, self._latest) or self._neediest(knowledge, at_ms)
        self._asked += 1
        self._asked_at[fact] = self._asked
        self._latest = fact
        return fact

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        self._resting.discard(fact)
        # A fact that rested comes back without having been chosen.
        self._latest, self._asked_at[fact] = fact, self._asked
        self._right += right
        if not right:
            self.missed(fact)
        elif response_ms is not None and response_ms <= FLUENT_MS:
            self._returns.forgive(fact)

    def missed(self, fact: Fact) -> None:
        self._returns.missed(fact, self._asked)
        self._taught.add(fact.pair)
        self._resting.discard(fact)

    def rest(self, fact: Fact) -> None:
        self._returns.forgive(fact)
        self._resting.add(fact)

    def forgive(self, fact: Fact) -> None:
        self._right += 1
        self._returns.forgive(fact)
        self._taught.discard(fact.pair)

    def _neediest(self, knowledge: Knowledge, at_ms: float) -> Fact:
        others = [fact for fact in self._others() if fact not in self._resting]
        spaced = [fact for fact in others if self._since(fact) > APART] or others
        open_today = [fact for fact in spaced if self._open(fact, knowledge, at_ms)] or spaced
        met = [fact for fact in open_today if fact in knowledge.memories]
        chances = {fact: knowledge.recall(fact, at_ms) for fact in open_today if fact not in knowledge.memories}
        new = sorted(chances, key=lambda fact: abs(chances[fact] - TARGET))
        memories = (knowledge.memories[fact] for fact in met)
        if any(not memory.latest_right and not memory.met_on(at_ms) for memory in memories):
            new = []   # what was missed on another day comes first
        elif self._right < SUCCESS * (self._asked - len(self._resting) + 1):
            new = new[:1]
        room = len(self._taught) < NEW_FACTS

        def worth(fact: Fact) -> float:
            return knowledge.worth(fact, at_ms, room or fact.pair in self._taught)

        return max(met + new, key=worth)

    def _others(self) -> list[Fact]:
        return [fact for fact in self._facts if fact != self._latest]

    def _open(self, fact: Fact, knowledge: Knowledge, at_ms: float) -> bool:
        """Whether `fact` may be asked before all are: not a new one too many, nor a fluent one before its day."""
        memory = knowledge.memories.get(fact)
        if memory is None:
            return len(self._taught) < NEW_FACTS or knowledge.recall(fact, at_ms) >= LIKELY
        return knowledge.recall(fact, at_ms) < DUE or knowledge.fluent(fact, at_ms + DAY_MS) < SURE

    def _since(self, fact: Fact) -> float:
        """How many questions ago `fact` or its twin was asked; 1: just now."""
        return min(self._asked + 1 - self._asked_at.get(each, -inf) for each in (fact, fact.twin))
