"""Between a drill and the store: no answer is lost or counted twice, whatever the database does."""

import logging
import math
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.drill.facts import Fact
from server.store.records import Drill, Entry
from server.store.store import Store
from server.store.writer import FIRST_WAIT_MS, LONGEST_WAIT_MS, Health, Writer
from sqlalchemy.exc import IntegrityError, OperationalError
from tests.store.making import a_drill, a_learner, an_entry, inline

DRILL = a_drill(None)


def locked() -> OperationalError:
    original = sqlite3.OperationalError("database is locked")
    original.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("INSERT", {}, original)


class ScriptedStore:
    """Keeps or refuses as it is told: an error for each coming write; `after` it, once the write was kept already."""

    def __init__(self, *errors: Exception | None, after: bool = False) -> None:
        self.errors = list(errors)
        self.after = after
        self.kept: list[Drill | Entry] = []
        self.writes = 0

    def write(self, records: list[Drill | Entry]) -> None:
        self.writes += 1
        error = self.errors.pop(0) if self.errors else None
        if error is None or self.after:
            self.kept += [record for record in records if record not in self.kept]
        if error is not None:
            raise error


def test_an_answer_is_kept_before_its_verdict_goes_out() -> None:
    store = ScriptedStore()
    writer = Writer(store, inline)
    writer.keep([DRILL], 0)
    writer.keep([an_entry(DRILL, 1)], 10)
    assert store.kept == [DRILL, an_entry(DRILL, 1)]
    assert writer.health == Health(pending=0, lost=0, code=None)


def test_trouble_is_told_and_passes() -> None:
    store = ScriptedStore(locked(), locked())
    writer = Writer(store, inline)
    writer.keep([DRILL], 0)
    writer.keep([an_entry(DRILL, 1)], FIRST_WAIT_MS - 1)
    assert store.writes == 1, "nobody has to wait for a database that is known to refuse"
    assert writer.health == Health(pending=2, lost=0, code="store_locked")
    writer.retry(FIRST_WAIT_MS)
    writer.retry(FIRST_WAIT_MS + 2 * FIRST_WAIT_MS - 1)
    assert store.writes == 2
    writer.retry(3 * FIRST_WAIT_MS)
    assert writer.health == Health(pending=0, lost=0, code=None)
    assert store.kept == [DRILL, an_entry(DRILL, 1)]


def test_it_never_waits_longer_than_the_longest_wait() -> None:
    store = ScriptedStore(*[locked()] * 30)
    writer = Writer(store, inline)
    now_ms = 0.0
    writer.keep([DRILL], now_ms)
    while store.errors:
        now_ms += LONGEST_WAIT_MS
        writer.retry(now_ms)
    assert store.writes == 30


def test_a_commit_that_was_not_acknowledged_counts_once() -> None:
    store = ScriptedStore(locked(), after=True)
    writer = Writer(store, inline)
    writer.keep([DRILL], 0)
    writer.retry(FIRST_WAIT_MS)
    assert store.kept == [DRILL] and store.writes == 2


def test_what_no_database_takes_does_not_hold_up_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    refused = IntegrityError("INSERT", {}, Exception("NOT NULL"))
    store = ScriptedStore(locked(), refused, None, refused)
    writer = Writer(store, inline)
    records = [DRILL, an_entry(DRILL, 1), an_entry(DRILL, 2)]
    for record in records:
        writer.keep([record], 0)
    with caplog.at_level(logging.ERROR):
        writer.retry(FIRST_WAIT_MS)
    assert store.kept == [records[0], records[2]]
    assert writer.health == Health(pending=0, lost=1, code=None)
    assert "NOT NULL" in caplog.text


def test_a_server_that_stops_tries_once_more_whenever_that_was_due(caplog: pytest.LogCaptureFixture) -> None:
    store = ScriptedStore(*[locked()] * 7)
    writer = Writer(store, inline)
    for second in range(0, 60, 10):
        writer.keep([an_entry(DRILL, second)], second * 1000)
    writer.finish()
    assert writer.health.pending == 6 and "6 answers and drills could not be written" in caplog.text
    writer.finish()
    assert writer.health == Health(pending=0, lost=0, code=None) and len(store.kept) == 6


def test_there_is_an_end_to_what_can_wait() -> None:
    writer = Writer(ScriptedStore(locked()), inline, capacity=2)
    for turn in range(5):
        writer.keep([an_entry(DRILL, turn)], 0)
    assert writer.health == Health(pending=2, lost=3, code="store_locked")


def test_a_mistake_of_ours_is_trouble_too(caplog: pytest.LogCaptureFixture) -> None:
    writer = Writer(ScriptedStore(RuntimeError("bug")), inline)
    writer.keep([DRILL], 0)
    assert writer.health == Health(pending=1, lost=0, code="store_failed")
    assert "Traceback" in caplog.text


@given(st.lists(st.tuples(st.sampled_from(["fine", "refused", "unacknowledged"]), st.integers(0, 3)), max_size=40))
def test_order_and_number_survive_any_trouble(script: list[tuple[str, int]]) -> None:
    store = ScriptedStore()
    writer = Writer(store, inline)
    sent: list[Drill | Entry] = []
    now_ms = 0.0
    for trouble, answers in script:
        now_ms += LONGEST_WAIT_MS
        store.errors, store.after = ([] if trouble == "fine" else [locked()]), trouble == "unacknowledged"
        for _ in range(answers):
            sent.append(an_entry(DRILL, len(sent) + 1))
            writer.keep([sent[-1]], now_ms)
    store.errors = []
    writer.retry(now_ms + LONGEST_WAIT_MS)
    assert store.kept == sent
    assert writer.health == Health(pending=0, lost=0, code=None)


def test_with_a_real_store(store: Store) -> None:
    drill = a_drill(a_learner(store))
    writer = Writer(store, inline)
    # SQLite takes not-a-number for NULL, PostgreSQL has no room for such a number.
    misfit = replace(an_entry(drill, 2).attempt, confidence=math.nan, heard=2**40)
    for record in [drill, an_entry(drill, 1), Entry(drill.id, 2, misfit), an_entry(drill, 3, left=2)]:
        writer.keep([record], 0)
    assert [attempt.fact for attempt in store.attempts_of(drill.learner or 0)] == [Fact(7, 8), Fact(2, 8)]
    assert writer.health == Health(pending=0, lost=1, code=None)
