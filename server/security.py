"""The security log: a line for each event, without names, in the process's log and in a file of the data folder."""

import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler, WatchedFileHandler
from pathlib import Path
from urllib.parse import quote, unquote

from .files import private

logger = logging.getLogger("paadas.security")

FILE_NAME = "security.log"
# Some 3,000 lines a file. An attacker who guesses fills one in days, because tries are slowed.
LARGEST_BYTES, OLDER_FILES = 256 * 1024, 4
# Stands in place of an address for a command on the server.
HERE = "local"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the security log."""

    at_ms: int
    name: str
    """The event's code, such as `login_failed`."""
    address: str
    """The client's address; `HERE` for a command on the server."""


class _PrivateFile(WatchedFileHandler):
    """A file that several processes write and one of them rotates."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=private)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # the file cannot be opened
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Ignore a full disk: the process's log has the line."""


def keep_in(data_dir: Path) -> None:
    """Keep the events in this folder from now on."""
    for handler in [handler for handler in logger.handlers if isinstance(handler, _PrivateFile)]:
        logger.removeHandler(handler)
        handler.close()
    file = _PrivateFile(data_dir / FILE_NAME, delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logger.addHandler(file)
    logger.setLevel(logging.INFO)


def rotate(data_dir: Path) -> None:
    """Rotate the file if it is large. Called now and then, by one process of the data folder."""
    path = data_dir / FILE_NAME
    try:
        if path.exists() and path.stat().st_size > LARGEST_BYTES:
            RotatingFileHandler(path, backupCount=OLDER_FILES, delay=True).doRollover()
    except OSError as error:
        logger.warning("%s grows on (%s)", path, error.strerror)


def note(event: str, **details: object) -> None:
    """Log an event. `details` never hold a name, a passphrase or a PIN."""
    logger.info(
        " ".join(f"{name}={quote(str(value), safe=':.-_')}" for name, value in {"event": event, **details}.items())
    )


def latest(data_dir: Path, most: int) -> list[Event]:
    """Return the newest events, the latest first. Raises OSError."""
    lines: deque[str] = deque(maxlen=most)
    for file in (data_dir / f"{FILE_NAME}.1", data_dir / FILE_NAME):
        if file.exists():
            with file.open(encoding="utf-8", errors="replace") as opened:
                lines.extend(opened)
    return [event for event in map(_event, reversed(lines)) if event is not None]


def _event(line: str) -> Event | None:
    at, *pairs = line.split() or [""]
    details = dict(pair.partition("=")[::2] for pair in pairs)
    try:
        at_ms = round(datetime.strptime(at, "%Y-%m-%dT%H:%M:%S%z").timestamp() * 1000)
        return Event(at_ms, details["event"], unquote(details.get("address", "")))
    except (ValueError, KeyError):
        return None  # a power cut left half a line
