"""Real trouble: a full disk, a locked database, a server that is killed or away."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from server.store.database import ANSWERS_BUSY_MS, BUSY_MS, FILE_NAME, empty_log, make_engine, migrate, open_database
from server.store.store import Store
from server.store.writer import FIRST_WAIT_MS, Health, Writer
from tests.store.making import NOON_MS, a_drill, a_learner, an_entry, inline
from tests.support.disk import small_disk
from tests.support.server import ROOT


def check_that_all_is_kept(store: Store, writer: Writer, code: str, free: Callable[[], None], learner: int) -> None:
    """The database refuses (`code`) until `free` is called; then every answer is stored, once."""
    drill = a_drill(learner)
    writer.keep([drill], 0)
    for turn in range(1, 4):
        writer.keep([an_entry(drill, turn)], 0)
    assert writer.health == Health(pending=4, lost=0, code=code)
    free()
    writer.retry(FIRST_WAIT_MS)
    assert writer.health == Health(pending=0, lost=0, code=None)
    assert store.attempts_of(learner) == [an_entry(drill, turn).attempt for turn in range(1, 4)]


def test_a_locked_database(url: str, engine: Engine) -> None:
    hasty = make_engine(url, busy_ms=10)
    store = Store(hasty)
    learner = a_learner(store)
    other = engine.execution_options(writes=True).connect()
    other.begin()
    if engine.dialect.name == "postgresql":
        other.execute(text("LOCK TABLE drills"))
    check_that_all_is_kept(store, Writer(store, inline), "store_locked", other.close, learner)
    hasty.dispose()


HOLD_THE_LOCK = """
import sqlite3, sys, time

with sqlite3.connect(sys.argv[1], isolation_level=None) as other:
    for line in sys.stdin:
        other.execute("BEGIN IMMEDIATE")
        print("held", flush=True)
        time.sleep(float(line))
        other.execute("COMMIT")
"""


def test_another_worker_that_writes_is_waited_for_and_one_that_keeps_the_lock_is_not(tmp_path: Path) -> None:
    store = Store(open_database(None, tmp_path))
    writer, learner = Writer(store, inline), a_learner(store)
    drill = a_drill(learner)
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(tmp_path / FILE_NAME)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin and other.stdout

        def hold(seconds: float) -> None:
            assert other.stdin and other.stdout
            other.stdin.write(f"{seconds}\n")
            other.stdin.flush()
            other.stdout.readline()

        hold(3 * BUSY_MS / 1000)
        writer.keep([drill], 0)
        assert writer.health == Health(pending=0, lost=0, code=None)
        hold(30)
        writer.keep([an_entry(drill, 1)], 0)
        assert writer.health.code == "store_locked"
        began_s = time.monotonic()
        writer.retry(FIRST_WAIT_MS)
        assert writer.health.code == "store_locked"
        assert time.monotonic() - began_s < ANSWERS_BUSY_MS / 2000, "in trouble, no child waits so long again"
        other.kill()
    writer.retry(10 * FIRST_WAIT_MS)
    assert writer.health == Health(pending=0, lost=0, code=None)
    assert len(store.attempts_of(learner)) == 1


def test_a_full_database(tmp_path: Path) -> None:
    engine = open_database(None, tmp_path)
    store = Store(engine)
    learner = a_learner(store)
    room = {"pages": 1}  # SQLite's limit: no more pages than there are

    @event.listens_for(engine, "checkout")
    def checkout(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {room['pages']}")

    writer = Writer(store, inline)
    drill = a_drill(learner)
    writer.keep([drill], 0)
    turns = 0
    while writer.health.code is None:
        turns += 1
        assert turns < 10_000
        writer.keep([an_entry(drill, turns)], 0)
    assert writer.health == Health(pending=1, lost=0, code="store_full")
    assert len(store.attempts_of(learner)) == turns - 1
    room["pages"] = 1_000_000
    writer.retry(FIRST_WAIT_MS)
    assert writer.health == Health(pending=0, lost=0, code=None)
    assert len(store.attempts_of(learner)) == turns


def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 512) as disk:
        engine = open_database(None, disk)
        store = Store(engine)
        learner = a_learner(store)
        empty_log(engine)  # the migration's space in the log would suffice
        ballast = disk / "ballast"
        with pytest.raises(OSError), open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        check_that_all_is_kept(store, Writer(store, inline), "store_full", ballast.unlink, learner)
        engine.dispose()


PRACTISE_UNTIL_KILLED = """
import sys
from pathlib import Path
from server.store.database import open_database
from server.store.store import Store
from server.store.writer import Writer
from tests.store.making import a_drill, an_entry

store = Store(open_database(sys.argv[1], Path()))
writer = Writer(store, lambda function, *arguments: function(*arguments))
drill = a_drill(int(sys.argv[2]))
writer.keep([drill], 0)
for turn in range(1, 1_000_000):
    writer.keep([an_entry(drill, turn)], 0)
    print(turn, flush=True)  # the verdict
"""


@pytest.mark.slow
@pytest.mark.parametrize("heard_verdicts", [1, 20, 77])
def test_a_killed_server_has_kept_every_answer_whose_verdict_was_heard(
    store: Store, url: str, heard_verdicts: int
) -> None:
    learner = a_learner(store)
    command = [sys.executable, "-c", PRACTISE_UNTIL_KILLED, url, str(learner)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for _ in range(heard_verdicts):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        heard = heard_verdicts + len(process.stdout.read().split())
    kept = store.attempts_of(learner)
    # One more may have been committed just before its verdict could go out.
    assert len(kept) in (heard, heard + 1)
    assert [attempt.at_ms for attempt in kept] == [NOON_MS + 6000 * turn for turn in range(1, len(kept) + 1)]


def test_answers_of_many_at_once(store: Store) -> None:
    """Real threads, as with --async-mode threading and in eventlet's pool."""
    writer = Writer(store, inline)
    learners = [a_learner(store, f"Learner {number}") for number in range(8)]

    def practise(learner: int) -> None:
        drill = a_drill(learner)
        writer.keep([drill], 0)
        for turn in range(1, 21):
            writer.keep([an_entry(drill, turn)], 0)

    threads = [threading.Thread(target=practise, args=[learner]) for learner in learners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.health == Health(pending=0, lost=0, code=None)
    assert [len(store.attempts_of(learner)) for learner in learners] == [20] * 8


@pytest.mark.postgres
def test_a_server_that_went_away_and_came_back(postgres: Callable[[], str]) -> None:
    engine = make_engine(postgres())
    migrate(engine)
    store = Store(engine)
    learner = a_learner(store)
    with make_engine(engine.url.render_as_string()).connect() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    store.write([a_drill(learner)])
    engine.dispose()
