"""How readily a fact comes to mind, within the day and across days: what chooses the next question.

Pavlik & Anderson (2005, Cognitive Science 29, 559-586), as SlimStampen uses it (with spoken answers: Wilschut et al.
2021, doi 10.3389/frai.2021.780131): every encounter leaves a trace that decays as t^-d, d = C * e^activation + DECAY:
what is still fresh gains little. Between sessions time passes more slowly. A latency is F * e^-activation. What is
asked next is what gains most per second (Pavlik & Anderson 2008, J. Exp. Psych. Applied 14, 101-117).
"""

from dataclasses import dataclass, replace
from math import exp, log, pi

from .dates import DAY_MS, LONGEST_DAYS
from .facts import Fact
from .memory import FLUENT_MS

C, DECAY, NOISE, BETWEEN_SESSIONS = 0.217, 0.177, 0.255, 0.025
SESSION_GAP_MS = 3_600_000
# SlimStampen's.
TAKING_IN_MS = 300
F_MS = 1000
# How much of what is practised of a x b also serves b x a. Practice carries over almost wholly (Rickard, Healy &
# Bourne 1994), but whoever chants tables meets the two as different lines.
LINK = 0.7
# The activation of an answer in 3 s; a miss says that it was lower still.
FLUENT = -log((FLUENT_MS - TAKING_IN_MS) / F_MS)
MISS = 0.3
# Before the first answer: how far the chance of knowing a fact shifts its activation, and how doubtful that is
# (variance). It is never taken for more than on the edge, so that everything is asked once before long.
SPREAD = 0.25
DOUBT = 0.5
# What one answer tells: the variance of the logistic noise.
TELLS = (NOISE * pi) ** 2 / 3
# No answer is so surprising that the model of a fact is thrown over at once.
SURPRISE = 1.5
# Older traces hardly fade and are kept as one sum.
TRACES = 16
# What is told beyond what a child takes in at one time leaves so much of a trace.
BEYOND = 0.3
# A turn's seconds beside the thinking: the question, the silence that ends the answer and praise; after a miss, also
# thinking in vain and the correction.
TURN_S, MISSED_S = 4.0, 10.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as memory feels it. `at_ms`: of the latest answer, since 1970; None before the first."""

    at_ms: int | None = None
    felt_s: float = 0.0

    def at(self, at_ms: float) -> float:
        gap_ms = 0.0 if self.at_ms is None else min(max(0.0, at_ms - self.at_ms), LONGEST_DAYS * DAY_MS)
        return self.felt_s + gap_ms / 1000 * (1.0 if gap_ms < SESSION_GAP_MS else BETWEEN_SESSIONS)

    def moved(self, at_ms: int) -> "Clock":
        return Clock(at_ms, self.at(at_ms))


@dataclass(frozen=True, slots=True)
class Trace:
    fact: Fact
    at_s: float
    decay: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A fact and its twin. Times in seconds of the learner's `Clock`.

    earlier: strength from what was learnt elsewhere or long ago. shift: how much higher response times say that the
    activation is than the traces say; doubt: the variance of that.
    """

    earlier: float
    shift: float = 0.0
    doubt: float = DOUBT
    traces: tuple[Trace, ...] = ()

    @classmethod
    def unmet(cls, chance: float) -> "Retrieval":
        """A fact that was never asked, known with this probability."""
        return cls(exp(FLUENT + min(0.0, SPREAD * log(chance / (1 - chance)))))

    def activation(self, fact: Fact, at_s: float) -> float:
        return log(self._strength(fact, at_s))

    def fluent(self, fact: Fact, at_s: float) -> float:
        """Probability of an answer within 3 s."""
        return self._chance(self._strength(fact, at_s))

    def worth(self, fact: Fact, at_s: float, then_s: float, taken_in: bool) -> float:
        """How much likelier asking `fact` now makes fluent answers to it and its twin at `then_s`, per second."""
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
    # Less than a second would count as more than one encounter.
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
