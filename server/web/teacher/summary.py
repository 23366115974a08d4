"""Summarise a learner's attempts for a teacher. Pure: knows neither the web nor the store."""

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
# Classes of response time: 0-1 s, 1-2 s and so on; the last holds all slower ones.
CLASS_MS = 1000
CLASSES = 11


@dataclass(frozen=True, slots=True)
class Day:
    """One day of practice."""

    date: date
    answers: int
    """Answers that were judged right or wrong."""
    right: int
    response_ms: float | None
    """The median time of the right answers; None if none was timed."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A fact with wrong answers."""

    fact: Fact
    times: int
    """The number of wrong answers."""
    heard: tuple[tuple[int, int], ...]
    """The wrong numbers with their counts, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """A fact whose latest questions ended without an answer that was understood."""

    fact: Fact
    times: int
    """The number of those questions, in a row."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of one learner's attempts."""

    answers: int
    """Those judged right or wrong, after appeals."""
    right: int
    """Those judged right, after appeals."""
    spoken: int
    """Utterances of any kind."""
    asked_again: int
    """Utterances that the program did not understand."""
    appeals: int
    """Utterances that the program had misheard."""
    days: tuple[Day, ...]
    """The days of practice in order."""
    slow_classes: tuple[int, ...]
    """Right answers by response time, in classes of CLASS_MS."""
    mistakes: tuple[Mistake, ...]
    """The most frequent first."""
    unheard: tuple[Unheard, ...]
    """The most frequent first."""

    @property
    def misheard(self) -> int:
        """How often the program, not the child, was at fault."""
        return self.asked_again + self.appeals

    @property
    def last_day(self) -> date | None:
        return self.days[-1].date if self.days else None


def summarise(attempts: Sequence[Attempt], zone: tzinfo | None = None) -> Summary:
    """Summarise the attempts of one learner, in their order. Days are those of `zone`, by default the server's."""
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
    """Return the facts without an understood answer. Attempts in a row at one fact are one question.

    A question ended unheard if its last attempt was not understood. An understood answer, right or wrong, takes its
    fact off the list. Silence says nothing.
    """
    times: Counter[Fact] = Counter()
    for fact, question in groupby(heard, key=lambda attempt: attempt.fact):
        verdicts = [attempt.verdict for attempt in question]
        if any(verdict in JUDGED for verdict in verdicts):
            del times[fact]
        times[fact] += verdicts[-1] is Verdict.UNSURE
    ordered = sorted(+times, key=lambda fact: (-times[fact], fact))
    return tuple(Unheard(fact, times[fact]) for fact in ordered)
