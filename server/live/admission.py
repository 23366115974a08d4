"""Limit how much work runs at once. The rest waits in order."""

import threading
from collections.abc import Callable


class Admission:
    """At most `most` pieces of work run at once. `spawn(function)` starts a background task for one that waited.

    Waiting work has no task and no thread. The lock is held only for a moment, which suits green threads and real ones.
    """

    def __init__(self, most: int, spawn: Callable[[Callable[[], None]], object]) -> None:
        self._most = most
        self._spawn = spawn
        self._at_work = 0
        self._waiting: dict[str, Callable[[], object]] = {}
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Whether work may begin at once. If so, call `leave` after it."""
        with self._lock:
            if self._at_work >= self._most or self._waiting:
                return False
            self._at_work += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._at_work -= 1
        self._admit()

    def wait(self, name: str, action: Callable[[], object]) -> None:
        """Run `action` when its turn comes. It replaces what waits under this name."""
        with self._lock:
            self._waiting[name] = action
        self._admit()

    def is_waiting(self, name: str) -> bool:
        return name in self._waiting

    def forget(self, name: str) -> None:
        """Drop what waits under this name."""
        with self._lock:
            self._waiting.pop(name, None)

    def _admit(self) -> None:
        with self._lock:
            if not self._waiting or self._at_work >= self._most:
                return
            action = self._waiting.pop(next(iter(self._waiting)))
            self._at_work += 1
        try:
            self._spawn(lambda: self._work(action))
        except BaseException:
            self.leave()
            raise

    def _work(self, action: Callable[[], object]) -> None:
        try:
            action()
        finally:
            self.leave()
