"""The writer: no answer is lost or counted twice, whatever the database does."""

import logging
import math
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlalchemy.exc import IntegrityError, OperationalError

from server.drill.facts import Fact
from server.store.database import writing
from server.store.drill_log import DrillLog
from server.store.models import DrillRow, LearnerRow
from server.store.records import Drill, Entry, PassedOver, Unfinished, Written
from server.store.store import Store
from server.store.writer import FIRST_WAIT_MS, LONGEST_WAIT_MS, Health, Writer
from tests.store.making import NOON_MS, a_drill, a_learner, an_entry, inline

DRILL = a_drill(None)


def locked() -> OperationalError:
    original = sqlite3.OperationalError("database is locked")
    original.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("INSERT", {}, original)


class ScriptedStore:
    """Stores or refuses as it is told: an error for each coming write; with `after`, the write is stored first.

    `poison`: a record that no database takes.
    """

    def __init__(self, *errors: Exception | None, after: bool = False, poison: tuple[Written, ...] = ()) -> None:
        self.errors = list(errors)
        self.after = after
        self.poison = poison
        self.kept: list[Written] = []
        self.writes = 0

    def write(self, records: list[Written], is_patient: bool) -> PassedOver:
        self.writes += 1
        error = self.errors.pop(0) if self.errors else None
        if error is None and any(record in self.poison for record in records):
            raise IntegrityError("INSERT", {}, Exception("NOT NULL"))
        if error is None or self.after:
            self.kept += [record for record in records if record not in self.kept]
        if error is not None:
            raise error
        return PassedOver()


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
    assert store.writes == 1, "no call waits for a database that is known to refuse"
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


@given(st.sets(st.integers(0, 9)))
def test_what_no_database_takes_does_not_hold_up_the_rest(refused: set[int]) -> None:
    records: list[Written] = [DRILL, *(an_entry(DRILL, turn) for turn in range(1, 10))]
    store = ScriptedStore(locked(), poison=tuple(records[place] for place in refused))
    writer = Writer(store, inline)
    for record in records:
        writer.keep([record], 0)
    writer.retry(FIRST_WAIT_MS)
    assert store.kept == [record for place, record in enumerate(records) if place not in refused]
    assert writer.health == Health(pending=0, lost=len(refused), code=None)


def test_what_is_not_kept_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        Writer(ScriptedStore(poison=(DRILL,)), inline).keep([DRILL], 0)
    assert "NOT NULL" in caplog.text


def test_a_server_that_stops_tries_once_more_whenever_that_was_due(caplog: pytest.LogCaptureFixture) -> None:
    store = ScriptedStore(*[locked()] * 7)
    writer = Writer(store, inline)
    for second in range(0, 60, 10):
        writer.keep([an_entry(DRILL, second)], second * 1000)
    assert writer.finish() == 6
    assert writer.health.pending == 6 and "6 answers and drills could not be written" in caplog.text
    assert writer.finish() == 0
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


@pytest.mark.parametrize("ends", ["retry", "finish"])
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_where_a_drill_stands_is_as_old_as_its_answers(ends: str, script: list[tuple[bool, bool]]) -> None:
    """Whenever the server is killed: the stored state counts as many answers as are stored."""
    store = ScriptedStore()
    writer = Writer(store, inline)
    drill = a_drill(1)
    answers = 0
    log = DrillLog(writer, drill, "key", lambda: str(answers))

    def agree() -> bool:
        stands = [record.content for record in store.kept if isinstance(record, Unfinished)]
        return (stands or ["0"])[-1] == str(sum(isinstance(record, Entry) for record in store.kept))

    for turn, (is_refused, is_later) in enumerate(script, 1):
        answers += 1
        store.errors = [locked()] if is_refused else []
        log.keep(turn, an_entry(drill, turn).attempt, 0, LONGEST_WAIT_MS * turn if is_later else 0)
        assert agree()
    store.errors = []
    if ends == "retry":
        writer.retry(LONGEST_WAIT_MS * (len(script) + 2))
    else:
        writer.finish()
    assert agree() and sum(isinstance(record, Entry) for record in store.kept) == len(script)


def test_other_processes_are_told_before_a_verdict_whose_answer_waits_and_when_all_is_written() -> None:
    told: list[bool] = []
    store = ScriptedStore(None, locked(), locked())
    writer = Writer(store, inline, tell_waiting=told.append)
    writer.keep([DRILL], 0)
    assert told == []
    writer.keep([an_entry(DRILL, 1)], 0)
    assert told == [True]
    writer.keep([an_entry(DRILL, 2)], 1)
    writer.retry(FIRST_WAIT_MS)
    assert told == [True]
    writer.retry(10 * FIRST_WAIT_MS)
    assert told == [True, False]


def test_what_came_during_the_write_that_ends_the_trouble_is_waited_for_too() -> None:
    told: list[bool] = []

    class Interrupted(ScriptedStore):
        def write(self, records: list[Written], is_patient: bool) -> PassedOver:
            passed_over = super().write(records, is_patient)
            if self.writes == 2:
                writer.keep([an_entry(DRILL, 2)], 0)  # before the next try is due: it has its verdict
            return passed_over

    store = Interrupted(locked())
    writer = Writer(store, inline, tell_waiting=told.append)
    writer.keep([an_entry(DRILL, 1)], 0)
    writer.retry(FIRST_WAIT_MS)
    assert (writer.health, told) == (Health(pending=1, lost=0, code=None), [True])
    writer.retry(FIRST_WAIT_MS)
    assert (writer.health, told) == (Health(pending=0, lost=0, code=None), [True, False])


def test_all_that_comes_during_a_commit_shares_the_next_one() -> None:
    """One thread commits; twenty children wait for two commits, not for twenty."""
    release, began = threading.Event(), threading.Event()

    class SlowStore(ScriptedStore):
        def write(self, records: list[Written], is_patient: bool) -> PassedOver:
            began.set()
            assert release.wait(10)
            return super().write(records, is_patient)

    store = SlowStore()
    with ThreadPoolExecutor(1) as disk, ThreadPoolExecutor(20) as children:
        queued = threading.Semaphore(0)

        def offload(function: Callable[..., Any], *arguments: object) -> Any:
            done = disk.submit(function, *arguments)
            queued.release()
            return done.result()

        writer = Writer(store, offload)
        drills = [a_drill(number) for number in range(20)]
        first = children.submit(writer.keep, [drills[0]], 0)
        assert began.wait(10)
        others = [children.submit(writer.keep, [drill], 0) for drill in drills[1:]]
        for _ in drills:
            assert queued.acquire(timeout=10)
        release.set()
        assert all(each.result() for each in [first, *others])
    assert store.writes == 2 and {record.id for record in store.kept if isinstance(record, Drill)} == {
        d.id for d in drills
    }


def a_log(writer: Writer, drill: Drill) -> DrillLog:
    return DrillLog(writer, drill, "key", lambda: "{}")


def answered(log: DrillLog, drill: Drill, turn: int) -> str | None:
    return log.keep(turn, an_entry(drill, turn).attempt, NOON_MS, 0)


def test_a_child_who_was_deleted_here_is_told_and_nothing_is_lost(store: Store) -> None:
    asha = a_learner(store)
    drill, new = a_drill(asha), a_drill(asha)
    writer = Writer(store, inline)
    log, begun_before = a_log(writer, drill), a_log(writer, new)
    assert answered(log, drill, 1) is None
    store.delete_learner(asha)
    assert [answered(log, drill, turn) for turn in (2, 3)] == ["unknown_learner"] * 2
    assert answered(begun_before, new, 1) == "unknown_learner"
    assert writer.health == Health(pending=0, lost=0, code=None)


def test_a_child_who_was_deleted_by_another_process_is_told_too(store: Store, engine: Engine) -> None:
    asha = a_learner(store)
    drill, new = a_drill(asha), a_drill(asha)
    writer = Writer(store, inline)
    log, begun_before = a_log(writer, drill), a_log(writer, new)
    assert answered(log, drill, 1) is None
    Store(engine).delete_learner(asha)
    assert answered(log, drill, 2) == "unknown_learner"
    assert [answered(begun_before, new, turn) for turn in (1, 2)] == ["unknown_learner"] * 2
    assert writer.health == Health(pending=0, lost=0, code=None)


def test_a_drill_that_vanished_is_told_counted_and_kept_again(store: Store, engine: Engine) -> None:
    asha = a_learner(store)
    drill = a_drill(asha)
    writer = Writer(store, inline)
    log = a_log(writer, drill)
    assert answered(log, drill, 1) is None
    with writing(engine) as session:
        session.execute(delete(DrillRow))
    assert answered(log, drill, 2) == "store_failed"
    assert writer.health == Health(pending=0, lost=1, code=None)
    assert answered(log, drill, 3) is None
    assert [attempt.at_ms for attempt in store.attempts_of(asha)] == [an_entry(drill, 3).attempt.at_ms]


def test_a_child_who_vanished_is_told_and_counted(store: Store, engine: Engine) -> None:
    asha = a_learner(store)
    drill = a_drill(asha)
    writer = Writer(store, inline)
    log = a_log(writer, drill)
    assert answered(log, drill, 1) is None
    with writing(engine) as session:
        session.execute(delete(LearnerRow))
    assert answered(log, drill, 2) == "store_failed"
    assert writer.health.lost == 1


def test_with_a_real_store(store: Store) -> None:
    drill = a_drill(a_learner(store))
    writer = Writer(store, inline)
    # SQLite stores not-a-number as NULL; PostgreSQL rejects it.
    misfit = replace(an_entry(drill, 2).attempt, confidence=math.nan, heard=2**40)
    for record in [drill, an_entry(drill, 1), Entry(drill.id, 2, misfit), an_entry(drill, 3, left=2)]:
        writer.keep([record], 0)
    assert [attempt.fact for attempt in store.attempts_of(drill.learner or 0)] == [Fact(7, 8), Fact(2, 8)]
    assert writer.health == Health(pending=0, lost=1, code=None)
