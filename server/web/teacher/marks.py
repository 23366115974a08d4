"""How well each fact is known, for the heat-map."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from statistics import median

from ...drill.attempt import Attempt
from ...drill.facts import MULTIPLIERS, TABLES, Fact
from ...drill.judging import Verdict
from .summary import JUDGED, settle

FLUENT_MS, KNOWN_MS = 3000, 6000
LATEST = 3


class Mark(StrEnum):
    """In rising order; each has a shape, a colour and a name."""

    NEW = "new"
    LEARNING = "learning"
    KNOWN = "known"
    FLUENT = "fluent"


# (attempts of a learner, now in ms since 1970) -> the mark of each fact; a fact that is not in it is new.
Assess = Callable[[Sequence[Attempt], int], Mapping[Fact, Mark]]


def by_latest_answers(attempts: Sequence[Attempt], now_ms: int) -> dict[Fact, Mark]:
    """Learning: the last answer was wrong, or the last three were slow. Fluent: the last three were quick."""
    answers: dict[Fact, list[Attempt]] = defaultdict(list)
    for attempt in settle(attempts):
        if attempt.verdict in JUDGED:
            answers[attempt.fact].append(attempt)
    return {fact: _mark(those[-LATEST:]) for fact, those in answers.items()}


def _mark(latest: Sequence[Attempt]) -> Mark:
    right = [attempt for attempt in latest if attempt.verdict is Verdict.CORRECT]
    times_ms = [attempt.response_ms for attempt in right if attempt.response_ms is not None]
    if latest[-1].verdict is Verdict.WRONG or times_ms and median(times_ms) > KNOWN_MS:
        return Mark.LEARNING
    fluent = len(right) == len(latest) and times_ms and median(times_ms) <= FLUENT_MS
    return Mark.FLUENT if fluent else Mark.KNOWN


def grid(marks: Mapping[Fact, Mark]) -> list[tuple[int, list[tuple[Fact, Mark]]]]:
    """A row for each table: the table and its facts in order."""
    return [
        (table, [(fact, marks.get(fact, Mark.NEW)) for fact in (Fact(table, right) for right in MULTIPLIERS)])
        for table in TABLES
    ]


def tally(marks: Mapping[Fact, Mark]) -> dict[Mark, int]:
    """How many facts have each mark, of all that are taught."""
    given = [mark for _, row in grid(marks) for _, mark in row]
    return {mark: given.count(mark) for mark in Mark}


def tables_known(marks: Mapping[Fact, Mark]) -> list[int]:
    """Tables of which every fact is known or fluent."""
    return [
        table for table, row in grid(marks) if all(mark in (Mark.KNOWN, Mark.FLUENT) for _, mark in row)
    ]
