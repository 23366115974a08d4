"""Write files whole, keep them private to the server's user, and lock folders and files."""

import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

logger = logging.getLogger(__name__)

LOCK_FILE, CHORES_FILE = "paadas.lock", "chores.lock"
# The first server prepares the folder for so long at most.
JOIN_WITHIN_S = 60.0


class FolderInUse(Exception):
    """This process cannot hold a folder: another one does, or owns its lock. The message says what to do."""


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only the server's user may read, whole or not at all, also in a power cut. Raises OSError."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)  # a file left over from before would keep its mode
    with open(partial, "wb", opener=private) as file:
        file.write(content)
    put_in_place(partial, path)


def partial_of(path: Path) -> Path:
    """Return the path, beside `path`, of a file that is still being written."""
    return path.with_name(f".{path.name}.partial")


def put_in_place(partial: Path, path: Path) -> None:
    """Rename a complete file to its name. A power cut leaves the older file or the new one. Raises OSError."""
    with open(partial, "rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's names to the disk. Raises OSError."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        # Some network file systems cannot sync a folder.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(number)


def lock_folder(folder: Path) -> TextIOWrapper:
    """Hold a folder until the returned file is closed or the process ends. Raises FolderInUse."""
    file = _open_lock(folder)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read(20).strip()
        file.close()
        raise FolderInUse(
            f"{folder} is in use by another Paadas{f' (process {holder})' if holder else ''}: stop it first, or choose "
            "another folder with --data"
        ) from None
    except OSError as error:
        # Some network file systems know no locks; the server still starts on them.
        logger.warning("%s cannot be locked (%s): start no second server on it", folder, error.strerror)
        return file
    with suppress(OSError):  # only for the message: on a full disk the server starts without it
        file.truncate(0)
        os.write(file.fileno(), f"{os.getpid()}\n".encode())
    return file


def _open_lock(folder: Path) -> TextIOWrapper:
    path = folder / LOCK_FILE
    try:
        return open(path, "a+", encoding="ascii", opener=private)
    except OSError as error:
        raise FolderInUse(f"{path} cannot be opened ({error.strerror}): mend its owner") from None


def join_folder(folder: Path) -> tuple[TextIOWrapper, bool]:
    """Hold a folder that several servers share, until the file is closed or this process ends.

    Returns whether this server is the first: it prepares the folder, and lets the others in by `share_folder`. The
    others wait for that. Raises FolderInUse.
    """
    deadline_s = time.monotonic() + JOIN_WITHIN_S
    while True:
        try:
            return lock_folder(folder), True
        except FolderInUse:
            file = _open_lock(folder)
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return file, False
            file.close()
            if time.monotonic() > deadline_s:
                raise
        time.sleep(0.2)


def share_folder(lock: TextIOWrapper) -> None:
    """Let other servers join. `lock`: from `join_folder`."""
    with suppress(OSError):  # some file systems on a network know no locks
        fcntl.flock(lock, fcntl.LOCK_SH)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock on this file; other processes wait for it. Raises OSError."""
    with open(path, "a", encoding="ascii", opener=private) as file:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def try_lock(path: Path) -> TextIOWrapper | None:
    """Lock this file until the returned file is closed or this process ends. None: another process holds it.

    Raises OSError if the file cannot be opened.
    """
    file = open(path, "a", encoding="ascii", opener=private)  # noqa: SIM115 (it stays open)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except OSError as error:
        logger.warning("%s cannot be locked (%s)", path, error.strerror)  # on some network file systems
    return file


class Chores:
    """The work that one process of a data folder does for all: the first that asks, until it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CHORES_FILE
        self._lock: TextIOWrapper | None = None

    def are_mine(self) -> bool:
        """Whether this process does them. Ask again each time: when that process ends, another one takes over."""
        if self._lock is None:
            self._lock = try_lock(self._path)
        return self._lock is not None


def remove(path: Path) -> None:
    """Delete the file, and its folder if that is now empty. A missing file is no error. Raises OSError."""
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def private(name: str, flags: int) -> int:
    """Open a file that only this user may read. An opener for `open`."""
    return os.open(name, flags, 0o600)
