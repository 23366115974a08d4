"""The memory of one fact over days and weeks, by FSRS."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from fsrs import Card, Rating, Scheduler, State

from .dates import DAY_MS, proves_memory

# Limits of a fluent and of a known answer (UK Multiplication Tables Check: 6 s; XtraMath: 6, then 3 s).
FLUENT_MS = 3000
KNOWN_MS = 6000
# The typical response time is the median of this many.
TYPICAL_OF = 3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FSRS = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
# FSRS's forgetting curve: 0.9 after `stability_days`. Written out, because each question needs it a hundred times.
_DECAY = -_FSRS.parameters[20]
_FACTOR = 0.9 ** (1 / _DECAY) - 1


def day_of(at_ms: float) -> int:
    """Return days since 1970, UTC. Midnight UTC is 05:30 in India."""
    return int(at_ms // DAY_MS)


@dataclass(frozen=True, slots=True)
class Memory:
    """The history of one fact, as far as it matters."""

    stability_days: float | None = None
    """FSRS: after this time without practice nine of ten answers are right."""
    difficulty: float | None = None
    """FSRS: from 1, easy, to 10."""
    day: int | None = None
    """Day of the latest answer, since 1970; None before the first."""
    latest_right: bool = False
    """The latest answer was right."""
    response_times_ms: tuple[int, ...] = ()
    """Times of the latest right answers."""

    @property
    def response_ms(self) -> float | None:
        """The typical time of a right answer; None without a timed one."""
        return median(self.response_times_ms) if self.response_times_ms else None

    def met_on(self, at_ms: float) -> bool:
        return self.day == day_of(at_ms)

    def recall(self, at_ms: float) -> float:
        """Return FSRS's probability of a right answer. It counts whole days, at least one since the latest answer."""
        if self.stability_days is None or self.day is None:
            return 0.0
        days = max(1, day_of(at_ms) - self.day)
        return (1 + _FACTOR * days / self.stability_days) ** _DECAY

    def answered(self, right: bool, response_ms: int | None, at_ms: int) -> "Memory":
        """Return this memory after one more answer; `response_ms` is None if its time is unknown."""
        times_ms = self.response_times_ms
        if right and response_ms is not None:
            times_ms = (*times_ms, response_ms)[-TYPICAL_OF:]
        day = day_of(at_ms)
        # An answer with an impossible date counts as one of the same day.
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
    """Return FSRS's rating of an answer. FSRS takes no response time, so the rating carries the speed.

    Only the first answer of a day can be easy: an answer that was heard a minute ago comes fast without being learnt.
    """
    if not right:
        return Rating.Again
    if response_ms is not None and response_ms > KNOWN_MS:
        return Rating.Hard
    easy = first_today and response_ms is not None and response_ms <= FLUENT_MS
    return Rating.Easy if easy else Rating.Good
