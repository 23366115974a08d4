"""A queue with one worker at a time: it keeps the order, and `put` never waits."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
Item = TypeVar("Item")


class SerialQueue(Generic[Item]):
    """Hands items to `handle`, one after the other, in a background task that lives only while there is work.

    `spawn(function)` starts such a task. The lock is held only for a moment and never while `handle` runs, which suits
    green threads and real ones. The queue is unbounded: callers check `len()` before `put()`.
    """

    def __init__(self, handle: Callable[[Item], None], spawn: Callable[[Callable[[], None]], object]) -> None:
        self._handle = handle
        self._spawn = spawn
        self._items: deque[Item] = deque()
        self._working = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        with self._lock:
            self._items.append(item)
            if self._working:
                return
            self._working = True
        try:
            self._spawn(self._drain)
        except BaseException:
            self._working = False  # no worker started: the next item tries again
            raise

    def _drain(self) -> None:
        while True:
            with self._lock:
                if not self._items:
                    self._working = False
                    return
                item = self._items.popleft()
            try:
                self._handle(item)
            except Exception:
                logger.exception("an item failed; those behind it go on")
