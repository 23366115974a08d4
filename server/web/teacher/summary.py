"""What a learner's attempts say to a teacher. Pure: nothing here knows the web or the store."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from statistics import median

from ...drill.attempt import Attempt
from ...drill.facts import Fact
from ...drill.judging import Verdict
from ...drill.knowledge import settled

JUDGED = (Verdict.CORRECT, Verdict.WRONG)
# Classes of response time: 0-1 s, 1-2 s and so on; the last holds everything slower.
CLASS_MS = 1000
CLASSES = 11


@dataclass(frozen=True, slots=True)
class Day:
    """One day of practice. `response_ms`: the median of the right answers, None where none was timed."""

    date: date
    answers: int
    right: int
    response_ms: float | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A fact that was answered wrongly `times` times; `heard`: with what, most often first."""

    fact: Fact
    times: int
    heard: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Unheard:
    """A fact of which the latest questions, `times` in a row, ended without an answer that was understood."""

    fact: Fact
    times: int


@dataclass(frozen=True, slots=True)
class Summary:
    """answers: those judged right or wrong, appeals settled. spoken: how often something was said at all.

    asked_again: how often the program did not understand. appeals: how often it had heard wrongly.
    slow_classes: right answers by response time, in classes of CLASS_MS. unheard: most often first.
    """

    answers: int
    right: int
    spoken: int
    asked_again: int
    appeals: int
    days: tuple[Day, ...]
    slow_classes: tuple[int, ...]
    mistakes: tuple[Mistake, ...]
    unheard: tuple[Unheard, ...]

    @property
    def misheard(self) -> int:
        """Times that the program, not the child, was at fault."""
        return self.asked_again + self.appeals

    @property
    def last_day(self) -> date | None:
        return self.days[-1].date if self.days else None


def summarise(attempts: Sequence[Attempt], zone: tzinfo | None = None) -> Summary:
    """`attempts` of one learner in their order; a day is one in `zone`, by default where the server stands."""
    heard = settled(attempts)
    judged = [attempt for attempt in heard if attempt.verdict in JUDGED]
    return Summary(
        answers=len(judged),
        right=sum(attempt.verdict is Verdict.CORRECT for attempt in judged),
        spoken=sum(attempt.verdict is not Verdict.SILENCE for attempt in heard),
        asked_again=sum(attempt.verdict is Verdict.UNSURE for attempt in heard),
        appeals=sum(attempt.appeal for attempt in attempts),
        days=_days(judged, zone),
        slow_classes=_slow_classes(judged),
        mistakes=_mistakes(judged),
        unheard=_unheard(heard),
    )


def _timed(attempts: Sequence[Attempt]) -> list[int]:
    return [
        attempt.response_ms
        for attempt in attempts
        if attempt.verdict is Verdict.CORRECT and attempt.response_ms is not None
    ]


def _days(judged: Sequence[Attempt], zone: tzinfo | None) -> tuple[Day, ...]:
    by_date: dict[date, list[Attempt]] = defaultdict(list)
    for attempt in judged:
        by_date[datetime.fromtimestamp(attempt.at_ms / 1000, zone).date()].append(attempt)
    return tuple(
        Day(
            day,
            len(those),
            sum(attempt.verdict is Verdict.CORRECT for attempt in those),
            median(times) if (times := _timed(those)) else None,
        )
        for day, those in sorted(by_date.items())
    )


def _slow_classes(judged: Sequence[Attempt]) -> tuple[int, ...]:
    counts = Counter(min(max(0, time_ms) // CLASS_MS, CLASSES - 1) for time_ms in _timed(judged))
    return tuple(counts[place] for place in range(CLASSES))


def _mistakes(judged: Sequence[Attempt]) -> tuple[Mistake, ...]:
    heard: dict[Fact, Counter[int]] = defaultdict(Counter)
    times: Counter[Fact] = Counter()
    for attempt in judged:
        if attempt.verdict is Verdict.WRONG:
            times[attempt.fact] += 1
            if attempt.heard is not None:
                heard[attempt.fact][attempt.heard] += 1
    ordered = sorted(times, key=lambda fact: (-times[fact], fact))
    return tuple(Mistake(fact, times[fact], tuple(heard[fact].most_common())) for fact in ordered)


def _unheard(heard: Sequence[Attempt]) -> tuple[Unheard, ...]:
    """Attempts in a row at one fact are one question. It ended unheard if the last of them was not understood.

    An answer that is understood, right or wrong, takes its fact off the list. Silence says nothing either way.
    """
    times: Counter[Fact] = Counter()
    for fact, question in groupby(heard, key=lambda attempt: attempt.fact):
        verdicts = [attempt.verdict for attempt in question]
        if any(verdict in JUDGED for verdict in verdicts):
            del times[fact]
        times[fact] += verdicts[-1] is Verdict.UNSURE
    ordered = sorted(+times, key=lambda fact: (-times[fact], fact))
    return tuple(Unheard(fact, times[fact]) for fact in ordered)
