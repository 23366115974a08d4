"""What is remembered of one fact: for weeks by FSRS, within the day by a model of activation and response time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import exp, inf, log
from statistics import median

from fsrs import Card, Rating, Scheduler, State

# Answers count as fluent up to 3 s, as known up to 6 s (UK Multiplication Tables Check 6 s; XtraMath 6, then 3 s).
FLUENT_MS = 3000
KNOWN_MS = 6000
# An answer's time is typical if it is the median of this many.
TYPICAL_OF = 3

# ACT-R as in SlimStampen (van Rijn et al. 2009; Sense et al. 2016; with spoken answers Wilschut et al. 2021,
# doi 10.3389/frai.2021.780131): a trace decays as t^-d, with d = C * e^activation + rate of forgetting.
FORGETTING = 0.3
FORGETTING_RANGE = (0.1, 0.6)
FORGETTING_STEP = 0.05
C = 0.25
THRESHOLD = -0.8
# Latency of retrieval is F * e^-activation seconds, after 0.3 s of taking the question in.
F_MS = 1000
TAKING_IN_MS = 300

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FSRS = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
# FSRS's forgetting curve: 0.9 after `stability_days`. Written out, since each question needs it a hundred times.
_DECAY = -_FSRS.parameters[20]
_FACTOR = 0.9 ** (1 / _DECAY) - 1


def day_of(at_ms: float) -> int:
    """Days since 1970, UTC: midnight UTC is half past five in the morning in India."""
    return int(at_ms // DAY_MS)


@dataclass(frozen=True, slots=True)
class Trace:
    """One encounter of today; `decay` is the exponent of its fading."""

    at_ms: int
    decay: float


@dataclass(frozen=True, slots=True)
class Memory:
    """One fact's history, as far as it matters.

    stability_days, difficulty: FSRS; after `stability_days` without practice 9 of 10 answers are right. `day`: of the
    latest answer, in days since 1970; the fields that say "today" are about that day. forgetting: rate of forgetting,
    as response times suggest. quick_today: fluent answers since the last that was wrong or slow. fluency: a running
    mean of answers that score from 1 at once to 0 after 6 s, 0 when wrong (after Klinkenberg et al. 2011).
    """

    stability_days: float | None = None
    difficulty: float | None = None
    day: int = 0
    latest_right: bool = False
    response_times_ms: tuple[int, ...] = ()
    fluency: float = 0.0
    forgetting: float = FORGETTING
    traces_today: tuple[Trace, ...] = ()
    quick_today: int = 0

    @property
    def response_ms(self) -> float | None:
        """The typical time of a right answer; None where none was timed."""
        return median(self.response_times_ms) if self.response_times_ms else None

    def met_on(self, at_ms: float) -> bool:
        return bool(self.traces_today) and self.day == day_of(at_ms)

    def recall(self, at_ms: float) -> float:
        """Probability of a right answer, by FSRS, which counts whole days: at the earliest that of the day after."""
        if self.stability_days is None:
            return 0.0
        days = max(1, day_of(at_ms) - self.day)
        return (1 + _FACTOR * days / self.stability_days) ** _DECAY

    def strength(self, at_ms: float) -> float:
        """The sum of what today's encounters have left; activation is its logarithm."""
        if not self.met_on(at_ms):
            return 0.0
        return sum(_seconds(trace, at_ms) ** -trace.decay for trace in self.traces_today)

    def answered(self, right: bool, response_ms: int | None, at_ms: int) -> "Memory":
        """This memory after one more answer, `response_ms` None where its time is unknown."""
        today = self if self.met_on(at_ms) else replace(
            self, traces_today=(), quick_today=0, day=day_of(at_ms)
        )
        first_today = not today.traces_today
        quick = right and (response_ms is None or response_ms <= FLUENT_MS)
        times_ms = self.response_times_ms
        if right and response_ms is not None:
            times_ms = (*times_ms, response_ms)[-TYPICAL_OF:]
        card, _ = _FSRS.review_card(
            self._card(), rating(right, response_ms, first_today),
            _EPOCH + timedelta(days=today.day),
        )
        forgetting = today._forgetting_after(right, response_ms, at_ms)
        shift = forgetting - self.forgetting
        decay = C * today.strength(at_ms) + forgetting
        traces = tuple(Trace(trace.at_ms, trace.decay + shift) for trace in today.traces_today)
        return Memory(
            card.stability, card.difficulty, today.day, right, times_ms,
            self._fluency_after(right, response_ms, first_today), forgetting, (*traces, Trace(at_ms, decay)),
            today.quick_today + 1 if quick else 0,
        )

    def _fluency_after(self, right: bool, response_ms: int | None, first_today: bool) -> float:
        known_ms = FLUENT_MS if response_ms is None else response_ms
        score = max(0.0, 1 - known_ms / KNOWN_MS) if right else 0.0
        if self.stability_days is None:
            return score
        # A day's later answers come faster than they will tomorrow.
        return self.fluency + (0.5 if first_today else 0.3) * (score - self.fluency)

    def _forgetting_after(self, right: bool, response_ms: int | None, at_ms: int) -> float:
        """One step, of SlimStampen's size at most, towards what the response time says of the activation.

        SlimStampen waits for the third encounter; so do we.
        """
        strength = self.strength(at_ms)
        if len(self.traces_today) < 2 or (right and response_ms is None):
            return self.forgetting
        slowest_ms = 1.5 * _latency_ms(THRESHOLD)
        observed_ms = min(response_ms, slowest_ms) if right and response_ms is not None else slowest_ms
        surprise = log(max(observed_ms, 1) / min(_latency_ms(log(strength)), slowest_ms))
        step = FORGETTING_STEP * min(max(surprise, -1.0), 1.0)
        return min(max(self.forgetting + step, FORGETTING_RANGE[0]), FORGETTING_RANGE[1])

    def _card(self) -> Card:
        reviewed = _EPOCH + timedelta(days=self.day)
        if self.stability_days is None:
            return Card(card_id=0, due=reviewed)
        return Card(
            card_id=0, state=State.Review, stability=self.stability_days, difficulty=self.difficulty, due=reviewed,
            last_review=reviewed,
        )


def rating(right: bool, response_ms: int | None, first_today: bool) -> Rating:
    """FSRS's rating of an answer. It takes no time, so ours says how quick it was.

    Only the first answer of a day can be easy: what was heard a minute ago comes fast without being learnt.
    """
    if not right:
        return Rating.Again
    if response_ms is not None and response_ms > KNOWN_MS:
        return Rating.Hard
    easy = first_today and response_ms is not None and response_ms <= FLUENT_MS
    return Rating.Easy if easy else Rating.Good


def activation(strength: float) -> float:
    return log(strength) if strength > 0 else -inf


def _latency_ms(activation: float) -> float:
    return F_MS * exp(-activation) + TAKING_IN_MS


def _seconds(trace: Trace, at_ms: float) -> float:
    # Less than a second would count as more than one encounter.
    return max(1.0, (at_ms - trace.at_ms) / 1000)
