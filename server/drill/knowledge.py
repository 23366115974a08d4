"""What a learner knows, derived from the attempts and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .ability import Ability
from .attempt import Attempt
from .facts import Fact
from .judging import Verdict
from .memory import FLUENT_MS, KNOWN_MS, Memory, activation

# How much of what is known of a x b also serves b x a. Practice carries over almost wholly (Rickard, Healy & Bourne
# 1994), but whoever chants tables meets the two as different lines.
LINK = 0.7
# Below this a fact counts as fading; FSRS asks at 0.9.
KNOWN_AT = 0.7
FLUENT_AT = 0.8


class Status(StrEnum):
    """In rising order. new: never answered. learning: last answer wrong, or slow, or long ago. fluent: within 3 s."""

    NEW = "new"
    LEARNING = "learning"
    KNOWN = "known"
    FLUENT = "fluent"

    @property
    def rank(self) -> int:
        return list(Status).index(self)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one fact stands. recall: probability of a right answer, 0 to 1, for a new fact the one to be expected.
    response_ms: typical time to a right answer; None where none was timed."""

    fact: Fact
    status: Status
    recall: float
    response_ms: float | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The sum of a learner's attempts; never changed, `after` makes another.

    `Knowledge.of(attempts)` equals adding the attempts one by one, except that an appeal needs the attempt it is about
    among those added with it.
    """

    memories: Mapping[Fact, Memory] = field(default_factory=dict)
    ability: Ability = Ability()

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> "Knowledge":
        return cls().after(attempts)

    def after(self, attempts: Iterable[Attempt]) -> "Knowledge":
        """What is known after these attempts too, in their order. Unsure and silence change nothing."""
        memories, ability = dict(self.memories), self.ability
        for attempt in settled(attempts):
            if attempt.verdict not in (Verdict.CORRECT, Verdict.WRONG):
                continue
            right = attempt.verdict is Verdict.CORRECT
            memory = memories.get(attempt.fact)
            if memory is None:
                known = right and (attempt.response_ms is None or attempt.response_ms <= KNOWN_MS)
                ability = ability.after(attempt.fact, known)
            memories[attempt.fact] = (memory or Memory()).answered(right, attempt.response_ms, attempt.at_ms)
        return Knowledge(memories, ability)

    def recall(self, fact: Fact, at_ms: float) -> float:
        """Probability that `fact` is answered rightly on the day of `at_ms`, its twin taken into account."""
        memory, twin = self.memories.get(fact), self.memories.get(fact.twin)
        own = memory.recall(at_ms) if memory else self.ability.chance(fact)
        if fact.twin == fact or twin is None or not twin.latest_right:
            return own
        return 1 - (1 - own) * (1 - LINK * twin.recall(at_ms))

    def activation(self, fact: Fact, at_ms: float) -> float:
        """ACT-R's activation from today's encounters with `fact` and its twin; minus infinity without any."""
        strength = self._strength(fact, at_ms)
        if fact.twin != fact:
            strength += LINK * self._strength(fact.twin, at_ms)
        return activation(strength)

    def fluency(self, fact: Fact, at_ms: float) -> float:
        """From 0, also for new facts, to 1; 0.5 is a typical answer in 3 s. Of `fact` and its twin the better."""
        return max(
            (self.memories[each].fluency * self.recall(each, at_ms) for each in self._both(fact)), default=0.0
        )

    def quick_today(self, fact: Fact, at_ms: float) -> int:
        """Fluent answers to `fact` and its twin on the day of `at_ms`, each since its last stumble."""
        memories = (self.memories[each] for each in self._both(fact))
        return sum(memory.quick_today for memory in memories if memory.met_on(at_ms))

    def status(self, fact: Fact, at_ms: float) -> Status:
        memory = self.memories.get(fact)
        if memory is None:
            return Status.NEW
        recall, response_ms = self.recall(fact, at_ms), memory.response_ms
        if not memory.latest_right or recall < KNOWN_AT or (response_ms or 0) > KNOWN_MS:
            return Status.LEARNING
        fluent = recall >= FLUENT_AT and response_ms is not None and response_ms <= FLUENT_MS
        return Status.FLUENT if fluent else Status.KNOWN

    def standing(self, fact: Fact, at_ms: float) -> Standing:
        memory = self.memories.get(fact)
        return Standing(
            fact, self.status(fact, at_ms), self.recall(fact, at_ms), memory.response_ms if memory else None
        )

    def _both(self, fact: Fact) -> set[Fact]:
        return {each for each in (fact, fact.twin) if each in self.memories}

    def _strength(self, fact: Fact, at_ms: float) -> float:
        memory = self.memories.get(fact)
        return memory.strength(at_ms) if memory else 0.0


def settled(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts with every appeal put in the place of the latest wrong attempt at its fact."""
    settled: list[Attempt] = []
    for attempt in attempts:
        if not attempt.appeal:
            settled.append(attempt)
            continue
        wrong = (
            place for place in reversed(range(len(settled)))
            if settled[place].fact == attempt.fact and settled[place].verdict is Verdict.WRONG
        )
        place = next(wrong, None)
        if place is not None:
            was = settled[place]
            settled[place] = Attempt(
                was.fact, Verdict.CORRECT, was.fact.answer, attempt.confidence, was.response_ms, was.at_ms
            )
    return settled
