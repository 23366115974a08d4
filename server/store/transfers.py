"""Exports and imports for the teacher's pages: one at a time, each in a process of its own, so that nobody waits."""

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
# A school of 2 million answers takes some minutes on a small computer.
LIMIT_S = 3600.0
# How long a file that went out lies ready.
KEPT_S = 3600.0

Phase = Literal["checking", "writing", "done", "failed"]


@dataclass
class Transfer:
    """An export or an import, and how far it is.

    file: what is written or read; deleted when nobody needs it any more. name: the file's name for people. phase: an
    import is checked as a whole before it is written. rows: how many are done in this phase; total: of how many, None
    where that is not known. read: rows of each table that came in. reason, values, message: why it failed, for a text
    in the reader's language and in English. in_part: some of a file that failed is in the database.
    """

    kind: Literal["export", "import"]
    file: Path
    name: str
    class_name: str | None = None
    phase: Phase = "checking"
    rows: int = 0
    total: int | None = None
    read: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    in_part: bool = False
    fetched: bool = False

    @property
    def is_running(self) -> bool:
        return self.phase in ("checking", "writing")

    @property
    def can_be_cancelled(self) -> bool:
        """Once an import is being written, all of it is."""
        return self.is_running and (self.kind == "export" or self.phase == "checking")


class Transfers:
    """`url`: of the database. `finished` hears of each transfer at its end, in a thread of its own."""

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
        """The one that runs or ran last, as it is just now. It goes on whether or not somebody asks."""
        return self._latest and replace(self._latest)

    def fetch(self) -> None:
        """Note that the file that went out was fetched."""
        if self._latest is not None:
            self._latest.fetched = True

    def export_file(self, file: Path, name: str, class_name: str | None) -> bool:
        """Begin to write `file`; False where another one runs. Raises OSError where there can be no process."""
        return self._begin(Transfer("export", file, name, class_name, phase="writing"))

    def import_file(self, file: Path, name: str) -> bool:
        """Begin to read `file` in; it is deleted at the end. False where another one runs. Raises OSError."""
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
        """End an export, or an import of which nothing is written yet."""
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
            logger.exception("the %s broke off", transfer.kind)
        finally:
            limit.cancel()
            process.kill()
            process.wait()
        self._end(transfer, end)

    def _too_slow(self, transfer: Transfer, process: subprocess.Popen[str]) -> None:
        transfer.reason = "too_slow"
        process.kill()

    def _end(self, transfer: Transfer, end: dict[str, Any]) -> None:
        """Say how it ended. A process that ended without a word was cancelled, too slow, or killed."""
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
            logger.exception("after the %s", transfer.kind)
        transfer.phase = "done" if is_done else "failed"
        if transfer.file.exists():
            forget = threading.Timer(self._kept_s, _delete, (transfer.file,))
            forget.daemon = True
            forget.start()


def _delete(file: Path) -> None:
    """It holds all that is known of children. What a killed process left beside it goes too."""
    for left in (file, partial_of(file)):
        left.unlink(missing_ok=True)
