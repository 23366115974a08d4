"""Threads for one kind of blocking work, which then waits for no other kind. Knows eventlet."""

import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from eventlet import event, hubs, spawn


class Doorbell:
    """Native threads use it to wake green threads. It is a socket, which the loop can wait for."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._done: deque[event.Event] = deque()
        spawn(self._answer)

    def wait_for(self, future: "Future[Any]") -> Any:
        """The result of a future, while the loop goes on. Call it on the loop only. Raises the work's errors."""
        done = event.Event()
        future.add_done_callback(lambda _: self._ring(done))
        done.wait()
        return future.result()

    def _ring(self, done: event.Event) -> None:
        self._done.append(done)
        self._theirs.sendall(b"!")

    def _answer(self) -> None:
        while True:
            hubs.trampoline(self._ours, read=True)
            self._ours.recv(4096)
            while self._done:
                self._done.popleft().send()


def own_threads(doorbell: Doorbell, count: int) -> Callable[..., Any]:
    """An `offload` with `count` threads of its own. Work begins in order."""
    pool = ThreadPoolExecutor(count)

    def offload(function: Callable[..., Any], *arguments: Any) -> Any:
        return doorbell.wait_for(pool.submit(function, *arguments))

    return offload
