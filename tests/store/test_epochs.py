"""A drill belongs to one process at a time: two stores on one database, of each kind."""

import threading
import time
from collections.abc import Iterator

import pytest
import sqlalchemy
from sqlalchemy import func, select

from server.drill.dates import DAY_MS
from server.store.database import make_engine
from server.store.drill_log import DrillLog, TakenOver
from server.store.models import DeletedRow
from server.store.records import Entry, Unfinished
from server.store.snapshots import Snapshots
from server.store.store import TRIES_KEPT_MS, Store
from server.store.tries import KeptTries, Try
from server.store.writer import Writer
from tests.store.making import NOON_MS, a_drill, a_learner, an_entry, inline

KEY = "key"


@pytest.fixture
def other(engine: sqlalchemy.Engine) -> Iterator[Store]:
    """Another process's."""
    beside = make_engine(engine.url.render_as_string(hide_password=False))
    yield Store(beside)
    beside.dispose()


def standing(content: str | None, epoch: int = 0, learner: int | None = None) -> Unfinished:
    return Unfinished(KEY, learner, content, NOON_MS, epoch)


def answered(drill: int, turn: int, epoch: int = 0) -> Entry:
    attempt = an_entry(a_drill(None), turn).attempt
    return Entry(drill, turn, attempt, KEY, epoch)


def test_whoever_takes_a_drill_up_owns_it(store: Store, other: Store) -> None:
    assert store.take_up(KEY, 0) is None, "nobody has begun it"
    store.write([standing("first")])
    assert store.take_up(KEY, NOON_MS + 1) is None, "too long ago"
    assert [store.is_unfinished(*which) for which in ((KEY, 0), (KEY, NOON_MS + 1), ("another", 0))] == [
        True,
        False,
        False,
    ]
    assert other.take_up(KEY, 0) == ("first", 1)
    assert store.epochs([KEY, "another"]) == {KEY: 1}
    assert store.write([standing("of the old owner")]).taken_over == {(KEY, 0)}
    assert not other.write([standing("of the new owner", 1)]).taken_over
    assert store.take_up(KEY, 0) == ("of the new owner", 2)


def test_an_answer_of_the_old_owner_is_not_written(store: Store, other: Store) -> None:
    asha = a_learner(store)
    drill = a_drill(asha)
    store.write([drill, answered(drill.id, 1), standing("one", learner=asha)])
    other.take_up(KEY, 0)
    passed_over = store.write([answered(drill.id, 2), standing("two", learner=asha)])
    assert (passed_over.taken_over, passed_over.lost) == ({(KEY, 0)}, ())
    other.write([answered(drill.id, 2, 1), standing("two again", 1, asha)])
    assert len(store.attempts_of(asha)) == 2
    assert other.take_up(KEY, 0) == ("two again", 2)


def test_others_in_the_same_write_are_kept(store: Store, other: Store) -> None:
    asha = a_learner(store)
    drill, here = a_drill(asha), Unfinished("here", None, "kept", NOON_MS)
    store.write([drill, standing("one", learner=asha)])
    other.take_up(KEY, 0)
    assert store.write([answered(drill.id, 1), standing("two", learner=asha), here]).taken_over == {(KEY, 0)}
    assert store.take_up("here", 0) == ("kept", 1)
    assert store.attempts_of(asha) == []


def test_a_drill_that_ended_elsewhere_is_not_begun_again_by_who_held_it(store: Store, other: Store) -> None:
    asha = a_learner(store)
    store.write([standing("one", learner=asha)])
    assert other.take_up(KEY, 0) == ("one", 1)
    other.write([standing(None, 1, asha)])
    assert store.write([standing("two", learner=asha)]).taken_over == {(KEY, 0)}
    assert store.take_up(KEY, 0) is None
    assert not Snapshots(store.engine)._is_in_a_drill(asha), "it is over"
    store.forget_unfinished(NOON_MS + 1)
    assert store.epochs([KEY]) == {KEY: 1}, "somebody may not know of it yet"
    store.forget_unfinished(NOON_MS + DAY_MS + 1)
    assert store.epochs([KEY]) == {}


def test_a_drill_that_nobody_took_up_leaves_nothing(store: Store) -> None:
    store.write([standing("one")])
    store.write([standing(None)])
    assert store.epochs([KEY]) == {}


def test_a_drill_that_was_forgotten_by_another_process_goes_on(store: Store, other: Store) -> None:
    """The database was away for longer than a drill is kept, and the other one cleared up first."""
    store.write([standing("one")])
    other.forget_unfinished(NOON_MS + 1)
    assert not store.write([standing("two")]).taken_over
    assert store.take_up(KEY, 0) == ("two", 1)


def test_the_epoch_is_raised_by_the_first_write_where_the_database_is_locked(store: Store, other: Store) -> None:
    store.write([standing("one")])
    with other.engine.connect() as blocker:
        if other.engine.dialect.name == "sqlite":
            blocker.exec_driver_sql("ROLLBACK")
            blocker.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            blocker.exec_driver_sql("SELECT * FROM unfinished FOR UPDATE")
        assert store.take_up(KEY, 0) == ("one", 1)
    store.write([standing("two", 1)])
    assert other.write([standing("of the old owner")]).taken_over == {(KEY, 0)}


def test_taking_up_waits_for_a_write_that_has_begun(store: Store, other: Store) -> None:
    """Of two who are at it at the same moment, either the answer is in what is taken up, or it is not written."""
    asha = a_learner(store)
    drill = a_drill(asha)
    store.write([drill, standing("0", learner=asha)])
    taken: list[tuple[str, int]] = []
    begun = threading.Event()

    def take_up() -> None:
        begun.wait()
        found = other.take_up(KEY, 0)
        assert found
        taken.append(found)

    thread = threading.Thread(target=take_up)
    thread.start()
    written = 0
    for turn in range(1, 200):
        begun.set()
        threading.Event().wait(0.001)  # as between two answers, but sooner
        if store.write([answered(drill.id, turn), standing(str(turn), learner=asha)]).taken_over:
            break
        written = turn
    thread.join()
    assert taken == [(str(written), 1)]
    assert len(store.attempts_of(asha)) == written


def test_a_log_says_that_another_process_goes_on(store: Store, other: Store) -> None:
    writer = Writer(store, inline)
    log = DrillLog(writer, a_drill(None), KEY, lambda: "somewhere")
    log.keep(0, None, NOON_MS, 0)
    other.take_up(KEY, 0)
    with pytest.raises(TakenOver):
        log.keep(0, None, NOON_MS, 0)
    assert writer.health.lost == 0


def test_a_drill_that_comes_back_to_a_process_is_its_own_again(store: Store, other: Store) -> None:
    writer = Writer(store, inline)
    first = DrillLog(writer, a_drill(None), KEY, lambda: "somewhere")
    first.keep(0, None, NOON_MS, 0)
    other.take_up(KEY, 0)
    with pytest.raises(TakenOver):
        first.keep(0, None, NOON_MS, 0)
    again = DrillLog(writer, a_drill(None), KEY, lambda: "somewhere", epoch=(store.take_up(KEY, 0) or ("", 0))[1])
    assert again.keep(0, None, NOON_MS, 0) is None


def test_what_processes_had_to_know_of_each_other_goes(store: Store) -> None:
    kept = KeptTries(store.engine)
    kept.add(Try(1, NOON_MS, "kiosk.pin", "10.0.0.1"))
    store.delete_learner(a_learner(store))

    def rows() -> tuple[int, int]:
        with store.engine.connect() as connection:
            count = select(func.count()).select_from(DeletedRow)
            return len(kept.recent()), connection.scalar(count) or 0

    store.forget_unfinished(0, now_ms=NOON_MS + TRIES_KEPT_MS)
    assert rows() == (1, 1)
    store.forget_unfinished(0, now_ms=NOON_MS + TRIES_KEPT_MS + 1)
    assert rows() == (0, 1)
    store.forget_unfinished(0, now_ms=time.time_ns() // 1_000_000 + DAY_MS + 60_000)
    assert rows() == (0, 0)
