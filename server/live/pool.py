"""Threads for the recogniser. The earliest due time goes first; work that cannot wait is never done late."""

import itertools
import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import PriorityQueue
from time import monotonic
from typing import Any


class Late(Exception):
    """No thread was free within the time that the work could wait."""


@dataclass(order=True, slots=True)
class _Job:
    due_s: float
    number: int
    can_be_late: bool = field(compare=False)
    function: Callable[..., Any] = field(compare=False)
    arguments: tuple[Any, ...] = field(compare=False)
    future: Future[Any] = field(compare=False, default_factory=Future)


class Pool:
    """`clock`: the time in seconds."""

    def __init__(self, threads: int, clock: Callable[[], float] = monotonic) -> None:
        self._threads = threads
        self._clock = clock
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def submit(self, function: Callable[..., Any], *arguments: Any, within_ms: float | None = None) -> Future[Any]:
        """Start urgent work, or work that can wait `within_ms`.

        The latter goes after what is urgent now, and fails with Late if no thread is free in time.
        """
        self._start()
        due_s = self._clock() + (within_ms or 0.0) / 1000
        job = _Job(due_s, next(self._numbers), within_ms is not None, function, arguments)
        self._jobs.put(job)
        return job.future

    def late_ms(self) -> float:
        """How long due work has waited for a thread by now."""
        with self._jobs.mutex:
            due_s = self._jobs.queue[0].due_s if self._jobs.queue else math.inf
        return max(0.0, (self._clock() - due_s) * 1000)

    def _start(self) -> None:
        """Start the threads at the first work."""
        with self._lock:
            threads, self._threads = self._threads, 0
        for number in range(threads):
            threading.Thread(target=self._work, name=f"recogniser-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                if job.can_be_late and self._clock() > job.due_s:
                    raise Late
                result = job.function(*job.arguments)
            except BaseException as error:
                job.future.set_exception(error)
            else:
                job.future.set_result(result)
            del job  # it holds the sound of an answer
