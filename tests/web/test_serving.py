"""How a server goes, and how it lets connections go."""

import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from server.store.database import FILE_NAME, open_database
from server.store.store import Store
from tests.store.making import a_learner
from tests.support.server import free_port, running_server, serving

from .playing import run, started, tap

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_and_writes_what_waited(
    tmp_path: Path, silent_prompts: Path, mode: str, ending: signal.Signals
) -> None:
    """A child still practises, and the database has only just become free again."""
    store = Store(open_database(None, tmp_path))
    child = a_learner(store)
    port = free_port()
    options = ("--port", str(port), "--data", str(tmp_path), "--prompts", str(silent_prompts), "--async-mode", mode)
    with (
        serving(f"http://127.0.0.1:{port}", *options) as (process, log),
        closing(sqlite3.connect(tmp_path / FILE_NAME)) as somebody,
    ):
        async def scenario() -> None:
            learner, _ = await started(f"http://127.0.0.1:{port}", tables=[8], learner=child)
            somebody.execute("BEGIN IMMEDIATE")
            await tap(learner)
            somebody.rollback()
            process.send_signal(ending)
            assert process.wait(20) == 0
            await learner.socket.disconnect()

        run(scenario())
        assert "Traceback" not in log.read_text()
    assert len(store.attempts_of(child)) == 1


def test_a_stop_that_loses_answers_says_so(tmp_path: Path, silent_prompts: Path) -> None:
    child = a_learner(Store(open_database(None, tmp_path)))
    port = free_port()
    options = ("--port", str(port), "--data", str(tmp_path), "--prompts", str(silent_prompts))
    with (
        serving(f"http://127.0.0.1:{port}", *options) as (process, log),
        closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as somebody,
    ):
        async def scenario() -> None:
            learner, _ = await started(f"http://127.0.0.1:{port}", tables=[8], learner=child)
            somebody.execute("BEGIN IMMEDIATE")
            await tap(learner)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 1
            await learner.socket.disconnect()

        run(scenario())
        assert "Lost: 2 answers and drills" in log.read_text()


def test_a_connection_that_nobody_uses_is_let_go() -> None:
    """Browsers keep several open for minutes, and a tablet that has gone never closes its own."""
    with running_server() as url:
        port = int(url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as idle:
            idle.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in idle.recv(4096)
            while idle.recv(4096):
                pass
