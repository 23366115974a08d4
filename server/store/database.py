"""Opening a database: SQLite beside the program, or a PostgreSQL that somebody runs."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from .errors import StoreError

FILE_NAME = "paadas.sqlite3"
# How long a server's write waits for a lock: a child waits with it. Commands have more patience.
BUSY_MS = 250
PATIENT_BUSY_MS = 30_000
# A PostgreSQL that does not answer is given up soon: to connect in seconds, to receive what is sent in ms.
PATIENCE = {"connect_timeout": 3, "tcp_user_timeout": 5000}


def open_database(url: str | None, data_dir: Path, busy_ms: int = BUSY_MS) -> Engine:
    """The database at `url`, or the embedded one in `data_dir`, whose tables are brought up to date at once.

    Raises StoreError: store_failed where it cannot be opened, store_outdated and store_newer where its tables are not
    those of this program.
    """
    if url is not None:
        engine = make_engine(url, busy_ms)
        require_current(engine)
        return engine
    engine = _embedded(data_dir, busy_ms)
    migrate(engine)
    return engine


def _embedded(data_dir: Path, busy_ms: int) -> Engine:
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
        for pragma in (f"busy_timeout = {busy_ms}", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON",
                       # What a child had deleted is overwritten, not merely forgotten.
                       "secure_delete = ON", "cache_size = -16000"):
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


def empty_log(engine: Engine) -> None:
    """SQLite keeps what was deleted in its write-ahead log until that is emptied. Who reads just now may put it off."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", "server.store:migrations")
    return config


def migrate(engine: Engine) -> None:
    """Bring the tables up to date: as a whole, or not at all. Raises StoreError."""
    try:
        with engine.execution_options(writes=True).begin() as connection:
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise _newer(engine) from None
    except DBAPIError as error:
        raise _unusable(engine, error) from None


def require_current(engine: Engine) -> None:
    """Raises StoreError where the tables are older or newer than this program."""
    script = ScriptDirectory.from_config(_alembic())
    head, present = script.get_current_head(), _revision(engine)
    if present == head:
        return
    if present is None or present in {step.revision for step in script.walk_revisions()}:
        raise StoreError("store_outdated", "the tables of the database are out of date: run `python run.py migrate`")
    raise _newer(engine)


def _revision(engine: Engine) -> str | None:
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


def back_up(engine: Engine, target: Path) -> None:
    """A copy of the embedded database, taken while it is in use; an older copy is replaced once the new one is whole.

    Raises StoreError: not_sqlite for PostgreSQL, which has pg_dump; store_failed where `target` cannot be written.
    """
    if engine.dialect.name != "sqlite":
        raise StoreError("not_sqlite", "only SQLite is copied this way: for PostgreSQL use pg_dump, or export")
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        with closing(engine.raw_connection()) as source, closing(sqlite3.connect(partial)) as copy:
            source.driver_connection.backup(copy)  # type: ignore[union-attr]
        partial.replace(target)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            partial.unlink()
        raise StoreError("store_failed", f"{target} cannot be written: {error}") from None


def put_back(source: Path, data_dir: Path) -> None:
    """What `back_up` wrote takes the place of the embedded database, whatever that holds. Nobody may use it meanwhile.

    SQLite itself writes it: the log of later changes beside the database would be applied to a file copied over it.
    Raises StoreError: store_failed where `source` is no such file or the database cannot be written, store_newer.
    """
    present = _embedded(data_dir, PATIENT_BUSY_MS)
    try:
        with TemporaryDirectory(dir=data_dir) as folder:
            given = make_engine(f"sqlite:///{shutil.copyfile(source, Path(folder) / FILE_NAME)}", PATIENT_BUSY_MS)
            if _revision(given) is None:
                raise StoreError("store_failed", "there are no tables of Paadas in it")
            migrate(given)
            with closing(given.raw_connection()) as copy, closing(present.raw_connection()) as target:
                copy.driver_connection.backup(target.driver_connection)  # type: ignore[union-attr]
            given.dispose()
    except StoreError as error:
        raise StoreError(error.code, f"{source} cannot be put back: {error}") from None
    except (OSError, sqlite3.Error) as error:
        raise StoreError("store_failed", f"{source} cannot be put back: {error}") from None
