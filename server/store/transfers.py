"""Exports and imports for the teacher's pages: one at a time, each in a process of its own."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..files import partial_of

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "server.store.transfer_process")
ROOT = Path(__file__).parents[2]
# A school's 2 million answers take some minutes on a small computer.
LIMIT_S = 3600.0
# How long an exported file stays ready for download.
KEPT_S = 3600.0

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


class Transfers:
    """Runs the transfers. `url`: the database. `finished` is called at each end, in a thread of its own."""

    def __init__(
        self, url: str, finished: Callable[[Transfer], object], *, limit_s: float = LIMIT_S, kept_s: float = KEPT_S
    ) -> None:
        self._url, self._finished = url, finished
        self._limit_s, self._kept_s = limit_s, kept_s
        self._lock = threading.Lock()
        self._latest: Transfer | None = None
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_running(self) -> bool:
        return self._latest is not None and self._latest.is_running

    def latest(self) -> Transfer | None:
        """Return the transfer that runs or ran last. It goes on whether or not anybody asks."""
        return self._latest and replace(self._latest)

    def fetch(self) -> None:
        """Record that the exported file was downloaded."""
        if self._latest is not None:
            self._latest.fetched = True

    def export_file(self, file: Path, name: str, class_name: str | None) -> bool:
        """Start an export to `file`. Returns False if a transfer runs. Raises OSError if no process can start."""
        return self._begin(Transfer("export", file, name, class_name, phase="writing"))

    def import_file(self, file: Path, name: str) -> bool:
        """Start an import of `file`, which is deleted at the end. Returns False if a transfer runs. Raises OSError."""
        return self._begin(Transfer("import", file, name))

    def _begin(self, transfer: Transfer) -> bool:
        with self._lock:
            if self.is_running:
                return False
            process = subprocess.Popen(COMMAND, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if self._latest is not None:
                _delete(self._latest.file)
            self._latest, self._process = transfer, process
        threading.Thread(target=self._follow, args=(transfer, process), daemon=True).start()
        return True

    def cancel(self) -> None:
        """End an export, or an import that has not begun to write."""
        with self._lock:
            if self._latest is not None and self._process is not None and self._latest.can_be_cancelled:
                self._latest.reason = "cancelled"
                self._process.terminate()

    def _follow(self, transfer: Transfer, process: subprocess.Popen[str]) -> None:
        limit = threading.Timer(self._limit_s, self._too_slow, (transfer, process))
        limit.daemon = True
        limit.start()
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
                else:
                    transfer.rows += news["more"]
        except (OSError, ValueError):
            logger.exception("the %s stopped", transfer.kind)
        finally:
            limit.cancel()
            process.kill()
            process.wait()
        self._end(transfer, end)

    def _too_slow(self, transfer: Transfer, process: subprocess.Popen[str]) -> None:
        transfer.reason = "too_slow"
        process.kill()

    def _end(self, transfer: Transfer, end: dict[str, Any]) -> None:
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
        transfer.phase = "done" if is_done else "failed"
        if transfer.file.exists():
            forget = threading.Timer(self._kept_s, _delete, (transfer.file,))
            forget.daemon = True
            forget.start()


def _delete(file: Path) -> None:
    """Delete the file, which holds children's data, and what a killed process left beside it."""
    for left in (file, partial_of(file)):
        left.unlink(missing_ok=True)
