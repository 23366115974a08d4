"""The supervisor's decisions, with small processes in the place of workers. Real ones: test_workers.py."""

import errno
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import supervisor
from server.settings import Settings
from server.supervisor import WAITS_S, Supervisor, Worker

# What a worker does after it has read its order.
ENDS = "import sys; sys.stdin.readline(); sys.exit(3)"
LOADS = "import sys; sys.stdin.read()"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a name that is short enough for a socket's address."""
    with tempfile.TemporaryDirectory(prefix="paadas-") as name:
        yield Path(name)


@pytest.fixture
def watching(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervisor that has begun."""
    monkeypatch.setattr(supervisor, "COMMAND", (sys.executable, "-c", ENDS))
    with open(folder / "lock", "a+", encoding="ascii") as lock:
        watching = Supervisor(Settings(workers=2), folder, lock, is_first=True)
        watching._is_ready = True
        yield watching
        for worker in watching._workers:
            worker.process.kill()
            worker.process.wait()
            worker.bury(folder)


def gone(watching: Supervisor, number: int = 1) -> Worker:
    worker = watching._start(number)
    worker.process.wait()
    return worker


@pytest.mark.parametrize("before", [0, 3, 100, 5000])
def test_a_worker_that_ends_at_once_is_started_again_however_often_it_did(watching: Supervisor, before: int) -> None:
    watching._failures[1] = before
    worker = gone(watching)
    watching._ended(worker, worker.began_s + 2)
    assert watching._due_s == {1: worker.began_s + 2 + WAITS_S[min(before + 1, len(WAITS_S) - 1)]}


def test_a_worker_that_ran_long_is_started_again_at_once(watching: Supervisor) -> None:
    watching._failures[1] = 7
    worker = gone(watching)
    watching._ended(worker, worker.began_s + 1000)
    assert watching._due_s == {1: worker.began_s + 1000}


@pytest.mark.parametrize(("is_ready", "left"), [(True, {"counter", "gauge_sum"}), (False, set())])
def test_the_counts_of_a_worker_stay_if_it_has_served(
    watching: Supervisor, folder: Path, is_ready: bool, left: set[str]
) -> None:
    worker = gone(watching)
    worker.is_ready = is_ready
    for kind in ("counter", "gauge_sum", "gauge_livesum"):
        (folder / f"{kind}_{worker.process.pid}.db").touch()
    watching._ended(worker, worker.began_s + 2)
    assert {path.name.rpartition("_")[0] for path in folder.glob("*.db")} == left


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EAGAIN, "Resource temporarily unavailable")


def test_where_the_system_starts_no_process_the_others_go_on_and_it_is_tried_again(
    watching: Supervisor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "COMMAND", (sys.executable, "-c", LOADS))
    other = watching._start(2)
    watching._due_s[1] = time.monotonic()
    with monkeypatch.context() as full:
        full.setattr(supervisor.subprocess, "Popen", refuse)  # type: ignore[attr-defined]
        watching._turn()
        watching._renew()
    assert watching._workers == [other] and not other.has_ended and 1 in watching._due_s
    assert len(list(folder.glob("tmp*"))) == 1, "the address of the worker that did not start is left"
    watching._due_s[1] = time.monotonic()
    watching._turn()
    assert [worker.number for worker in watching._workers] == [2, 1]


@pytest.mark.parametrize(("is_wished", "code"), [(True, 0), (False, 15)])
def test_a_worker_that_is_stopped_while_it_loads_is_no_failure(
    watching: Supervisor, monkeypatch: pytest.MonkeyPatch, is_wished: bool, code: int
) -> None:
    monkeypatch.setattr(supervisor, "COMMAND", (sys.executable, "-c", LOADS))
    watching._is_ready, watching._is_stopping = False, is_wished
    worker = watching._start(1)
    worker.process.terminate()
    worker.process.wait()
    watching._ended(worker, worker.began_s + 1)
    assert watching._codes == [code]
