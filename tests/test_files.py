"""Files that are written whole, and the lock on a folder."""

import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from server.files import LOCK_FILE, Chores, FolderInUse, join_folder, lock_folder, locked, put_in_place, write_private

HOLD = (
    "import sys; from pathlib import Path; from server.files import lock_folder\n"
    "lock = lock_folder(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
)


def holder_of(folder: Path) -> subprocess.Popen[str]:
    """Start a process that holds the folder until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def test_a_folder_is_held_by_one_process_until_it_dies(tmp_path: Path) -> None:
    process = holder_of(tmp_path)
    try:
        with pytest.raises(FolderInUse, match=rf"{tmp_path} is in use .*process {process.pid}.* stop it first"):
            lock_folder(tmp_path)
    finally:
        process.kill()
        process.communicate()
    with lock_folder(tmp_path):
        pass


def test_a_folder_is_free_again_when_its_lock_is_closed(tmp_path: Path) -> None:
    with lock_folder(tmp_path), pytest.raises(FolderInUse):
        lock_folder(tmp_path)
    lock_folder(tmp_path).close()
    assert stat.S_IMODE((tmp_path / "paadas.lock").stat().st_mode) == 0o600


@pytest.mark.parametrize("hold", [lock_folder, join_folder])
def test_a_lock_that_cannot_be_opened_is_an_error_with_advice(tmp_path: Path, hold: Callable[[Path], object]) -> None:
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(FolderInUse, match="cannot be opened .*: mend its owner"):
        hold(tmp_path)


def test_a_folder_on_a_full_disk_can_be_held(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with lock_folder(tmp_path), pytest.raises(FolderInUse):
            lock_folder(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_private_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, disk_steps: list[tuple[str, str]]
) -> None:
    write_private(tmp_path / "secret.key", b"key")
    assert disk_steps == [("sync", "secret.partial"), ("name", "secret.key"), ("sync", tmp_path.name)]
    assert (tmp_path / "secret.key").read_bytes() == b"key"


def test_a_file_that_is_put_in_place_is_on_the_disk_with_its_name(
    tmp_path: Path, disk_steps: list[tuple[str, str]]
) -> None:
    (tmp_path / "new").write_text("whole")
    put_in_place(tmp_path / "new", tmp_path / "file")
    assert disk_steps == [("sync", "new"), ("name", "file"), ("sync", tmp_path.name)]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


CHORES = (
    "import sys; from pathlib import Path; from server.files import Chores\n"
    "chores = Chores(Path(sys.argv[1])); print(chores.are_mine(), flush=True); sys.stdin.read()"
)


def test_the_chores_are_one_process_s_until_it_ends(tmp_path: Path) -> None:
    ours, theirs = Chores(tmp_path), Chores(tmp_path)
    command = [sys.executable, "-c", CHORES, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "True\n"
        assert not ours.are_mine() and not ours.are_mine()
        process.kill()
    assert ours.are_mine() and ours.are_mine()
    assert not theirs.are_mine()


def test_those_who_lock_a_file_wait_for_each_other(tmp_path: Path) -> None:
    order = []

    def other() -> None:
        with locked(tmp_path / "lock"):
            order.append("other")

    with locked(tmp_path / "lock"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]
