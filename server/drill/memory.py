"""What is remembered of one fact for days and weeks, by FSRS."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from fsrs import Card, Rating, Scheduler, State

from .dates import DAY_MS, proves_memory

# Answers count as fluent up to 3 s, as known up to 6 s (UK Multiplication Tables Check 6 s; XtraMath 6, then 3 s).
FLUENT_MS = 3000
KNOWN_MS = 6000
# An answer's time is typical if it is the median of this many.
TYPICAL_OF = 3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FSRS = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
# FSRS's forgetting curve: 0.9 after `stability_days`. Written out, since each question needs it a hundred times.
_DECAY = -_FSRS.parameters[20]
_FACTOR = 0.9 ** (1 / _DECAY) - 1


def day_of(at_ms: float) -> int:
    """Days since 1970, UTC: midnight UTC is half past five in the morning in India."""
    return int(at_ms // DAY_MS)


@dataclass(frozen=True, slots=True)
class Memory:
    """One fact's history, as far as it matters.

    stability_days, difficulty: FSRS; after `stability_days` without practice 9 of 10 answers are right. `day`: of the
    latest answer, in days since 1970; None before the first.
    """

    stability_days: float | None = None
    difficulty: float | None = None
    day: int | None = None
    latest_right: bool = False
    response_times_ms: tuple[int, ...] = ()

    @property
    def response_ms(self) -> float | None:
        """The typical time of a right answer; None where none was timed."""
        return median(self.response_times_ms) if self.response_times_ms else None

    def met_on(self, at_ms: float) -> bool:
        return self.day == day_of(at_ms)

    def recall(self, at_ms: float) -> float:
        """Probability of a right answer, by FSRS, which counts whole days: at the earliest that of the day after."""
        if self.stability_days is None or self.day is None:
            return 0.0
        days = max(1, day_of(at_ms) - self.day)
        return (1 + _FACTOR * days / self.stability_days) ** _DECAY

    def answered(self, right: bool, response_ms: int | None, at_ms: int) -> "Memory":
        """This memory after one more answer, `response_ms` None where its time is unknown."""
        times_ms = self.response_times_ms
        if right and response_ms is not None:
            times_ms = (*times_ms, response_ms)[-TYPICAL_OF:]
        day = day_of(at_ms)
        # Where the date is impossible it counts as the same day's.
        is_later = self.day is None or proves_memory(day - self.day)
        card, _ = _FSRS.review_card(
            self._card(self.day if is_later and self.day is not None else day),
            rating(right, response_ms, is_later),
            _EPOCH + timedelta(days=day),
        )
        return Memory(card.stability, card.difficulty, day, right, times_ms)

    def _card(self, reviewed_on: int) -> Card:
        reviewed = _EPOCH + timedelta(days=reviewed_on)
        if self.stability_days is None:
            return Card(card_id=0, due=reviewed)
        return Card(
            card_id=0,
            state=State.Review,
            stability=self.stability_days,
            difficulty=self.difficulty,
            due=reviewed,
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
