"""What chooses the questions of a session."""

import random
from collections.abc import Iterator, Sequence
from math import inf
from typing import Protocol

from .dates import DAY_MS
from .facts import Fact
from .knowledge import Knowledge
from .memory import FLUENT_MS


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


# The UK's Multiplication Tables Check asks so many.
CHECK_QUESTIONS = 25


class InTurn:
    """Asks each fact once, whatever comes of it."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._left: Iterator[Fact] = iter(facts)

    def choose(self, knowledge: Knowledge, at_ms: float) -> Fact | None:
        return next(self._left, None)

    def judged(self, fact: Fact, right: bool, response_ms: int | None) -> None:
        """Nothing follows from it here."""

    def missed(self, fact: Fact) -> None:
        """Nothing follows from it here."""

    def rest(self, fact: Fact) -> None:
        """It is asked once here anyway."""

    def forgive(self, fact: Fact) -> None:
        """Nothing follows from it here."""


def recitation(facts: Sequence[Fact], chance: random.Random) -> InTurn:
    """Table by table, from the first line to the last."""
    return InTurn(sorted(facts))


def check(facts: Sequence[Fact], chance: random.Random) -> InTurn:
    """A sample without repeats, and without a fact's twin."""
    pairs: dict[Fact, list[Fact]] = {}
    for fact in facts:
        pairs.setdefault(fact.pair, []).append(fact)
    chosen = chance.sample(sorted(pairs), min(CHECK_QUESTIONS, len(pairs)))
    return InTurn([chance.choice(pairs[pair]) for pair in chosen])


# A missed fact comes back after so many other questions (expanding retrieval practice within a session).
RETURNS_AFTER = (1, 3, 6)


class Returns:
    """Which missed fact is due to be asked again; `asked` counts the questions of the session so far."""

    def __init__(self) -> None:
        self._due: list[tuple[int, Fact]] = []
        self._last_returned = False

    def missed(self, fact: Fact, asked: int) -> None:
        """`fact`, just asked, was not known: ask it again soon, and then less soon."""
        self.forgive(fact)
        due = asked
        for others in RETURNS_AFTER:
            due += others
            self._due.append((due, fact))
            due += 1
        self._due.sort()

    def forgive(self, fact: Fact) -> None:
        """`fact` was known after all: drop its returns."""
        self._due = [(due, returning) for due, returning in self._due if returning != fact]

    def take(self, asked: int, latest: Fact | None) -> Fact | None:
        """The fact that is due, if any; never two in a row, so that somebody who misses much still gets on."""
        self._last_returned, last_returned = False, self._last_returned
        if last_returned:
            return None
        for position, (due, fact) in enumerate(self._due):
            if due <= asked and fact != latest:
                del self._due[position]
                self._last_returned = True
                return fact
        return None


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
            new = []  # what was missed on another day comes first
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
