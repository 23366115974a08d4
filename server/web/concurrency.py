"""The one place that knows which kind of concurrency runs the server."""

import os
import ssl
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from socket import socket
from typing import Any, Literal

from flask import Flask

from .serving.connections import Connections
from .tls import Tls

Mode = Literal["eventlet", "threading"]


@dataclass(frozen=True, slots=True)
class Concurrency:
    """`offload(function, *arguments)` runs heavy work without holding up the other sessions, and returns its result.

    `offload_long` does so one at a time, so that no export keeps every thread from those who practise.
    `serve(app, listener, tls, connections, behind_proxy)` serves for ever, over plain HTTP where `tls` is None.
    `tls_context` is the kind of ssl.SSLContext that `tls` needs. `websockets(connections, handler, server)` is what
    Engine.IO speaks WebSockets with. starts_at_once: how many drills may be opened at a time; each takes a thread.
    """

    mode: Mode
    offload: Callable[..., Any]
    offload_long: Callable[..., Any]
    serve: Callable[[Flask, socket, Tls | None, Connections, bool], None]
    tls_context: type[ssl.SSLContext]
    websockets: Callable[..., Any]
    starts_at_once: int = 2


def choose_concurrency(mode: Mode) -> Concurrency:
    """Pick the async mode. With eventlet, before anything else makes eventlet's thread pool."""
    if mode == "threading":
        offload_long = _one_at_a_time(_at_once, threading.Lock())
        from .serving import by_threads

        return Concurrency(mode, _at_once, offload_long, by_threads.serve, ssl.SSLContext, by_threads.WebSockets)
    # More decoding threads than cores only make everybody wait longer (20, the default: p95 2.5 times as long).
    threads = max(2, os.cpu_count() or 1)
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", str(threads))
    with warnings.catch_warnings():
        # eventlet is in maintenance and says so at every start; that is why only two modules know it.
        warnings.simplefilter("ignore")
        from eventlet import semaphore, tpool
        from eventlet.green.ssl import SSLContext

        from .serving import by_greenlets

    offload_long = _one_at_a_time(tpool.execute, semaphore.Semaphore())
    # One thread is left for those who practise. Reading a history is Python's work: more at once are hardly faster.
    return Concurrency(
        mode, tpool.execute, offload_long, by_greenlets.serve, SSLContext, by_greenlets.WebSockets, min(2, threads - 1)
    )


def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _one_at_a_time(offload: Callable[..., Any], turn: AbstractContextManager[Any]) -> Callable[..., Any]:
    def offload_long(function: Callable[..., Any], *arguments: Any) -> Any:
        with turn:
            return offload(function, *arguments)

    return offload_long
