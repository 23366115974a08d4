"""The one place that knows which kind of concurrency runs the server."""

import os
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["eventlet", "threading"]


@dataclass(frozen=True, slots=True)
class Concurrency:
    """`offload(function, *arguments)` runs heavy work without holding up the other sessions, and returns its result.

    `offload_long` does so one at a time, so that no export keeps every thread from those who practise.
    """

    mode: Mode
    offload: Callable[..., Any]
    offload_long: Callable[..., Any]


def choose_concurrency(mode: Mode) -> Concurrency:
    """Pick the async mode. With eventlet, before anything else makes eventlet's thread pool."""
    if mode == "threading":
        return Concurrency(mode, _at_once, _one_at_a_time(_at_once, threading.Lock()))
    # More decoding threads than cores only make everybody wait longer (20, the default: p95 2.5 times as long).
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", str(max(2, os.cpu_count() or 1)))
    with warnings.catch_warnings():
        # eventlet is in maintenance and says so at every start; that is why only this module knows it.
        warnings.simplefilter("ignore")
        from eventlet import semaphore, tpool, websocket

    # eventlet lifts the mask of each message byte by byte in Python: a third of the server's time (measured).
    websocket.RFC6455WebSocket._apply_mask = staticmethod(apply_mask)
    return Concurrency(mode, tpool.execute, _one_at_a_time(tpool.execute, semaphore.Semaphore()))


def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _one_at_a_time(offload: Callable[..., Any], turn: AbstractContextManager[Any]) -> Callable[..., Any]:
    def offload_long(function: Callable[..., Any], *arguments: Any) -> Any:
        with turn:
            return offload(function, *arguments)

    return offload_long


def apply_mask(data: bytes, mask: bytes, length: int | None = None, offset: int = 0) -> bytes:
    """The first `length` bytes of `data` XOR the four of `mask` in turn, from its byte `offset` on (RFC 6455, 5.3)."""
    size = len(data) if length is None else length
    turned = bytes(mask[(offset + position) % 4] for position in range(4))
    key = (turned * (size // 4 + 1))[:size]
    return (int.from_bytes(data[:size], "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
