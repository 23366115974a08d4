"""The order of an ordinary drill: what the learner needs most."""

import random
from collections.abc import Sequence
from math import inf

from .facts import Fact
from .knowledge import Knowledge
from .returns import Returns

# So many facts are taught in a session (children take in 4.05, SD 0.71: Burns et al. 2016, EJ1098528); those that turn
# out to be known at first sight do not count. Once it is so many, a fact never asked must be LIKELY known.
NEW_FACTS = 4
LIKELY = 0.75
# No fact is begun while so many are begun and still weak: rather get those fluent.
WORK = 8
# Of facts never asked, the one is asked whose success is nearest to Math Garden's target (Klinkenberg et al. 2011).
# What is SURE to be known can wait until nothing else is to be done.
TARGET = 0.75
SURE = 0.95
# Weak is a fact of less `Memory.fluency`, here about what answers in 2 s give: what takes 3 s may be lost tomorrow.
# After so many fluent answers in one day it is left for the next.
WEAK = 0.65
ENOUGH = 2
# A known fact is due when FSRS's usual retention is missed.
DUE = 0.9
# A weak fact is asked again once its activation falls so low. SlimStampen asks at -0.8, soon enough for the answer to
# be right; later is better for the next day, and the returns already see to the first minutes (`bench.learning`).
FADED = -1.4
# Other questions between a fact and itself or its twin, where there is a choice; returns excepted.
REST = 2


class Adaptive:
    """Missed facts after 1, 3 and 6 others; then weak ones that fade, then new ones, then known ones that are due."""

    def __init__(self, facts: Sequence[Fact], chance: random.Random) -> None:
        if len(set(facts)) < 2:
            raise ValueError("a drill needs at least two facts")
        # Among equals the first in this order is asked.
        self._facts = list(facts)
        chance.shuffle(self._facts)
        self._returns = Returns()
        self._asked = 0
        self._asked_at: dict[Fact, int] = {}
        self._new: set[Fact] = set()
        self._taught: set[Fact] = set()
        self._latest: Fact | None = None

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact:
        fact = self._returns.take(self._asked, self._latest) or self._neediest(knowledge, at_ms)
        if fact not in knowledge.memories:
            self._new.add(fact)
        self._asked += 1
        self._asked_at[fact] = self._asked
        self._latest = fact
        return fact

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        if not right:
            self.missed(fact)

    def missed(self, fact: Fact) -> None:
        self._returns.missed(fact, self._asked)
        if fact in self._new:
            self._taught.add(fact)

    def forgive(self, fact: Fact) -> None:
        self._returns.forgive(fact)
        self._taught.discard(fact)

    def _neediest(self, knowledge: Knowledge, at_ms: float) -> Fact:
        others = [fact for fact in self._facts if fact != self._latest]
        rested = [fact for fact in others if self._since(fact) > REST] or others
        met = [fact for fact in rested if fact in knowledge.memories]
        fluency = {fact: knowledge.fluency(fact, at_ms) for fact in knowledge.memories}

        fading = {
            fact: (activation, -fluency[fact], self._asked_at.get(fact, 0)) for fact in met
            if fluency[fact] < WEAK and knowledge.quick_today(fact, at_ms) < ENOUGH
            and (activation := knowledge.activation(fact, at_ms)) < FADED
        }
        if fading:
            return min(fading, key=fading.__getitem__)

        begun = {min(fact, fact.twin) for fact in self._facts if fluency.get(fact, 1.0) < WEAK}
        new = {
            fact: chance for fact in rested
            if fact not in knowledge.memories and fact not in self._asked_at
            and ((chance := knowledge.recall(fact, at_ms)) >= LIKELY or len(self._taught) < NEW_FACTS)
        }
        doubtful = {fact: abs(chance - TARGET) for fact, chance in new.items() if chance < SURE}
        if doubtful and len(begun) < WORK:
            return min(doubtful, key=doubtful.__getitem__)

        due = {
            fact: recall for fact in met
            if not knowledge.memories[fact].met_on(at_ms) and (recall := knowledge.recall(fact, at_ms)) < DUE
        }
        if due:
            return min(due, key=due.__getitem__)
        if new and self._asked % 2:
            return min(new, key=new.__getitem__)
        old = met or [fact for fact in others if fact in self._asked_at] or others
        return min(old, key=lambda fact: (self._asked_at.get(fact, 0), fluency.get(fact, 0.0)))

    def _since(self, fact: Fact) -> float:
        """How many questions ago `fact` or its twin was asked; 1: just now."""
        return min(self._asked + 1 - self._asked_at.get(each, -inf) for each in (fact, fact.twin))
