"""The recited tables of one learner, for a teacher. Pure: knows neither the web nor the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ...drill.attempt import Attempt
from ...drill.facts import LINES, Fact
from ...drill.judging import Verdict


@dataclass(frozen=True, slots=True)
class Recital:
    """The recitations of one table: the latest of them, and the best time of all."""

    table: int
    times: int
    """How often it was recited."""
    at_ms: int
    """When it was recited last."""
    right: int
    """The lines that were said rightly then."""
    lines: int
    """The lines that were recited then, or told."""
    stuck: tuple[Fact, ...]
    """The lines that were wrong, left out or told then."""
    best_ms: int | None
    """The least time from the first line to the last, of those without a mistake; None without any."""


def recitals(attempts: Sequence[Attempt]) -> list[Recital]:
    """Return the tables that were recited, the latest first."""
    recited: dict[int, list[list[Attempt]]] = {}
    # The lines of a recitation are stored together.
    for (table, _), lines in groupby(
        (attempt for attempt in attempts if attempt.in_order), lambda attempt: (attempt.fact.left, attempt.at_ms)
    ):
        recited.setdefault(table, []).append(list(lines))
    found = [_recital(table, all_of_it) for table, all_of_it in recited.items()]
    return sorted(found, key=lambda recital: recital.at_ms, reverse=True)


def _recital(table: int, recited: Sequence[Sequence[Attempt]]) -> Recital:
    latest = recited[-1]
    times_ms = [time_ms for time_ms in map(_time_ms, recited) if time_ms is not None]
    return Recital(
        table,
        len(recited),
        latest[0].at_ms,
        sum(line.verdict is Verdict.CORRECT for line in latest),
        len(latest),
        tuple(line.fact for line in latest if line.verdict in (Verdict.WRONG, Verdict.SILENCE)),
        min(times_ms, default=None),
    )


def _time_ms(lines: Sequence[Attempt]) -> int | None:
    """From the end of the first line to that of the last, where all were said rightly one after the other."""
    times_ms = [line.response_ms for line in lines[1:] if line.verdict is Verdict.CORRECT]
    whole = [time_ms for time_ms in times_ms if time_ms is not None]
    return sum(whole) if len(whole) >= LINES - 1 and len(whole) == len(lines) - 1 else None
