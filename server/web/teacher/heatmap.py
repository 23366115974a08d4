"""How well each fact is known, for the heat-map: the learner model's word for it is also its shape, colour and name."""

from collections.abc import Mapping, Sequence

from ...drill.attempt import Attempt
from ...drill.dates import believable
from ...drill.facts import LINES, LONGER_LINES, TABLES, Fact, lines_of
from ...drill.knowledge import Knowledge, Status


def statuses_of(
    attempts: Sequence[Attempt], now_ms: int, before: Knowledge = Knowledge(), before_until_ms: int = -1
) -> dict[Fact, Status]:
    """`now_ms` since 1970; a fact that is not in it is new. `before`: what is known from answers up to a moment, which
    need not be among the attempts any more."""
    later = [attempt for attempt in believable(attempts, now_ms) if attempt.at_ms > before_until_ms]
    knowledge = before.after(later)
    return {fact: knowledge.status(fact, now_ms) for fact in knowledge.memories}


def grid(statuses: Mapping[Fact, Status]) -> list[tuple[int, list[tuple[Fact, Status]]]]:
    """A row for each table to 10, and for each larger one that was begun: the table and its facts in order."""
    lines = LONGER_LINES if any(fact.right > LINES for fact in statuses) else LINES
    begun = {fact.left for fact in statuses}
    return [
        (table, [(fact, statuses.get(fact, Status.NEW)) for fact in (Fact(table, n) for n in lines_of(table, lines))])
        for table in TABLES
        if table <= LINES or table in begun
    ]


def tally(statuses: Mapping[Fact, Status]) -> dict[Status, int]:
    """How many facts of the grid have each status."""
    given = [status for _, row in grid(statuses) for _, status in row]
    return {status: given.count(status) for status in Status}


def tables_known(statuses: Mapping[Fact, Status]) -> list[int]:
    """Tables of which every fact to the tenth is known or fluent."""
    return [
        table
        for table, row in grid(statuses)
        if all(status in (Status.KNOWN, Status.FLUENT) for _, status in row[:LINES])
    ]
