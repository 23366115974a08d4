"""Exports and imports in a process of their own: one at a time, with limits, and their ends."""

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
from sqlalchemy import Engine, func, select

from server.files import try_lock
from server.store import transfers as transfers_module
from server.store.exchange import export_file
from server.store.models import AttemptRow
from server.store.store import Store
from server.store.transfers import COMMAND, FILE, LOCK_FILE, ROOT, Transfer, Transfers
from tests.store.making import a_learner, practise

# The early end of a process has nothing to do with the kind of database.
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def learners(file: Path, count: int) -> Path:
    rows = ",\n".join(
        f'{{"id": {number}, "nickname": "N", "picture": "owl", "class_name": null, '
        f'"language": "mr", "created_at_ms": 1, "consent_at_ms": null}}'
        for number in range(1, count + 1)
    )
    file.write_text(
        f'{{"format": "paadas", "version": 1,\n"classes": [],\n"learners": [{rows}],\n'
        f'"drills": [],\n"attempts": [],\n"samples": []}}'
    )
    return file


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """Make a file whose check takes some seconds unless it is stopped."""
    return learners(tmp_path / "big.json", 99_000)


def ended(transfers: Transfers, limit_s: float = 60) -> Transfer:
    """Wait for the end without asking for progress: the teacher may have left the page."""
    deadline_s = time.monotonic() + limit_s
    while transfers.is_running:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    latest = transfers.latest()
    assert latest is not None
    return latest


class Make(Protocol):
    """Makes what a process of the data folder has."""

    def __call__(
        self, engine: Engine, heard: Callable[[Transfer], Any] = lambda transfer: None, **limits: float
    ) -> Transfers: ...


@pytest.fixture
def made(tmp_path: Path) -> Make:
    def make(engine: Engine, heard: Callable[[Transfer], Any] = lambda transfer: None, **limits: float) -> Transfers:
        return Transfers(engine.url.render_as_string(hide_password=False), tmp_path, heard, **limits)

    return make


def test_a_school_goes_out_and_comes_back(store: Store, tmp_path: Path, made: Make) -> None:
    learner = a_learner(store)
    practise(store, learner, [(7, 8, 56), (7, 8, 54)])
    heard: list[Transfer] = []
    transfers = made(store.engine, heard.append)
    assert transfers.export_file(tmp_path / "all.json", "all.json", None)
    out = ended(transfers)
    assert (out.phase, out.kind, out.rows) == ("done", "export", 1 + 1 + 2)
    before = store.attempts_of(learner)
    export_file(store.engine, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "all.json").read_bytes()
    store.delete_learner(learner)
    assert transfers.import_file(tmp_path / "again.json", "again.json")
    back = ended(transfers)
    assert (back.phase, back.read["learners"], back.read["attempts"], back.total) == ("done", 1, 2, 4)
    assert store.attempts_of(learner) == before
    assert [transfer.kind for transfer in heard] == ["export", "import"]
    assert not (tmp_path / "all.json").exists() and not (tmp_path / "again.json").exists()


@ON_SQLITE
def test_one_at_a_time(store: Store, tmp_path: Path, big: Path, made: Make) -> None:
    transfers = made(store.engine)
    begun = [transfers.import_file(big, "big.json"), transfers.export_file(tmp_path / "all.json", "all.json", None)]
    transfers.cancel()
    assert begun == [True, False] and ended(transfers).kind == "import"


def cancel(transfers: Transfers) -> None:
    while (latest := transfers.latest()) and latest.is_running and not latest.rows:
        time.sleep(0.01)
    transfers.cancel()


@ON_SQLITE
@pytest.mark.parametrize(
    ("limits", "act", "reason"),
    [({}, cancel, "cancelled"), ({"limit_s": 0.3}, lambda transfers: None, "too_slow")],
    ids=["by the teacher", "it takes too long"],
)
def test_what_ends_it_early_changes_nothing(
    store: Store, big: Path, limits: dict[str, float], act: Callable[[Transfers], None], reason: str, made: Make
) -> None:
    transfers = made(store.engine, **limits)
    transfers.import_file(big, "big.json")
    act(transfers)
    end = ended(transfers)
    assert (end.phase, end.reason, end.in_part) == ("failed", reason, False)
    assert store.learners() == [] and store.classes() == [] and not big.exists()


@ON_SQLITE
def test_a_bad_row_is_told_with_its_place(store: Store, tmp_path: Path, made: Make) -> None:
    file = tmp_path / "bad.json"
    file.write_text('{"format": "paadas", "version": 1, "classes": [{"name": ""}]')
    transfers = made(store.engine)
    transfers.import_file(file, "bad.json")
    end = ended(transfers)
    assert (end.reason, end.values) == ("row", {"table": "classes", "row": 1}) and "row 1" in end.message


@ON_SQLITE
def test_what_is_being_written_is_written_as_a_whole(store: Store, tmp_path: Path, made: Make) -> None:
    transfers = made(store.engine)
    transfers.import_file(learners(tmp_path / "some.json", 15_000), "some.json")
    while (latest := transfers.latest()) and latest.phase == "checking":
        time.sleep(0.01)
    transfers.cancel()
    assert ended(transfers, 120).phase == "done"
    assert len(store.learners()) == 15_000


@ON_SQLITE
def test_a_process_that_is_killed_says_so(store: Store, big: Path, made: Make) -> None:
    transfers = made(store.engine)
    transfers.import_file(big, "big.json")
    (process,) = (each for each in psutil.Process().children() if COMMAND[-1] in each.cmdline())
    process.kill()
    end = ended(transfers)
    assert (end.phase, end.reason) == ("failed", "internal")
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(AttemptRow)) == 0


@ON_SQLITE
def test_a_file_that_is_not_fetched_is_deleted(store: Store, tmp_path: Path, made: Make) -> None:
    transfers = made(store.engine, kept_s=0.1)
    transfers.export_file(tmp_path / "all.json", "all.json", None)
    ended(transfers)
    deadline_s = time.monotonic() + 10
    while (tmp_path / "all.json").exists():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def test_the_process_ends_with_the_server(tmp_path: Path) -> None:
    file = tmp_path / "endless.json"
    os.mkfifo(file)  # reading it takes for ever
    process = subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    order = {"url": f"sqlite:///{tmp_path / 'other.sqlite3'}", "kind": "import", "path": str(file), "class_name": None}
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.stdin.close()
    assert process.wait(30) == 1


@ON_SQLITE
def test_another_process_sees_it_and_can_cancel_it(store: Store, big: Path, tmp_path: Path, made: Make) -> None:
    here, there = made(store.engine), made(store.engine)
    assert there.latest() is None
    assert here.import_file(big, "big.json")
    assert there.is_running and not there.export_file(tmp_path / "all.json", "all.json", None)
    while (latest := there.latest()) and not latest.rows:
        time.sleep(0.01)
    there.cancel()
    assert ended(there).reason == ended(here).reason == "cancelled"
    assert there.export_file(tmp_path / "all.json", "all.json", None)
    assert ended(there).phase == "done"
    here.fetch()
    assert (latest := there.latest()) and latest.fetched and latest.file.exists()


@ON_SQLITE
def test_one_whose_process_was_killed_runs_no_more(store: Store, tmp_path: Path, made: Make) -> None:
    transfers = made(store.engine)
    transfers._write(Transfer("export", tmp_path / "all.json", "all.json", phase="writing"))
    assert (latest := transfers.latest()) and (latest.phase, latest.reason) == ("failed", "internal")
    assert transfers.export_file(tmp_path / "all.json", "all.json", None)
    assert ended(transfers).phase == "done"


@ON_SQLITE
def test_cancelling_one_of_another_machine_ends_no_process_here(store: Store, tmp_path: Path, made: Make) -> None:
    """Machines may share the folder, and count their processes alike."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process.stdin
    there = {"kind": "export", "file": str(tmp_path / "all.json"), "name": "all.json", "phase": "writing"}
    (tmp_path / FILE).write_text(json.dumps(there | {"process_id": process.pid}))
    held = try_lock(tmp_path / LOCK_FILE)
    assert held
    with held:
        made(store.engine).cancel()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.communicate(b"\n")


def refuse(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@ON_SQLITE
def test_one_that_cannot_begin_on_a_full_disk_does_not_run(
    store: Store, tmp_path: Path, made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfers = made(store.engine)
    with monkeypatch.context() as full:
        full.setattr(transfers_module, "write_private", refuse)
        with pytest.raises(OSError, match="No space"):
            transfers.export_file(tmp_path / "all.json", "all.json", None)
        assert not transfers.is_running
    assert transfers.export_file(tmp_path / "all.json", "all.json", None)
    assert ended(transfers).phase == "done"


@ON_SQLITE
def test_one_whose_progress_cannot_be_written_goes_on_to_its_end(
    store: Store, tmp_path: Path, made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Transfer] = []
    transfers = made(store.engine, heard.append)
    transfers.import_file(learners(tmp_path / "some.json", 2_000), "some.json")
    monkeypatch.setattr(transfers_module, "write_private", refuse)
    ended(transfers)
    assert len(store.learners()) == 2_000 and [transfer.reason for transfer in heard] == [""]
