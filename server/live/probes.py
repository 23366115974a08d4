"""The health checks. Each probe blocks and returns the code of its part's trouble, or None."""

import errno
import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ..asr.base import SpeechEngine
from ..audio import SAMPLE_BYTES, SAMPLE_RATE
from ..clock import now_ms
from ..store.copies import require_whole
from ..store.database import make_engine
from ..store.errors import trouble_code
from .health import OK, Health, Probe
from .queue import MessageQueue

logger = logging.getLogger(__name__)

# Silence, long enough for the network to run.
QUIET = bytes(SAMPLE_RATE * SAMPLE_BYTES // 5)
# How long one of the server's own commits may hold the lock on a slow disk.
PROBE_BUSY_MS = 5000
# An answer and what SQLite writes around it.
PAGES = bytes(64 * 1024)
INTEGRITY_EVERY_MS = 24 * 3600 * 1000.0


def make_health(
    recognise: Callable[..., Any],
    offload_store: Callable[..., Any],
    spawn: Callable[[Callable[[], None]], object],
    engines: Mapping[str, SpeechEngine],
    database: Engine,
    data_dir: Path,
    queue: MessageQueue | None = None,
) -> Health:
    """Make the checks. Recognisers and commits are tried in the drills' own threads, by a task that `spawn` starts.

    The database has a thread of its own: a probe that waits for a lock delays no commit.
    """
    patient = make_engine(database.url.render_as_string(hide_password=False), PROBE_BUSY_MS)
    return Health(
        {
            "recogniser": Probe(partial(recognise, recogniser_trouble, engines), spawn),
            "commits": Probe(partial(offload_store, commit_trouble), spawn),
            "database": Probe(partial(database_trouble, patient), in_thread),
            "integrity": Probe(partial(integrity_trouble, patient), in_thread, INTEGRITY_EVERY_MS, stuck_after_ms=None),
            "disk": Probe(partial(disk_trouble, data_dir), in_thread),
        }
        | ({} if queue is None else {"queue": Probe(queue.trouble, in_thread)}),
        now_ms,
    )


def parts_found(health: Health, writer_code: str | None) -> dict[str, str]:
    """The state of each part. `store` sums up the waiting answers, the database and its file."""
    found = health.findings
    of_store = (writer_code, *(found.pop(name) for name in ("commits", "database", "integrity")))
    return found | {"store": next((code for code in of_store if code not in (None, OK)), OK)}


def in_thread(task: Callable[[], None]) -> None:
    """Run a task in a thread of its own. If it hangs, neither the loop nor the recogniser waits."""
    threading.Thread(target=task, daemon=True).start()


def recogniser_trouble(engines: Mapping[str, SpeechEngine]) -> None:
    """Let each engine hear a moment of silence, in one of its languages. Raises the engine's errors."""
    for engine, language in {id(engine): (engine, language) for language, engine in engines.items()}.values():
        recogniser = engine.lease(language)
        try:
            recogniser.start()
            recogniser.feed(QUIET)
            recogniser.finish()
        finally:
            engine.release(language, recogniser)


def commit_trouble() -> None:
    """Nothing: the thread that commits answers only has to come back."""


def database_trouble(database: Engine) -> str | None:
    """Read, and take the lock of a write. Nothing is written, which spares the disk."""
    try:
        with database.execution_options(writes=True).connect() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version"))
            connection.execute(text("SELECT 1 FROM attempts LIMIT 1"))
            connection.rollback()
    except DBAPIError as error:
        return trouble_code(error)
    return None


def integrity_trouble(database: Engine) -> str | None:
    """Read a whole SQLite file: a damaged page goes unnoticed until it is read."""
    if database.dialect.name != "sqlite":
        return None
    try:
        with closing(database.raw_connection()) as connection:
            require_whole(connection.driver_connection)  # type: ignore[arg-type]
    except sqlite3.DatabaseError as error:
        kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            logger.error("the database is damaged, put a backup back by `restore`: %s", error)
            return "store_damaged"
    return None


def disk_trouble(folder: Path) -> str | None:
    """Write a small nameless file into the data folder. The system hardly ever brings it to the disk."""
    try:
        with TemporaryFile(dir=folder, buffering=0) as file:
            file.write(PAGES)
    except OSError as error:
        return {errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EROFS: "read_only"}.get(error.errno or 0, "failed")
    return None
