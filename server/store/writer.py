"""The queue between drills and the store: answers wait here while the database is in trouble.

No answer is lost or counted twice. `keep` is called before the verdict goes out and returns when the answer is
committed. So a killed server (kill -9, power cut: SQLite commits with synchronous=FULL) has stored every answer whose
verdict a child has heard; the question of any other answer is asked again. If the database refuses, `keep` still
returns: the answer waits in memory in its place, the drill goes on, `health` tells it, and `retry` writes it later, at
the latest when the server stops. Writing a committed answer again changes nothing (the key of an attempt). Answers are
lost only if they wait in memory and the server is killed, or is stopped before the trouble is over.

All that waits is one transaction: a slow disk is asked once for all drills, and a drill's stored state always agrees
with its stored answers.
"""

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from .errors import trouble_code
from .records import Drill, Entry, PassedOver, Unfinished, Written

logger = logging.getLogger(__name__)

# 200 drills with an answer every 6 s fill it in half an hour: some 20 MB.
CAPACITY = 60_000
FIRST_WAIT_MS, LONGEST_WAIT_MS = 500.0, 30_000.0


class Keeper(Protocol):
    """The part of a store that the writer uses."""

    def write(self, records: list[Written], is_patient: bool) -> PassedOver: ...


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the writer."""

    pending: int
    """Answers and drills that wait to be written."""
    lost: int
    """Those without room in the queue, refused by every database, or without their learner or drill."""
    code: str | None
    """`store_full`, `store_locked` or `store_failed`; None if all is well."""


class Writer:
    """Writes drills and entries in their order. One for the whole server; safe with green threads and with real ones.

    `offload(function, *arguments)` runs blocking work off the event loop and returns when it is done; only there a call
    waits for the lock. With a thread of its own, records that arrive during a commit share the next one. Times are in
    ms, of any clock that only goes forward. `tell_waiting(whether)` is told before the first verdict whose answer waits
    in memory, and when all is written: meanwhile no other process may take up these drills.
    """

    def __init__(
        self,
        store: Keeper,
        offload: Callable[..., Any],
        capacity: int = CAPACITY,
        tell_waiting: Callable[[bool], object] = lambda whether: None,
    ) -> None:
        self._store = store
        self._offload = offload
        self._capacity = capacity
        self._tell_waiting = tell_waiting
        self._has_told = False
        self._waiting: deque[Drill | Entry] = deque()
        # The latest state of each drill.
        self._standings: dict[str, Unfinished] = {}
        self._lock = threading.Lock()
        self._lost = 0
        self._gone: dict[int, str] = {}
        self._taken_over: set[tuple[str, int]] = set()
        self._code: str | None = None
        self._wait_ms = FIRST_WAIT_MS
        self._retry_at_ms = 0.0

    @property
    def health(self) -> Health:
        return Health(len(self._waiting), self._lost, self._code)

    def trouble_of(self, drill: int) -> str | None:
        """Return why a drill's answers are not stored (yet); `unknown_learner` if its learner was deleted here."""
        return self._gone.get(drill, self._code)

    def is_gone(self, drill: int) -> bool:
        """Tell whether answers of this drill were skipped because it is not in the database any more."""
        return drill in self._gone

    def is_taken_over(self, key: str, epoch: int) -> bool:
        """Whether records of a drill were skipped because it belongs to another process."""
        return (key, epoch) in self._taken_over

    def keep(self, records: Sequence[Written], now_ms: float) -> bool:
        """Write the records, with all that waits, as a whole; in trouble only queue them. Never raises.

        Returns whether there was room for them.
        """
        if len(self._waiting) + len(self._standings) + len(records) > self._capacity:
            for record in records:
                self._lose(record, "there is no more room")
            return False
        for record in records:
            if isinstance(record, Unfinished):
                self._standings[record.key] = record
            else:
                self._waiting.append(record)
        self.retry(now_ms)
        return True

    def retry(self, now_ms: float) -> None:
        """Write what waits if it is time to try again. Called about every second."""
        if self._is_due(now_ms):
            self._offload(self._write_all, now_ms)

    def finish(self) -> int:
        """Try once more to write what waits: the server stops. Blocks the caller.

        Returns the number of answers and drills that could not be written.
        """
        self._write_all(math.inf)
        if self._waiting:
            logger.error("%d answers and drills could not be written (%s)", len(self._waiting), self._code)
        return len(self._waiting)

    def _is_due(self, now_ms: float) -> bool:
        return bool(self._waiting or self._standings) and now_ms >= self._retry_at_ms

    def _write_all(self, now_ms: float) -> None:
        """Write what waits now. Records that arrive meanwhile have a call of their own; nothing waits for them here."""
        # After the wait for the lock, another call may have written these records, or found the trouble.
        with self._lock:
            if self._is_due(now_ms):
                try:
                    self._write([*self._waiting, *self._standings.values()])
                except Exception as error:
                    self._fail(error, now_ms)
                else:
                    self._recover()

    def _write(self, batch: list[Written]) -> None:
        """Write the head of the queue and remove it."""
        try:
            # In trouble nobody waits long for what was in vain a moment ago.
            self._note(batch, self._store.write(batch, is_patient=self._code is None))
        except (IntegrityError, DataError) as error:
            # One of these is refused by any database; the others must not wait for it.
            if len(batch) > 1:
                half = len(batch) // 2
                self._write(batch[:half])
                self._write(batch[half:])
                return
            self._lose(batch[0], str(error.orig))
        for record in batch:
            if not isinstance(record, Unfinished):
                self._waiting.popleft()
            elif self._standings.get(record.key) is record:
                del self._standings[record.key]

    def _note(self, written: list[Written], passed_over: PassedOver) -> None:
        for record in written:
            if isinstance(record, Drill):
                self._gone.pop(record.id, None)
        self._taken_over |= passed_over.taken_over
        self._gone |= dict.fromkeys(map(_drill_of, passed_over.deleted), "unknown_learner")
        self._gone |= dict.fromkeys(map(_drill_of, passed_over.lost), "store_failed")
        for record in passed_over.lost:
            self._lose(record, "its learner or its drill is not in the database any more")

    def _lose(self, record: Written, reason: str) -> None:
        self._lost += 1
        logger.error("not kept: %s (%s)", record, reason)

    def _fail(self, error: Exception, now_ms: float) -> None:
        self._tell(True)
        code = trouble_code(error)
        if code != self._code:
            detail = error.orig if isinstance(error, DBAPIError) else error
            mistake = not isinstance(error, DBAPIError)
            logger.warning("%s: answers wait to be written (%s)", code, detail, exc_info=mistake)
        self._code = code
        self._retry_at_ms = now_ms + self._wait_ms
        self._wait_ms = min(2 * self._wait_ms, LONGEST_WAIT_MS)

    def _recover(self) -> None:
        if self._code is not None:
            logger.warning("the waiting answers are written")
        self._code, self._wait_ms, self._retry_at_ms = None, FIRST_WAIT_MS, 0.0
        # What came during the write may have its verdict already.
        self._tell(self._has_told and bool(self._waiting or self._standings))

    def _tell(self, is_waiting: bool) -> None:
        if is_waiting != self._has_told:
            self._has_told = is_waiting
            self._tell_waiting(is_waiting)


def _drill_of(record: Drill | Entry) -> int:
    return record.id if isinstance(record, Drill) else record.drill
