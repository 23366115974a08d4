"""The messages of the real server to a service manager, on the manager's socket."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from server import systemd
from server.live.health import LOOK_EVERY_S, STUCK_AFTER_MS
from server.store.database import make_engine, migrate
from tests.support.manager import ALIVE, Manager
from tests.support.postgres import postgres_programs, running_postgres
from tests.support.programs import NotInstalled, do_without
from tests.support.server import free_port, health, serving


@contextmanager
def stopped(*processes: psutil.Process) -> Iterator[None]:
    """Stop processes during the block: they keep what they hold and answer nothing."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("make_address", [str, lambda path: f"@{path}"], ids=["file", "abstract"])
def test_every_state_is_sent_in_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_address: Callable[[Path], str]
) -> None:
    manager = Manager(make_address(tmp_path / "socket"))
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    systemd.notify(systemd.READY, systemd.ALIVE)
    assert manager.hears(1) == ALIVE
    manager.socket.close()
    systemd.notify(systemd.ALIVE)  # without a listener nothing happens


def test_where_no_manager_listens_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    systemd.notify(systemd.READY)


@pytest.mark.gateway
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_server_is_ready_alive_and_going(tmp_path: Path, silent_prompts: Path, manager: Manager, mode: str) -> None:
    port = free_port()
    options = (
        "--port",
        str(port),
        "--data",
        str(tmp_path / "data"),
        "--prompts",
        str(silent_prompts),
        "--async-mode",
        mode,
    )
    with serving(f"http://127.0.0.1:{port}", *options) as (server, _):
        assert manager.hears(10) == ALIVE
        assert manager.hears(5 * LOOK_EVERY_S) == ALIVE
        with stopped(psutil.Process(server.pid)):
            manager.forget()
            assert manager.hears(3 * LOOK_EVERY_S) is None
        assert manager.hears(10) == ALIVE
        manager.forget()
        server.send_signal(signal.SIGTERM)
        while (heard := manager.hears(5)) == ALIVE:
            pass
        assert heard == "STOPPING=1"
        server.wait(10)


@pytest.mark.gateway
@pytest.mark.slow
def test_a_server_whose_database_hangs_is_no_longer_alive(
    tmp_path: Path, silent_prompts: Path, manager: Manager
) -> None:
    if (programs := postgres_programs()) is None:
        do_without(NotInstalled("there is no PostgreSQL on this machine: apt install postgresql"))
        return
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running_postgres(programs) as address:
        database = make_engine(f"{address}postgres")
        migrate(database)
        with database.connect() as connection:
            backend = psutil.Process(connection.scalar(text("SELECT pg_backend_pid()")))
        options = (
            "--port",
            str(port),
            "--data",
            str(tmp_path / "data"),
            "--prompts",
            str(silent_prompts),
            "--database",
            f"{address}postgres",
        )
        with serving(url, *options):
            assert manager.hears(10) == ALIVE
            postmaster = backend.parent()
            with stopped(postmaster, *postmaster.children()):
                deadline_s = time.monotonic() + 4 * STUCK_AFTER_MS / 1000
                while manager.hears(3 * LOOK_EVERY_S):
                    assert time.monotonic() < deadline_s
                # The loop goes on and names what hangs.
                status, found = health(url)
                assert (status, found["store"], found["recogniser"], found["loop"]) == (503, "stuck", "ok", "ok")
            assert manager.hears(15) == ALIVE
            assert health(url)[1]["store"] == "ok"
        database.dispose()
