"""Backups of an SQLite database: taken while it is in use, checked, and restored."""

import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from .copies import copy_of, overwrite, require_whole, set_aside
from .database import FILE_NAME, PATIENT_BUSY_MS, make_engine, migrate, revision_of
from .errors import StoreError
from .models import Base

BEFORE_RESTORE = "before-restore"


def back_up(engine: Engine, target: Path) -> None:
    """Make a checked copy of the database while it is in use. It replaces an older copy once it is whole.

    Raises StoreError: not_sqlite for PostgreSQL, which has pg_dump; store_failed if `target` cannot be written or the
    database is damaged.
    """
    if engine.dialect.name != "sqlite":
        raise StoreError("not_sqlite", "only SQLite is copied this way: for PostgreSQL use pg_dump, or export")
    try:
        with closing(engine.raw_connection()) as source:
            copy_of(source.driver_connection, target)  # type: ignore[arg-type]
    except (OSError, sqlite3.Error) as error:
        raise StoreError("store_failed", f"{target} cannot be written: {error}") from None


def put_back(source: Path, data_dir: Path) -> Path | None:
    """Replace the embedded database by a copy that `back_up` wrote. The caller holds the data folder.

    Returns a copy of the replaced database; None without one. Raises StoreError: store_failed if `source` is not a
    sound database of ours or the database cannot be written, and store_newer. The database is then unchanged.
    """
    present = data_dir / FILE_NAME
    kept = None
    try:
        with TemporaryDirectory(dir=data_dir) as folder:
            given = Path(folder) / FILE_NAME
            shutil.copyfile(source, given)
            _require_sound(given)
            if present.exists():
                kept = set_aside(present, BEFORE_RESTORE, datetime.now())
            else:
                present.touch(mode=0o600)
            _replace(present, given, kept)
    except StoreError as error:
        raise StoreError(error.code, f"{source} cannot be put back: {error}") from None
    except (OSError, sqlite3.Error) as error:
        raise StoreError("store_failed", f"{source} cannot be put back: {error}") from None
    return kept


def _require_sound(file: Path) -> None:
    """Check a copy of a backup as a whole and bring its tables up to date. Raises StoreError, sqlite3.Error."""
    with closing(sqlite3.connect(file)) as database:
        require_whole(database, thorough=True)
    engine = make_engine(f"sqlite:///{file}", PATIENT_BUSY_MS)
    try:
        if revision_of(engine) is None:
            raise StoreError("store_failed", "there are no tables of Paadas in it")
        migrate(engine, copy_first=False)
    finally:
        engine.dispose()
    with closing(sqlite3.connect(file)) as database:
        _require_ours(database)


def _require_ours(database: sqlite3.Connection) -> None:
    """Raise sqlite3.Error if a database is damaged or lacks a table of ours."""
    require_whole(database, thorough=True)
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if missing := set(Base.metadata.tables) - there:
        raise sqlite3.DatabaseError(f"it has no table {', '.join(sorted(missing))}")


def _replace(present: Path, given: Path, kept: Path | None) -> None:
    """Replace the database; on failure put it back from `kept` and raise OSError or sqlite3.Error."""
    try:
        overwrite(present, given)
        with closing(sqlite3.connect(present)) as database:
            _require_ours(database)
    except (OSError, sqlite3.Error) as error:
        if kept is None:
            with suppress(OSError):
                present.unlink()
            raise
        try:
            overwrite(present, kept)
        except (OSError, sqlite3.Error):
            raise sqlite3.DatabaseError(f"{error}; what was there before is {kept}") from None
        raise
