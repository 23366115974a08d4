"""Real trouble: a disk that is full, a database that is locked, a server that is killed or away."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from server.store.database import make_engine, migrate, open_database
from server.store.store import Store
from server.store.writer import FIRST_WAIT_MS, Health, Writer
from sqlalchemy import Engine, event, text
from tests.store.making import NOON_MS, a_drill, a_learner, an_entry
from tests.support.server import ROOT


def inline(function: Callable[..., Any], *arguments: object) -> Any:
    return function(*arguments)


def check_that_all_is_kept(store: Store, writer: Writer, code: str, free: Callable[[], None], learner: int) -> None:
    """The database refuses (`code`) until `free` is called; then every answer is there, once."""
    drill = a_drill(learner)
    writer.keep(drill, 0)
    for turn in range(1, 4):
        writer.keep(an_entry(drill, turn), 0)
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


def test_a_full_database(tmp_path: Path) -> None:
    engine = open_database(None, tmp_path)
    store = Store(engine)
    learner = a_learner(store)
    limit = {"pages": 1}

    @event.listens_for(engine, "checkout")
    def checkout(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit['pages']}")

    with engine.begin() as connection:  # fill what room there is on the pages in use
        drill = a_drill(learner)
    with pytest.raises(Exception, match="full"):
        store.write([drill, *(an_entry(drill, turn) for turn in range(10_000, 11_000))])
    assert store.attempts_of(learner) == []
    writer = Writer(store, inline)
    writer.keep(drill, 0)
    turn = 0
    while writer.health.code is None:
        turn += 1
        writer.keep(an_entry(drill, turn), 0)
    assert writer.health == Health(pending=1, lost=0, code="store_full")
    limit["pages"] = 1_000_000
    writer.retry(FIRST_WAIT_MS)
    assert writer.health == Health(pending=0, lost=0, code=None)
    assert len(store.attempts_of(learner)) == turn


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], capture_output=True, text=True)
    if mount.returncode:
        pytest.skip(f"no disk can be mounted here: {mount.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    engine = open_database(None, small_disk)
    store = Store(engine)
    learner = a_learner(store)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError), open(ballast, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    # The write-ahead log has some room of its own left over from the migration; use it up.
    engine.raw_connection().cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with pytest.raises(OSError), open(ballast, "ab", buffering=0) as file:
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
writer.keep(drill, 0)
for turn in range(1, 1_000_000):
    writer.keep(an_entry(drill, turn), 0)
    print(turn, flush=True)  # the verdict
"""


@pytest.mark.parametrize("heard_verdicts", [1, 20, 77])
def test_a_killed_server_has_kept_every_answer_whose_verdict_was_heard(store: Store, url: str, heard_verdicts: int) -> None:
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
        writer.keep(drill, 0)
        for turn in range(1, 21):
            writer.keep(an_entry(drill, turn), 0)

    threads = [threading.Thread(target=practise, args=[learner]) for learner in learners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.health == Health(pending=0, lost=0, code=None)
    assert [len(store.attempts_of(learner)) for learner in learners] == [20] * 8


def test_a_database_that_went_away(url: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    store = Store(engine)
    learner = a_learner(store)
    if engine.dialect.name == "sqlite":
        pytest.skip("a file does not go away")
    pid = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with make_engine(url).connect() as other:
        other.execute(text(pid))
    writer = Writer(store, inline)
    drill = a_drill(learner)
    writer.keep(drill, 0)
    writer.keep(an_entry(drill, 1), 0)
    writer.retry(FIRST_WAIT_MS)
    assert len(store.attempts_of(learner)) == 1
