"""Model how readily a fact comes to mind, within the day and across days. It chooses the next question.

Pavlik & Anderson (2005, Cognitive Science 29, 559-586), as SlimStampen uses it (with spoken answers: Wilschut et al.
2021, doi 10.3389/frai.2021.780131). Every encounter leaves a trace that decays as t^-d with d = C * e^activation +
DECAY: a fact that is still fresh gains little. Between sessions time passes more slowly. A latency is F *
e^-activation. The next question is the one that gains most per second (Pavlik & Anderson 2008, J. Exp. Psych. Applied
14, 101-117).
"""

from dataclasses import dataclass, replace
from math import exp, log, pi

from .dates import DAY_MS, LONGEST_DAYS
from .facts import Fact
from .memory import FLUENT_MS

C, DECAY, NOISE, BETWEEN_SESSIONS = 0.217, 0.177, 0.255, 0.025
SESSION_GAP_MS = 3_600_000
# The time to take in a question, from SlimStampen.
TAKING_IN_MS = 300
F_MS = 1000
# The share of practice of a x b that also serves b x a. Practice carries over almost wholly (Rickard, Healy & Bourne
# 1994), but children who chant tables meet the two as different lines.
LINK = 0.7
# The activation of an answer in 3 s. A miss shows a lower one.
FLUENT = -log((FLUENT_MS - TAKING_IN_MS) / F_MS)
MISS = 0.3
# Before the first answer: how far the chance of knowing a fact shifts its activation, and the variance of that shift.
# The shift never takes a fact beyond the edge of being known: everything is asked once before long.
SPREAD = 0.25
DOUBT = 0.5
# The variance of one answer's information: that of the logistic noise.
TELLS = (NOISE * pi) ** 2 / 3
# Limits the influence of one surprising answer on the model of a fact.
SURPRISE = 1.5
# Older traces hardly fade and are kept as one sum.
TRACES = 16
# The share of a trace that remains of a correction beyond what a child can take in at one time.
BEYOND = 0.3
# Seconds of a turn beside thinking: the question, the silence that ends the answer, and praise. After a miss, also the
# vain thinking and the correction.
TURN_S, MISSED_S = 4.0, 10.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as memory feels it: slower between sessions."""

    at_ms: int | None = None
    """Time of the latest answer, since 1970; None before the first."""
    felt_s: float = 0.0
    """Felt time at `at_ms`, in seconds."""

    def at(self, at_ms: float) -> float:
        gap_ms = 0.0 if self.at_ms is None else min(max(0.0, at_ms - self.at_ms), LONGEST_DAYS * DAY_MS)
        return self.felt_s + gap_ms / 1000 * (1.0 if gap_ms < SESSION_GAP_MS else BETWEEN_SESSIONS)

    def moved(self, at_ms: int) -> "Clock":
        return Clock(at_ms, self.at(at_ms))


@dataclass(frozen=True, slots=True)
class Trace:
    """What one encounter left in memory."""

    fact: Fact
    at_s: float
    """Time of the encounter, in seconds of the learner's `Clock`."""
    decay: float
    """The exponent d of t^-d."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The memory of a fact and its twin. Times are seconds of the learner's `Clock`."""

    earlier: float
    """Strength from what was learnt elsewhere or long ago."""
    shift: float = 0.0
    """The activation that response times show, minus that of the traces."""
    doubt: float = DOUBT
    """The variance of `shift`."""
    traces: tuple[Trace, ...] = ()
    """The latest encounters."""

    @classmethod
    def unmet(cls, chance: float) -> "Retrieval":
        """Return the memory of a fact that was never asked and is known with this probability."""
        return cls(exp(FLUENT + min(0.0, SPREAD * log(chance / (1 - chance)))))

    def activation(self, fact: Fact, at_s: float) -> float:
        return log(self._strength(fact, at_s))

    def fluent(self, fact: Fact, at_s: float) -> float:
        """Return the probability of an answer within 3 s."""
        return self._chance(self._strength(fact, at_s))

    def worth(self, fact: Fact, at_s: float, then_s: float, taken_in: bool) -> float:
        """Return the gain of asking `fact` now, per second: likelier fluent answers, also to its twin, at `then_s`."""
        now = self._strength(fact, at_s)
        fluent = self._chance(now)
        weight = fluent + (1 - fluent) * (1.0 if taken_in else BEYOND)
        trace = weight * exp(self.shift) * (then_s - at_s) ** -_decay(now)
        then = {each: self._strength(each, then_s) for each in {fact, fact.twin}}
        gain = sum(
            self._chance(strength + (1.0 if each == fact else LINK) * trace) - self._chance(strength)
            for each, strength in then.items()
        )
        thinking_s = min(1 / now, FLUENT_MS / 1000)
        return gain / (TURN_S + fluent * thinking_s + (1 - fluent) * MISSED_S)

    def answered(self, fact: Fact, right: bool, response_ms: int | None, at_s: float) -> "Retrieval":
        expected = self.activation(fact, at_s)
        observed = _observed(expected, right, response_ms)
        traces, earlier = (*self.traces, Trace(fact, at_s, _decay(exp(expected)))), self.earlier
        if len(traces) > TRACES:
            earlier += _left(traces[0], at_s)
            traces = traces[1:]
        if observed is None:
            return replace(self, earlier=earlier, traces=traces)
        gain = self.doubt / (self.doubt + TELLS)
        surprise = min(max(observed - expected, -SURPRISE), SURPRISE)
        return Retrieval(earlier, self.shift + gain * surprise, self.doubt * (1 - gain), traces)

    def _strength(self, fact: Fact, at_s: float) -> float:
        traces = sum(_left(each, at_s) * (1.0 if each.fact == fact else LINK) for each in self.traces)
        return exp(self.shift) * (self.earlier + traces)

    def _chance(self, strength: float) -> float:
        scale = (NOISE**2 + self.doubt * 3 / pi**2) ** 0.5
        return 1 / (1 + exp((FLUENT - log(strength)) / scale))


def _left(trace: Trace, at_s: float) -> float:
    # The first second counts in full: a shorter time would weigh more than one encounter.
    return max(1.0, at_s - trace.at_s) ** -trace.decay


def _decay(strength: float) -> float:
    return C * min(strength, 7.0) + DECAY


def _observed(expected: float, right: bool, response_ms: int | None) -> float | None:
    """The activation that an answer shows; None if it shows nothing."""
    if right and response_ms is None:
        return None
    if right and response_ms is not None and response_ms <= FLUENT_MS:
        return -log(max(response_ms - TAKING_IN_MS, 100) / F_MS)
    return min(expected, FLUENT) - MISS
