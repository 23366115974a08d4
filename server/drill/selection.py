"""Choose the questions of a session."""

import random
from collections.abc import Iterator, Sequence
from math import inf
from typing import Protocol

from .dates import DAY_MS
from .facts import Fact
from .knowledge import Knowledge
from .memory import FLUENT_MS


class TooFewFacts(ValueError):
    """There is nothing to ask, or too little for a drill. It happens if few of the answers are understood."""


class Order(Protocol):
    """A strategy that chooses questions. It sees what is known and is told the outcome of each question."""

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        """Return the next fact to ask; None, with nothing changed, if none is left. `at_ms`: since 1970, UTC."""

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        """`fact` was answered, after `response_ms` if that is known."""

    def missed(self, fact: Fact) -> None:
        """The answer to `fact` was told; the learner gave none."""

    def rest(self, fact: Fact) -> None:
        """No answer to `fact` was understood. Do not choose it until it is judged."""

    def forgive(self, fact: Fact) -> None:
        """The latest wrong answer to `fact` had been right."""


# As many as in the UK's Multiplication Tables Check.
CHECK_QUESTIONS = 25


class InTurn:
    """Asks each fact once, whatever the answers."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._left: Iterator[Fact] = iter(facts)

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        return next(self._left, None)

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        """Ignored."""

    def missed(self, fact: Fact) -> None:
        """Ignored."""

    def rest(self, fact: Fact) -> None:
        """Ignored: each fact is asked once anyway."""

    def forgive(self, fact: Fact) -> None:
        """Ignored."""


def recitation(facts: Sequence[Fact], chance: random.Random) -> InTurn:
    """Return the order table by table, from the first line to the last."""
    return InTurn(sorted(facts))


def check(facts: Sequence[Fact], chance: random.Random) -> InTurn:
    """Return a sample without repeats and without a fact's twin."""
    pairs: dict[Fact, list[Fact]] = {}
    for fact in facts:
        pairs.setdefault(fact.pair, []).append(fact)
    chosen = chance.sample(sorted(pairs), min(CHECK_QUESTIONS, len(pairs)))
    return InTurn([chance.choice(pairs[pair]) for pair in chosen])


# A missed fact comes back after this many other questions (expanding retrieval practice within a session).
RETURNS_AFTER = (1, 3, 6)


class Returns:
    """Missed facts that are due to be asked again. `asked` counts the questions of the session so far."""

    def __init__(self) -> None:
        self._due: list[tuple[int, Fact]] = []
        self._last_returned = False

    def missed(self, fact: Fact, asked: int) -> None:
        """`fact`, just asked, was not known. It returns soon, and then at growing distances."""
        self.forgive(fact)
        due = asked
        for others in RETURNS_AFTER:
            due += others
            self._due.append((due, fact))
            due += 1
        self._due.sort()

    def forgive(self, fact: Fact) -> None:
        """`fact` was known after all. Drop its returns."""
        self._due = [(due, returning) for due, returning in self._due if returning != fact]

    def take(self, asked: int, latest: Fact | None) -> Fact | None:
        """Take the fact that is due, if any; never two in a row, or a child who misses much would meet nothing else."""
        self._last_returned, last_returned = False, self._last_returned
        if last_returned:
            return None
        for position, (due, fact) in enumerate(self._due):
            if due <= asked and fact != latest:
                del self._due[position]
                self._last_returned = True
                return fact
        return None


# The most new facts taught in a session (children take in 4.05, SD 0.71: Burns et al. 2016, EJ1098528). Facts that are
# known at first sight do not count. After that, only facts that are LIKELY known are asked for the first time.
NEW_FACTS = 4
LIKELY = 0.75
# At the start, and while the share of right answers in the session is below SUCCESS, the one new fact that may be asked
# has the chance nearest to TARGET. A beginner does not start with 7 x 8.
TARGET = 0.5
SUCCESS = 0.7
# A fact that is SURE to be fluent tomorrow is left alone until its recall falls below FSRS's usual retention, DUE.
SURE = 0.9
DUE = 0.9
# Other questions between a fact and itself or its twin, if there is a choice. Returns are exempt.
APART = 2


class Adaptive:
    """Missed facts come back. Otherwise the fact comes that gains most by being asked now: new, weak or due."""

    def __init__(self, facts: Sequence[Fact], chance: random.Random) -> None:
        if len(set(facts)) < 2:
            raise TooFewFacts("a drill needs at least two facts")
        # The first in this order wins among equals.
        self._facts = list(facts)
        chance.shuffle(self._facts)
        self._returns = Returns()
        self._asked = self._right = 0
        self._asked_at: dict[Fact, int] = {}
        self._taught: set[Fact] = set()
        self._resting: set[Fact] = set()
        self._latest: Fact | None = None

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        """Return the next fact; None if all but the latest one rest."""
        if self._resting.issuperset(self._others()):
            return None
        fact = self._returns.take(self._asked, self._latest) or self._neediest(knowledge, at_ms)
        self._asked += 1
        self._asked_at[fact] = self._asked
        self._latest = fact
        return fact

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        self._resting.discard(fact)
        # A resting fact comes back without having been chosen.
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
            new = []  # facts missed on another day come first
        elif self._right < SUCCESS * (self._asked - len(self._resting) + 1):
            new = new[:1]
        room = len(self._taught) < NEW_FACTS

        def worth(fact: Fact) -> float:
            return knowledge.worth(fact, at_ms, room or fact.pair in self._taught)

        return max(met + new, key=worth)

    def _others(self) -> list[Fact]:
        return [fact for fact in self._facts if fact != self._latest]

    def _open(self, fact: Fact, knowledge: Knowledge, at_ms: float) -> bool:
        """Tell whether `fact` may be asked early: not one new fact too many, nor a fluent one before it is due."""
        memory = knowledge.memories.get(fact)
        if memory is None:
            return len(self._taught) < NEW_FACTS or knowledge.recall(fact, at_ms) >= LIKELY
        return knowledge.recall(fact, at_ms) < DUE or knowledge.fluent(fact, at_ms + DAY_MS) < SURE

    def _since(self, fact: Fact) -> float:
        """Return how many questions ago `fact` or its twin was asked; 1: just now."""
        return min(self._asked + 1 - self._asked_at.get(each, -inf) for each in (fact, fact.twin))
