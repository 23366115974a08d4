"""Exports and imports for the teacher's pages: one at a time, each in a process of its own."""

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from ..files import partial_of, try_lock, write_private

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "server.store.transfer_process")
ROOT = Path(__file__).parents[2]
# A school's 2 million answers take some minutes on a small computer.
LIMIT_S = 3600.0
# How long an exported file stays ready for download.
KEPT_S = 3600.0

# In the data folder: how far a transfer is, and the lock of the process that follows it.
FILE, LOCK_FILE = "transfer.json", "transfer.lock"
TOLD_EVERY_S = 1.0
# How often the wish to cancel, and the limit, are looked at.
LOOK_EVERY_S = 0.2

Phase = Literal["checking", "writing", "done", "failed"]


@dataclass
class Transfer:
    """An export or an import and its progress."""

    kind: Literal["export", "import"]
    file: Path
    """The file that is written or read. Deleted when it is no longer needed."""
    name: str
    """The file's name for people."""
    class_name: str | None = None
    """The exported class; None for all."""
    phase: Phase = "checking"
    """An import is checked as a whole before it is written."""
    rows: int = 0
    """Rows that are done in this phase."""
    total: int | None = None
    """Rows of this phase; None if unknown."""
    read: dict[str, int] = field(default_factory=dict)
    """Imported rows of each table."""
    reason: str = ""
    """Why it failed: selects a text in the reader's language."""
    values: dict[str, Any] = field(default_factory=dict)
    """Values for that text."""
    message: str = ""
    """Why it failed, in English."""
    in_part: bool = False
    """Part of a failed file is in the database."""
    fetched: bool = False
    """The exported file was downloaded."""

    @property
    def is_running(self) -> bool:
        return self.phase in ("checking", "writing")

    @property
    def can_be_cancelled(self) -> bool:
        """An import cannot be cancelled once it writes."""
        return self.is_running and (self.kind == "export" or self.phase == "checking")


_JSON = TypeAdapter(Transfer)


class Transfers:
    """Runs the transfers, one at a time for all processes that share the data folder.

    `url`: the database. `folder`: the data folder. `finished` is called at each end, in a thread of its own.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        finished: Callable[[Transfer], object],
        *,
        limit_s: float = LIMIT_S,
        kept_s: float = KEPT_S,
    ) -> None:
        self._url, self._finished = url, finished
        self._limit_s, self._kept_s = limit_s, kept_s
        self._folder = folder
        self._lock = threading.RLock()
        self._written_s = 0.0
        # The one that this process follows, or followed last.
        self._here: Transfer | None = None

    @property
    def is_running(self) -> bool:
        transfer = self.latest()
        return transfer is not None and transfer.is_running

    def latest(self) -> Transfer | None:
        """Return the transfer that runs or ran last. It goes on whether or not anybody asks."""
        here = self._here
        if here is not None and here.is_running:
            return replace(here)
        transfer = self._read()
        if transfer is not None and transfer.is_running and (free := try_lock(self._folder / LOCK_FILE)) is not None:
            free.close()
            transfer.phase, transfer.reason = "failed", "internal"  # the process that followed it was killed
        return transfer

    def fetch(self) -> None:
        """Record that the exported file was downloaded."""
        with self._lock:
            transfer = self.latest()
            if transfer is not None:
                transfer.fetched = True
                self._tell(transfer)

    def _read(self) -> Transfer | None:
        try:
            return _JSON.validate_json((self._folder / FILE).read_bytes())
        except (OSError, ValidationError):
            return None

    def _write(self, transfer: Transfer) -> None:
        self._written_s = time.monotonic()
        write_private(self._folder / FILE, _JSON.dump_json(transfer))

    def _tell(self, transfer: Transfer) -> None:
        """Tell all processes how far it is. On a full disk it goes on untold."""
        try:
            self._write(transfer)
        except OSError as error:
            logger.warning("the progress of the %s cannot be written (%s)", transfer.kind, error.strerror)

    def export_file(self, file: Path, name: str, class_name: str | None) -> bool:
        """Start an export to `file`. Returns False if a transfer runs. Raises OSError if it cannot start."""
        return self._begin(Transfer("export", file, name, class_name, phase="writing"))

    def import_file(self, file: Path, name: str) -> bool:
        """Start an import of `file`, which is deleted at the end. Returns False if a transfer runs. Raises OSError."""
        return self._begin(Transfer("import", file, name))

    def _begin(self, transfer: Transfer) -> bool:
        with self._lock:
            if (held := try_lock(self._folder / LOCK_FILE)) is None:
                return False
            try:
                before = self._read()
                self._write(transfer)
                process = subprocess.Popen(COMMAND, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            except OSError:
                held.close()
                raise
            if before is not None and before.file != transfer.file:
                _delete(before.file)
            self._here = transfer
        threading.Thread(target=self._follow, args=(transfer, process, held), daemon=True).start()
        return True

    def cancel(self) -> None:
        """End an export, or an import that has not begun to write: at the process that follows it, wherever that is."""
        transfer = self.latest()
        if transfer is not None and transfer.can_be_cancelled:
            _wish_to_cancel(transfer.file).touch(mode=0o600)

    def _follow(self, transfer: Transfer, process: subprocess.Popen[str], held: TextIOWrapper) -> None:
        is_over = threading.Event()
        threading.Thread(target=self._watch, args=(transfer, process, is_over), daemon=True).start()
        order = {"url": self._url, "kind": transfer.kind, "path": str(transfer.file), "class_name": transfer.class_name}
        assert process.stdin and process.stdout
        end: dict[str, Any] = {}
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                news = json.loads(line)
                if news.get("phase") in ("done", "failed"):
                    end = news
                elif "phase" in news:
                    transfer.rows, transfer.total, transfer.phase = 0, news["total"], news["phase"]
                    self._tell(transfer)
                else:
                    transfer.rows += news["more"]
                    if time.monotonic() - self._written_s > TOLD_EVERY_S:
                        self._tell(transfer)
        except (OSError, ValueError):
            logger.exception("the %s stopped", transfer.kind)
        finally:
            is_over.set()
            process.kill()
            process.wait()
        self._end(transfer, end, held)

    def _watch(self, transfer: Transfer, process: subprocess.Popen[str], is_over: threading.Event) -> None:
        """Stop the process if that is wished, or if it takes too long."""
        limit_at_s = time.monotonic() + self._limit_s
        while not is_over.wait(LOOK_EVERY_S):
            if time.monotonic() > limit_at_s:
                transfer.reason = "too_slow"
                process.kill()
                return
            if transfer.can_be_cancelled and _wish_to_cancel(transfer.file).exists():
                transfer.reason = "cancelled"
                process.terminate()

    def _end(self, transfer: Transfer, end: dict[str, Any], held: TextIOWrapper) -> None:
        """Record the result. A process that ended without one was cancelled, too slow, or killed."""
        transfer.read = end.get("read", {})
        transfer.message, transfer.values = end.get("message", ""), end.get("values", {})
        transfer.reason = end.get("reason", "") if end else transfer.reason or "internal"
        is_done = end.get("phase") == "done"
        transfer.in_part = transfer.kind == "import" and transfer.phase == "writing" and not is_done
        if transfer.kind == "import" or not is_done:
            _delete(transfer.file)
        try:
            self._finished(transfer)
        except Exception:
            logger.exception("the end of the %s failed", transfer.kind)
        phase: Phase = "done" if is_done else "failed"
        self._tell(replace(transfer, phase=phase))
        held.close()
        transfer.phase = phase
        if transfer.file.exists():
            forget = threading.Timer(self._kept_s, _delete, (transfer.file,))
            forget.daemon = True
            forget.start()


def _delete(file: Path) -> None:
    """Delete the file, which holds children's data, and what a killed process left beside it."""
    for left in (file, partial_of(file), _wish_to_cancel(file)):
        left.unlink(missing_ok=True)


def _wish_to_cancel(file: Path) -> Path:
    """Return the path of a file that tells the process which follows the transfer of `file` to end it."""
    return file.with_name(f".{file.name}.cancel")
