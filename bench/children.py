"""Simulated children for `bench.learning` and for tests. Their model differs from the one that chooses the questions.

Memory is Pavlik & Anderson's (2005, Cognitive Science 29, 559-586): every encounter leaves a trace whose decay depends
on the activation at that moment, which gives the spacing effect; between sessions time passes more slowly. Their fitted
values: decay 0.177 + 0.217 * e^activation, threshold -0.704, noise 0.255, time between sessions times 0.025. The decay
differs by child and by fact, with the spread of rates of forgetting in Sense et al. (2016, Topics 8, 305-321). Latency
is ACT-R's F * e^-activation plus a fixed time. A child works out slowly, or misses, what it does not recall (8 to
12-year-olds retrieve 6 to 9 in 10 products and else add up or derive: Imbo & Vandierendonck 2008). Large products have
more errors and less earlier practice (the problem-size effect: Campbell & Graham 1985). Values that no paper gives are
drawn from a wide range, which the code shows.

Children take in about four new facts a session (4.05, SD 0.71, in 55 eight to ten-year-olds at multiplication: Burns et
al. 2016, EJ1098528): each child has a limit, and an answer told beyond it leaves a weaker trace. The paper does not say
how weak: a fifth to three fifths, by child. `limited=False` leaves this out.
"""

import random
from dataclasses import dataclass, field
from math import exp, log

from server.drill.facts import Fact

C, DECAY, THRESHOLD, NOISE, BETWEEN_SESSIONS = 0.217, 0.177, -0.704, 0.255, 0.025
DAY_S = 86_400.0
SESSION_GAP_S = 3600.0
# The share of known facts that are said wrongly by a slip (children: 2 to 5 %).
SLIP = 0.03


@dataclass(frozen=True, slots=True)
class Answer:
    """A child's answer."""

    right: bool
    """The answer is right."""
    response_s: float
    """From the end of the question to the voice."""


@dataclass
class Child:
    """One child, drawn from `seed`. Times are seconds since the first session and never go back."""

    seed: int
    """Draws the child's pace, forgetting and limits."""
    practised: float = 5.0
    """Encounters with the commonest fact before, on average over children (2 beginners, 10 far on)."""
    limited: bool = True
    """The child takes in only some new facts a session."""
    _traces: dict[Fact, list[tuple[float, float, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        draw = self._random = random.Random(self.seed)
        self.decay = min(max(draw.gauss(DECAY, 0.035), 0.09), 0.28)
        self.latency_s = exp(draw.gauss(log(1.1), 0.25))
        self.fixed_s = min(max(draw.gauss(0.7, 0.15), 0.35), 1.2)
        self.works_out = draw.uniform(0.3, 0.8)
        self.step_s = draw.uniform(0.6, 1.4)
        self.link = draw.uniform(0.4, 1.0)
        self.meetings = exp(draw.gauss(log(self.practised), 0.4))
        self.acquires = max(2.0, draw.gauss(4.05, 0.71))
        self.beyond = draw.uniform(0.2, 0.6)
        self._taken_in: set[Fact] = set()
        self._decays: dict[Fact, float] = {}
        self._mental_s = 0.0
        self._now_s = 0.0
        for left in range(1, 11):
            for right in range(1, 11):
                self._remember_school(Fact(left, right))

    def _remember_school(self, fact: Fact) -> None:
        draw = self._random
        self._decays[fact] = max(0.05, self.decay + draw.gauss(0, 0.02))
        common = 12 / (12 + fact.answer) if 5 not in (fact.left, fact.right) else 20 / (20 + fact.answer)
        times = round(self.meetings * common * exp(draw.gauss(0, 0.5)))
        ages_s = sorted((draw.uniform(7, 250) * DAY_S * BETWEEN_SESSIONS for _ in range(times)), reverse=True)
        self._traces[fact] = [(-age_s, self._decays[fact], 1.0) for age_s in ages_s]

    def fluent(self, fact: Fact, at_s: float, within_s: float = 3.0) -> float:
        """Return the probability of a right answer from memory within `within_s`, if asked at `at_s`."""
        if self._by_rule(fact):
            return 1 - SLIP
        # The noise is logistic, as in ACT-R: it must lift the activation above the threshold, and far enough.
        needed = max(THRESHOLD, -log((within_s - self.fixed_s) / self.latency_s))
        return (1 - SLIP) / (1 + exp((needed - self._activation(fact, self._mental(at_s))) / NOISE))

    def right(self, fact: Fact, at_s: float, within_s: float) -> float:
        """Return the probability of a right answer within `within_s`, recalled or worked out, if asked at `at_s`."""
        recalled = self.fluent(fact, at_s, within_s)
        steps = min(fact.left, fact.right)
        # Working out takes from 0.7 to 1.3 times its usual time.
        left_s = within_s - self.fixed_s - self.latency_s * exp(-THRESHOLD)
        in_time = min(max((left_s / (self.step_s * steps) - 0.7) / 0.6, 0.0), 1.0)
        return recalled + (1 - recalled) * self.works_out * in_time * 0.97**steps

    def answer(self, fact: Fact, at_s: float) -> Answer:
        """Answer a question. The question and the feedback leave their trace."""
        draw, mental_s = self._random, self._mental(at_s)
        if at_s - self._now_s > SESSION_GAP_S:
            self._taken_in.clear()
        self._now_s, self._mental_s = at_s, mental_s
        activation = self._activation(fact, mental_s)
        uniform = min(max(draw.random(), 1e-9), 1 - 1e-9)
        noisy_activation = activation + NOISE * log(uniform / (1 - uniform))
        weight = 1.0 if noisy_activation > THRESHOLD else self._take_in(fact.pair)
        self._traces[fact].append((mental_s, C * exp(min(activation, 2.0)) + self._decays[fact], weight))
        if self._by_rule(fact):
            return Answer(draw.random() > SLIP, self.fixed_s + draw.uniform(0.2, 1.0))
        if noisy_activation > THRESHOLD:
            return Answer(draw.random() > SLIP, self.fixed_s + self.latency_s * exp(-noisy_activation))
        gave_up_s = self.fixed_s + self.latency_s * exp(-THRESHOLD)
        if draw.random() < self.works_out:
            steps = min(fact.left, fact.right)
            return Answer(draw.random() < 0.97**steps, gave_up_s + self.step_s * steps * draw.uniform(0.7, 1.3))
        return Answer(draw.random() < 0.03, gave_up_s + draw.uniform(0.5, 4.0))

    def _take_in(self, pair: Fact) -> float:
        """Return the part of a full trace that being told `pair` leaves."""
        if self.limited and pair not in self._taken_in and len(self._taken_in) >= self.acquires:
            return self.beyond
        self._taken_in.add(pair)
        return 1.0

    def _by_rule(self, fact: Fact) -> bool:
        return 1 in (fact.left, fact.right) or 10 in (fact.left, fact.right)

    def _mental(self, at_s: float) -> float:
        """Return mental time, in which a gap between sessions counts for less."""
        gap_s = at_s - self._now_s
        return self._mental_s + (gap_s if gap_s < SESSION_GAP_S else gap_s * BETWEEN_SESSIONS)

    def _activation(self, fact: Fact, mental_s: float) -> float:
        strength = self._strength(fact, mental_s)
        if fact.twin != fact:
            strength += self.link * self._strength(fact.twin, mental_s)
        return log(strength) if strength > 0 else -9.0

    def _strength(self, fact: Fact, mental_s: float) -> float:
        return sum(weight * max(1.0, mental_s - at_s) ** -decay for at_s, decay, weight in self._traces[fact])
