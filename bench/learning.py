"""Compare orders of questions: simulated children practise the tables of 2 to 9, five minutes on ten days.

The children (`bench.children`) differ from the scheduler's model of them in pace, forgetting and how much twins share,
which it does not see. Both follow Pavlik & Anderson. Four orders: ours; a shuffled pack; Leitner's boxes; plain FSRS.
The seeds differ from those that the scheduler was tuned with. A session lasts equally long for all, and an answer takes
its time.
"""

import argparse
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from fsrs import Card, Rating, Scheduler

from bench.children import DAY_S, Answer, Child
from server.drill.attempt import Attempt
from server.drill.facts import Fact, facts_of
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge
from server.drill.modes import CALM
from server.drill.practice import Practice

TABLES = range(2, 10)
FACTS = facts_of(TABLES)
SESSIONS = 10
SESSION_S = 300.0
# A turn beside thinking: the question and the silence that ends the answer; praise, or the correction and the fact.
QUESTION_S, PRAISE_S, CORRECTION_S = 2.8, 1.0, 4.0
FLUENT_AT = 0.9
FIRST_HOUR_S = 36_000
# Encounters with the commonest fact before the first session.
GROUPS = {"beginners": 2.0, "middling": 5.0, "far on": 10.0}


class Coach(Protocol):
    """Chooses questions. Times are seconds since the first session."""

    def begin(self) -> None:
        """A session begins."""

    def ask(self, at_s: float) -> Fact: ...

    def hear(self, fact: Fact, answer: Answer, at_s: float) -> None: ...


class RandomOrder:
    """A shuffled pack of all facts, again and again."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._pack: list[Fact] = []

    def begin(self) -> None: ...

    def ask(self, at_s: float) -> Fact:
        if not self._pack:
            self._pack = self._random.sample(FACTS, len(FACTS))
        return self._pack.pop()

    def hear(self, fact: Fact, answer: Answer, at_s: float) -> None: ...


class Leitner:
    """Five boxes, asked every 1, 2, 4, 8 and 16 sessions. A right answer moves a card up, a wrong one to the first."""

    EVERY = (1, 2, 4, 8, 16)

    def __init__(self, seed: int) -> None:
        pack = random.Random(seed).sample(FACTS, len(FACTS))
        self._boxes = dict.fromkeys(pack, 0)
        self._asked_in = dict.fromkeys(pack, -100)
        self._session = -1
        self._queue: list[Fact] = []

    def begin(self) -> None:
        self._session += 1
        self._queue = self._due()

    def _due(self) -> list[Fact]:
        due = [f for f in self._boxes if self._session - self._asked_in[f] >= self.EVERY[self._boxes[f]]]
        # Cards that were asked before come before new ones.
        return sorted(due, key=lambda fact: self._asked_in[fact] < 0)

    def ask(self, at_s: float) -> Fact:
        if not self._queue:
            self._queue = sorted(self._boxes, key=self._boxes.__getitem__)[:20]
        return self._queue.pop(0)

    def hear(self, fact: Fact, answer: Answer, at_s: float) -> None:
        self._boxes[fact] = min(self._boxes[fact] + 1, 4) if answer.right else 0
        self._asked_in[fact] = self._session
        if not answer.right:
            self._queue.append(fact)


class FsrsAlone:
    """Plain py-fsrs, learning steps of 1 and 10 minutes: what is due, else a new fact, else what is due next."""

    START = datetime(2026, 1, 1, tzinfo=UTC)

    def __init__(self, seed: int) -> None:
        self._new = random.Random(seed).sample(FACTS, len(FACTS))
        self._scheduler = Scheduler(enable_fuzzing=False)
        self._cards: dict[Fact, Card] = {}
        self._latest: Fact | None = None

    def begin(self) -> None: ...

    def ask(self, at_s: float) -> Fact:
        now = self.START + timedelta(seconds=at_s)
        cards = [(card.due, fact) for fact, card in self._cards.items() if fact != self._latest]
        due, fact = min(cards, default=(now, None))
        if fact is None or (due > now and self._new):
            fact = self._new.pop()
        self._latest = fact
        return fact

    def hear(self, fact: Fact, answer: Answer, at_s: float) -> None:
        now = self.START + timedelta(seconds=at_s)
        card = self._cards.get(fact) or Card(card_id=0, due=now)
        rating = Rating.Good if answer.right else Rating.Again
        self._cards[fact], _ = self._scheduler.review_card(card, rating, now)


class Ours:
    """The server's own order."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._attempts: list[Attempt] = []
        self.begin()

    def begin(self) -> None:
        self._practice: Practice = CALM.practice(TABLES, Knowledge.of(self._attempts), self._seed)

    def ask(self, at_s: float) -> Fact:
        fact = self._practice.next(at_s * 1000)
        assert fact is not None
        return fact

    def hear(self, fact: Fact, answer: Answer, at_s: float) -> None:
        verdict = Verdict.CORRECT if answer.right else Verdict.WRONG
        response_ms = round(answer.response_s * 1000)
        self._practice.judged(fact, verdict, response_ms, at_s * 1000)
        self._attempts.append(Attempt(fact, verdict, None, 1.0, response_ms, round(at_s * 1000)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one child's practice."""

    fluent_before: float
    """Facts that would be answered from memory within 3 s, in expectation, before practice."""
    fluent_day: float
    """The same a day after the last session."""
    fluent_week: float
    """The same a week after it."""
    questions: int
    """Questions that were asked."""
    wasted: int
    """Questions about a fact that was 90 % fluent, and would have been a day later without the question."""
    right: int
    """Right answers."""


def practise(coach: Coach, child: Child) -> Outcome:
    """Run ten sessions at the same hour of ten days; then measure fluency one day and one week later."""

    def fluent(at_s: float) -> float:
        return sum(child.fluent(fact, at_s) for fact in FACTS)

    before, end_s = fluent(0), 0.0
    questions = wasted = right = 0
    for session in range(SESSIONS):
        start_s = at_s = session * DAY_S + FIRST_HOUR_S
        coach.begin()
        while at_s < start_s + SESSION_S:
            fact = coach.ask(at_s)
            wasted += min(child.fluent(fact, at_s), child.fluent(fact, at_s + DAY_S)) >= FLUENT_AT
            answer = child.answer(fact, at_s)
            at_s += QUESTION_S + answer.response_s + (PRAISE_S if answer.right else CORRECTION_S)
            coach.hear(fact, answer, at_s)
            questions += 1
            right += answer.right
        end_s = at_s
    return Outcome(before, fluent(end_s + DAY_S), fluent(end_s + 7 * DAY_S), questions, wasted, right)


COACHES: dict[str, Callable[[int], Coach]] = {
    "ours": Ours,
    "random order": RandomOrder,
    "Leitner": Leitner,
    "FSRS alone": FsrsAlone,
}


def row(group: str, name: str, outcomes: list[Outcome], ours: list[Outcome]) -> str:
    """Return one line of the table. The difference is ours minus this one, child by child, with its 95 % interval."""

    def mean(field: str) -> float:
        return statistics.mean(getattr(outcome, field) for outcome in outcomes)

    gains = [mine.fluent_day - other.fluent_day for mine, other in zip(ours, outcomes, strict=True)]
    margin = 1.96 * statistics.stdev(gains) / len(gains) ** 0.5
    difference = "" if outcomes is ours else f"{statistics.mean(gains):+.1f} ± {margin:.1f}"
    return (
        f"| {group} | {name} | {mean('fluent_before'):.1f} | {mean('fluent_day'):.1f} | {difference} "
        f"| {mean('fluent_week'):.1f} | {mean('questions'):.0f} | {mean('wasted'):.0f} "
        f"| {mean('right') / mean('questions'):.0%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, default=10, help="of each group")
    parser.add_argument("--unlimited", action="store_true", help="children take in any number of new facts")
    arguments = parser.parse_args()
    print("| children | order | fluent before | a day after | ours more by | a week after | asked | wasted | right |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for group, practised in GROUPS.items():
        ours: list[Outcome] = []
        for name, coach in COACHES.items():
            outcomes = [
                practise(coach(seed), Child(seed, practised, not arguments.unlimited))
                for seed in range(arguments.children)
            ]
            ours = ours or outcomes
            print(row(group, name, outcomes, ours), flush=True)


if __name__ == "__main__":
    main()
