"""Short ways to make the store's records."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command

from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.store import database
from server.store.records import Drill, Entry, new_id
from server.store.store import Store

NOON_MS = 1_760_011_200_000  # 2025-10-09, 12:00 UTC
DAY_MS = 86_400_000


def inline(function: Callable[..., Any], *arguments: object) -> Any:
    """Offload for a writer without an event loop: call the function at once."""
    return function(*arguments)


def a_learner(store: Store, nickname: str = "Asha", class_name: str | None = None) -> int:
    return store.add_learner(nickname, "tiger", "mr", NOON_MS, class_name).id


def a_drill(learner: int | None, started_at_ms: int = NOON_MS) -> Drill:
    return Drill(new_id(), learner, "mr", "numbers", "browser", (2, 7), started_at_ms)


def an_entry(
    drill: Drill,
    turn: int,
    left: int = 7,
    right: int = 8,
    heard: int | None = 56,
    response_ms: int | None = 1500,
    verdict: Verdict | None = None,
    appeal: bool = False,
    at_ms: int | None = None,
) -> Entry:
    """Make an entry. Without a verdict, `heard` decides it: None is silence."""
    verdict = verdict or (
        Verdict.SILENCE if heard is None else Verdict.CORRECT if heard == left * right else Verdict.WRONG
    )
    at_ms = drill.started_at_ms + 6000 * turn if at_ms is None else at_ms
    return Entry(drill.id, turn, Attempt(Fact(left, right), verdict, heard, 0.75, response_ms, at_ms, appeal))


def practise(
    store: Store, learner: int | None, heard: list[tuple[int, int, int | None]], started_at_ms: int = NOON_MS
) -> Drill:
    """Practise a drill of these (left, right, heard), an answer every 6 s."""
    drill = a_drill(learner, started_at_ms)
    store.write([drill])
    store.write([an_entry(drill, turn, *fact) for turn, fact in enumerate(heard, 1)])
    return drill


def made_older(file: Path) -> None:
    """Turn the tables into those of the version before."""
    engine = database.make_engine(f"sqlite:///{file}")
    with engine.execution_options(writes=True).begin() as connection:
        config = database._alembic()
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    engine.dispose()


def tables_in(file: Path) -> set[str]:
    """Return the names of a database's tables and indexes."""
    with closing(sqlite3.connect(file)) as opened:
        return {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}
