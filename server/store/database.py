"""SessionFactory a database: SQLite beside the program, or a PostgreSQL that somebody runs."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from .copies import copy_of, dated, thin_out
from .errors import StoreError

logger = logging.getLogger(__name__)

FILE_NAME = "paadas.sqlite3"
# How long a server's write waits for a lock: a child waits with it. Commands have more patience.
BUSY_MS = 250
PATIENT_BUSY_MS = 30_000
# A PostgreSQL that does not answer is given up soon: to connect in seconds, to receive what is sent in ms.
# Of PostgreSQL's advisory locks: two who bring the same tables up to date do so one after the other.
MIGRATION_LOCK = 0x7061_6164_6173
PATIENCE = {"connect_timeout": 3, "tcp_user_timeout": 5000}
BEFORE_UPGRADE, UPGRADES_KEPT = "before-upgrade", 3


def open_database(url: str | None, data_dir: Path, busy_ms: int = BUSY_MS, upgrade: bool = True) -> Engine:
    """The database at `url`, or the embedded one in `data_dir`. An embedded one that is empty gets its tables.

    `upgrade`: bring older tables of an embedded one up to date; whoever asks for it holds the data folder. Raises
    StoreError: store_failed where it cannot be opened, store_outdated and store_newer where its tables are not those of
    this program.
    """
    if url is not None:
        engine = make_engine(url, busy_ms)
        require_current(engine)
        return engine
    engine = embedded(data_dir, busy_ms)
    if upgrade or revision_of(engine) is None:
        migrate(engine)
    else:
        require_current(engine)
    return engine


def embedded(data_dir: Path, busy_ms: int) -> Engine:
    file = data_dir / FILE_NAME
    try:
        # Nobody else on the machine reads it; SQLite's files beside it take over its mode.
        file.touch(mode=0o600)
    except OSError as error:
        raise StoreError("store_failed", f"{file} cannot be written ({error.strerror})") from None
    return make_engine(f"sqlite:///{file}", busy_ms)


def make_engine(url: str, busy_ms: int = BUSY_MS) -> Engine:
    """Connects to nothing yet. `url` is postgresql://user@host/name or sqlite:///file. Raises StoreError."""
    try:
        address = make_url(url)
        if address.drivername in ("postgres", "postgresql"):
            address = address.set(drivername="postgresql+psycopg")
        if address.drivername not in ("sqlite", "postgresql+psycopg"):
            raise StoreError("store_failed", f"{address.drivername} is neither sqlite nor postgresql")
        remote = address.drivername != "sqlite"
        engine = create_engine(address, pool_pre_ping=remote, pool_size=8, connect_args=PATIENCE if remote else {})
    except ModuleNotFoundError as error:
        raise StoreError("store_failed", f"{error.name} is not installed: pip install 'paadas[postgres]'") from None
    except (ArgumentError, TypeError, ValueError) as error:
        raise StoreError("store_failed", f"this is no address of a database: {error}") from None
    (_prepare_postgres if remote else _prepare_sqlite)(engine, busy_ms)
    return engine


def _prepare_sqlite(engine: Engine, busy_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: Any) -> None:
        # Transactions begin where we say so and not where Python's sqlite3 thinks fit.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {busy_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            # What a child had deleted is overwritten, not merely forgotten.
            "secure_delete = ON",
            "cache_size = -16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Who is going to write queues up at once: a reader that turns writer midway is refused without any waiting.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgres(engine: Engine, busy_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {busy_ms}")
        # Compiling a query of a teacher's page takes longer than answering it.
        connection.execute("SET jit = off")
        connection.autocommit = False


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A transaction that writes: kept as a whole at the end, or not at all."""
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        yield session


def empty_log(engine: Engine) -> bool:
    """SQLite keeps what was deleted in its write-ahead log until that is emptied.

    Returns whether it is empty: somebody who reads just now puts it off.
    """
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as connection:
        busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", "server.store:migrations")
    return config


def migrate(engine: Engine, copy_first: bool = True) -> None:
    """Bring the tables up to date: as a whole, or not at all, and once if several do it at once. Raises StoreError.

    `copy_first`: older tables in an SQLite file are copied before, beside it.
    """
    if copy_first:
        _copy_before_upgrade(engine)
    patient = make_engine(engine.url.render_as_string(hide_password=False), PATIENT_BUSY_MS)
    try:
        with patient.execution_options(writes=True).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise _newer(engine) from None
    except DBAPIError as error:
        raise _unusable(engine, error) from None
    finally:
        patient.dispose()


def _copy_before_upgrade(engine: Engine) -> None:
    """What an upgrade gets wrong can be undone: `restore` puts the copy back. Raises StoreError."""
    name = engine.url.database
    present = revision_of(engine)
    if engine.dialect.name != "sqlite" or not name or present not in _older():
        return
    target = dated(Path(name), BEFORE_UPGRADE, datetime.now())
    try:
        with closing(engine.raw_connection()) as source:
            copy_of(source.driver_connection, target)  # type: ignore[arg-type]
        thin_out(target, Path(name), BEFORE_UPGRADE, UPGRADES_KEPT)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            "store_failed", f"{name} is not upgraded, since it cannot be copied to {target} first: {error}"
        ) from None
    logger.info("the tables of %s are brought up to date; a copy of it as it was is %s", name, target)


def require_current(engine: Engine) -> None:
    """Raises StoreError where the tables are older or newer than this program."""
    present = revision_of(engine)
    if present is None or present in _older():
        raise StoreError(
            "store_outdated",
            f"the tables of {_shown(engine)} are out of date: run `python run.py migrate`"
            + (", or start the server anew" if engine.dialect.name == "sqlite" else ""),
        )
    if present != _head():
        raise _newer(engine)


def _head() -> str | None:
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _older() -> set[str]:
    """The revisions that this program can bring up to date."""
    return {step.revision for step in ScriptDirectory.from_config(_alembic()).walk_revisions()} - {_head() or ""}


def revision_of(engine: Engine) -> str | None:
    """Of the tables that are there; None where there are none of ours. Raises StoreError."""
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise _unusable(engine, error) from None


def _newer(engine: Engine) -> StoreError:
    return StoreError("store_newer", f"{_shown(engine)} was written by a newer version of Paadas: update the program")


def _unusable(engine: Engine, error: DBAPIError) -> StoreError:
    reason = str(error.orig).strip().splitlines()
    return StoreError("store_failed", f"{_shown(engine)} cannot be used: {reason[0] if reason else error}")


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
