"""Copies of an SQLite file: whole, checked, and named by purpose and date."""

import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from ..files import partial_of, put_in_place

# Files that SQLite keeps beside a database in use.
BESIDE = ("-wal", "-shm", "-journal")


def copy_of(source: sqlite3.Connection, target: Path, check: bool = True) -> None:
    """Copy a database that may be in use. The copy replaces an older `target` once it is whole and on the disk.

    `check`: refuse to copy a damaged database. Raises OSError, sqlite3.Error.
    """
    partial = partial_of(target)
    try:
        _remove(partial)
        partial.touch(mode=0o600)
        with closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            if check:
                require_whole(copy)
        put_in_place(partial, target)
    except (OSError, sqlite3.Error):
        with suppress(OSError):
            _remove(partial)
        raise


def require_whole(database: sqlite3.Connection, thorough: bool = False) -> None:
    """Raise sqlite3.Error for a damaged database. `thorough`: also check indexes and references."""
    (found,) = database.execute(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"it is damaged: {' '.join(found.split())}")
    if thorough and (row := database.execute("PRAGMA foreign_key_check").fetchone()):
        raise sqlite3.DatabaseError(f"it is damaged: a row of {row[0]} refers to a missing row")


def is_readable(file: Path) -> bool:
    """Tell whether SQLite reads the file as a database; later pages may be damaged. Raises sqlite3.Error."""
    try:
        with closing(sqlite3.connect(file, timeout=30)) as database:
            database.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return False
        raise
    return True


def set_aside(file: Path, purpose: str, now: datetime) -> Path:
    """Copy the file as it is, sound or not, beside it. Returns the copy. Raises OSError, sqlite3.Error."""
    kept = dated(file, purpose, now)
    if is_readable(file):
        with closing(sqlite3.connect(file)) as source:
            copy_of(source, kept, check=False)
        return kept
    for ending in ("", *BESIDE):
        if (part := Path(f"{file}{ending}")).exists():
            _put_copy(part, Path(f"{kept}{ending}"))
    return kept


def overwrite(file: Path, content: Path) -> None:
    """Replace the content of `file` by that of `content`, which must be closed. Raises OSError, sqlite3.Error.

    SQLite itself writes, so open connections and the log beside the database stay right.
    """
    if file.exists() and is_readable(file) and is_readable(content):
        with closing(sqlite3.connect(content)) as source, closing(sqlite3.connect(file, timeout=30)) as target:
            target.execute("PRAGMA synchronous = FULL")
            source.backup(target)
        return
    for ending in BESIDE:
        Path(f"{file}{ending}").unlink(missing_ok=True)
    _put_copy(content, file)


def dated(file: Path, purpose: str, now: datetime) -> Path:
    """Return a free name beside `file`."""
    stem = f"{file.name}.{purpose}-{now:%Y%m%d-%H%M%S}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 1000))
    return next(path for name in names if not (path := file.with_name(name)).exists())


def thin_out(newest: Path, file: Path, purpose: str, count: int) -> None:
    """Keep `count` copies for this purpose, always `newest`, whatever the dates of the others. Raises OSError."""
    others = sorted(path for path in file.parent.glob(f"{file.name}.{purpose}-*") if path != newest)
    for old in others[: max(0, len(others) - count + 1)]:
        old.unlink(missing_ok=True)


def _put_copy(source: Path, target: Path) -> None:
    partial = partial_of(target)
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    shutil.copyfile(source, partial)
    put_in_place(partial, target)


def _remove(database: Path) -> None:
    for ending in ("", *BESIDE):
        Path(f"{database}{ending}").unlink(missing_ok=True)
