"""Open a database: SQLite in the data folder, or the operator's PostgreSQL."""

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
# The longest wait of a server's write for a lock: a child waits with it. Commands wait longer.
BUSY_MS = 250
PATIENT_BUSY_MS = 30_000
# PostgreSQL's advisory lock that migrations hold.
MIGRATION_LOCK = 0x7061_6164_6173
# A PostgreSQL that does not answer is given up soon: s for a connection, ms for a reply.
PATIENCE = {"connect_timeout": 3, "tcp_user_timeout": 5000}
BEFORE_UPGRADE, UPGRADES_KEPT = "before-upgrade", 3


def open_database(url: str | None, data_dir: Path, busy_ms: int = BUSY_MS, upgrade: bool = True) -> Engine:
    """Open the database at `url`, or the embedded one in `data_dir`. An empty embedded one gets its tables.

    `upgrade`: bring older tables of an embedded one up to date; the caller holds the data folder. Raises StoreError:
    store_failed if it cannot be opened, store_outdated or store_newer if its tables are not those of this program.
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
    """Make an engine for the SQLite file in `data_dir`. Raises StoreError."""
    file = data_dir / FILE_NAME
    try:
        # No other user reads it; SQLite's files beside it take over its mode.
        file.touch(mode=0o600)
    except OSError as error:
        raise StoreError("store_failed", f"{file} cannot be written ({error.strerror})") from None
    return make_engine(f"sqlite:///{file}", busy_ms)


def make_engine(url: str, busy_ms: int = BUSY_MS) -> Engine:
    """Make an engine without connecting. `url`: postgresql://user@host/name or sqlite:///file. Raises StoreError."""
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
    except (ArgumentError, TypeError, ValueError):
        # The libraries' messages quote what they could not read, which may be the password.
        raise StoreError(
            "store_failed",
            "this is no address of a database, such as postgresql://user:password@host:5432/name; in a password, signs "
            "are written as %XX",
        ) from None
    (_prepare_postgres if remote else _prepare_sqlite)(engine, busy_ms)
    return engine


def _prepare_sqlite(engine: Engine, busy_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: Any) -> None:
        # Transactions begin where the code says so, not where Python's sqlite3 would begin them.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {busy_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            # A child's deleted data is overwritten, not only unlinked.
            "secure_delete = ON",
            "cache_size = -16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer queues at once: SQLite refuses a reader that turns writer midway without any waiting.
        options = connection.get_execution_options()
        is_patient = options.get("patient")
        if is_patient:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENT_BUSY_MS}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
        if is_patient:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {busy_ms}")


def _prepare_postgres(engine: Engine, busy_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {busy_ms}")
        # Compiling a query of a teacher's page would take longer than running it.
        connection.execute("SET jit = off")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("patient"):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENT_BUSY_MS}")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open a transaction that writes: committed as a whole, or not at all."""
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        yield session


def empty_log(engine: Engine) -> bool:
    """Empty SQLite's write-ahead log, which keeps deleted data.

    Returns whether it is empty: a reader postpones it.
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
    """Bring the tables up to date, as a whole or not at all; of several processes one does it. Raises StoreError.

    `copy_first`: copy older tables of an SQLite file beside it before.
    """
    if copy_first:
        _copy_before_upgrade(engine)
    try:
        with engine.execution_options(writes=True, patient=True).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise _newer(engine) from None
    except DBAPIError as error:
        raise _unusable(engine, error) from None


def _copy_before_upgrade(engine: Engine) -> None:
    """Copy the database before an upgrade; `restore` can put the copy back. Raises StoreError."""
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
    logger.info("the tables of %s are brought up to date; its state before is kept in %s", name, target)


def require_current(engine: Engine) -> None:
    """Raise StoreError if the tables are older or newer than this program."""
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
    """Return the revisions that this program can bring up to date."""
    return {step.revision for step in ScriptDirectory.from_config(_alembic()).walk_revisions()} - {_head() or ""}


def revision_of(engine: Engine) -> str | None:
    """Return the revision of the tables; None without tables of ours. Raises StoreError."""
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
