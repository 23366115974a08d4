"""What a learner knows, derived from the attempts alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .ability import Ability
from .activation import BETWEEN_SESSIONS, LINK, Clock, Retrieval
from .attempt import Attempt
from .dates import DAY_MS
from .facts import Fact
from .judging import Verdict
from .memory import FLUENT_MS, KNOWN_MS, Memory

# Below this chance of recall a fact counts as fading; FSRS asks at 0.9.
KNOWN_AT = 0.7
FLUENT_AT = 0.8
# Raise this when the same attempts give another Knowledge: stored results are then derived anew.
MODEL_VERSION = 2


class Status(StrEnum):
    """Status of a fact, rising. learning: last answer wrong, slow or long ago. fluent: answered within 3 s."""

    NEW = "new"
    LEARNING = "learning"
    KNOWN = "known"
    FLUENT = "fluent"

    @property
    def rank(self) -> int:
        return list(Status).index(self)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The sum of a learner's attempts. Immutable: `after` returns another.

    `Knowledge.of(attempts)` equals adding the attempts one by one, with one exception: an appeal needs the attempt that
    it is about among those added with it.
    """

    memories: Mapping[Fact, Memory] = field(default_factory=dict)
    """Memory of each fact over days (FSRS)."""
    retrievals: Mapping[Fact, Retrieval] = field(default_factory=dict)
    """Activation of each fact and its twin, by `Fact.pair`."""
    ability: Ability = Ability()
    """The rating that predicts facts never asked."""
    clock: Clock = Clock()
    """Time as memory feels it."""

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> "Knowledge":
        return cls().after(attempts)

    def after(self, attempts: Iterable[Attempt]) -> "Knowledge":
        """Return the knowledge after these attempts too, in their order. Unsure and silence change nothing."""
        memories, retrievals, ability, clock = dict(self.memories), dict(self.retrievals), self.ability, self.clock
        for attempt in settled(attempts):
            if attempt.verdict not in (Verdict.CORRECT, Verdict.WRONG):
                continue
            right = attempt.verdict is Verdict.CORRECT
            fact, at_s = attempt.fact, clock.at(attempt.at_ms)
            response_ms = None if attempt.in_order else attempt.response_ms
            retrieval = retrievals.get(pair := fact.pair) or Retrieval.unmet(ability.chance(fact))
            retrievals[pair] = retrieval.answered(fact, right, response_ms, at_s)
            clock = clock.moved(attempt.at_ms)
            if attempt.in_order and right:
                # The line before it was the cue: the fact was met, which fades like any practice. It says nothing of
                # how the fact comes to mind on its own.
                continue
            memory = memories.get(fact)
            if memory is None:
                ability = ability.after(fact, right and (response_ms is None or response_ms <= KNOWN_MS))
            memories[fact] = (memory or Memory()).answered(right, response_ms, attempt.at_ms)
        return Knowledge(memories, retrievals, ability, clock)

    def recall(self, fact: Fact, at_ms: float) -> float:
        """Return the probability of a right answer to `fact` on the day of `at_ms`; its twin counts too."""
        memory, twin = self.memories.get(fact), self.memories.get(fact.twin)
        own = memory.recall(at_ms) if memory else self.ability.chance(fact)
        if fact.twin == fact or twin is None or not twin.latest_right:
            return own
        return 1 - (1 - own) * (1 - LINK * twin.recall(at_ms))

    def worth(self, fact: Fact, at_ms: float, taken_in: bool) -> float:
        """Return the value of asking `fact` now: fluent answers tomorrow, per second. `taken_in`: the learner can still
        take in something new, should the answer have to be told."""
        at_s = self.clock.at(at_ms)
        return self.retrieval(fact).worth(fact, at_s, at_s + DAY_MS / 1000 * BETWEEN_SESSIONS, taken_in)

    def fluent(self, fact: Fact, at_ms: float) -> float:
        """Return the probability of an answer within 3 s."""
        return self.retrieval(fact).fluent(fact, self.clock.at(at_ms))

    def retrieval(self, fact: Fact) -> Retrieval:
        return self.retrievals.get(fact.pair) or Retrieval.unmet(self.ability.chance(fact))

    def status(self, fact: Fact, at_ms: float) -> Status:
        memory = self.memories.get(fact)
        if memory is None:
            return Status.NEW
        recall, response_ms = self.recall(fact, at_ms), memory.response_ms
        if not memory.latest_right or recall < KNOWN_AT or (response_ms or 0) > KNOWN_MS:
            return Status.LEARNING
        fluent = recall >= FLUENT_AT and response_ms is not None and response_ms <= FLUENT_MS
        return Status.FLUENT if fluent else Status.KNOWN


def appeals_to_earlier(attempts: Iterable[Attempt]) -> bool:
    """Tell whether an appeal among them is about an attempt before all of them, or about none."""
    wrong: Counter[Fact] = Counter()
    for attempt in attempts:
        if attempt.appeal:
            if not wrong[attempt.fact]:
                return True
            wrong[attempt.fact] -= 1
        elif attempt.verdict is Verdict.WRONG:
            wrong[attempt.fact] += 1
    return False


def settled(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the attempts; each appeal takes the place of the latest wrong attempt at its fact."""
    settled: list[Attempt] = []
    for attempt in attempts:
        if not attempt.appeal:
            settled.append(attempt)
            continue
        wrong = (
            place
            for place in reversed(range(len(settled)))
            if settled[place].fact == attempt.fact and settled[place].verdict is Verdict.WRONG
        )
        place = next(wrong, None)
        if place is not None:
            was = settled[place]
            settled[place] = Attempt(
                was.fact, Verdict.CORRECT, was.fact.answer, attempt.confidence, was.response_ms, was.at_ms
            )
    return settled
