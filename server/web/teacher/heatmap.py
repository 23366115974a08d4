"""The heat map: the status of each fact by the learner model, which is also its shape, colour and name."""

from collections.abc import Mapping, Sequence

from ...drill.attempt import Attempt
from ...drill.dates import believable
from ...drill.facts import LINES, LONGER_LINES, TABLES, Fact, lines_of
from ...drill.knowledge import Knowledge, Status


def statuses_of(
    attempts: Sequence[Attempt], now_ms: int, before: Knowledge = Knowledge(), before_until_ms: int = -1
) -> dict[Fact, Status]:
    """Return the status of each fact; a missing one is new. `now_ms`: since 1970. `before`: knowledge from answers up
    to a time, which may be missing from `attempts`."""
    later = [attempt for attempt in believable(attempts, now_ms) if attempt.at_ms > before_until_ms]
    knowledge = before.after(later)
    return {fact: knowledge.status(fact, now_ms) for fact in knowledge.memories}


def grid(statuses: Mapping[Fact, Status]) -> list[tuple[int, list[tuple[Fact, Status]]]]:
    """Return a row for each table to 10, and for each larger one that was begun: the table and its facts in order."""
    lines = LONGER_LINES if any(fact.right > LINES for fact in statuses) else LINES
    begun = {fact.left for fact in statuses}
    return [
        (table, [(fact, statuses.get(fact, Status.NEW)) for fact in (Fact(table, n) for n in lines_of(table, lines))])
        for table in TABLES
        if table <= LINES or table in begun
    ]


def tally(statuses: Mapping[Fact, Status]) -> dict[Status, int]:
    """Return the number of facts with each status."""
    given = [status for _, row in grid(statuses) for _, status in row]
    return {status: given.count(status) for status in Status}


def tables_known(statuses: Mapping[Fact, Status]) -> list[int]:
    """Return the tables whose facts, up to the tenth, are all known or fluent."""
    return [
        table
        for table, row in grid(statuses)
        if all(status in (Status.KNOWN, Status.FLUENT) for _, status in row[:LINES])
    ]
