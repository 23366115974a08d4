"""The one place that knows which kind of concurrency runs the server."""

import os
import ssl
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from socket import socket
from typing import Any, Literal

from flask import Flask

from .cores import cores_of_each
from .pool import Pool
from .serving.connections import Connections
from .tls import Tls

Mode = Literal["eventlet", "threading"]


@dataclass(frozen=True, slots=True)
class Concurrency:
    """`offload(function, *arguments)` runs heavy work without holding up the other sessions, and returns its result.

    Five kinds of work have threads of their own: `recognise(function, *arguments, within_ms=None)` is for the
    recogniser, see Pool; it may raise Late, and late_ms is how long its work waits by now. `offload_store` commits
    answers, one commit at a time, so that a slow disk makes no slow ears; `offload_page` is for short work of pages, a
    PIN's hash among it; `offload_long` takes one piece at a time, however long it is; `offload_upkeep` is for what
    nobody waits for, backups among it.
    `one_thread()` makes one more of these, with a thread of its own.
    `serve(app, listener, tls, connections, behind_proxy)` serves for ever, over plain HTTP where `tls` is None.
    `tls_context` is the kind of ssl.SSLContext that `tls` needs. `websockets(connections, handler, server)` is what
    Engine.IO speaks WebSockets with. starts_at_once: how many drills may be opened at a time; each takes a thread.
    """

    mode: Mode
    offload: Callable[..., Any]
    offload_store: Callable[..., Any]
    offload_page: Callable[..., Any]
    offload_long: Callable[..., Any]
    offload_upkeep: Callable[..., Any]
    one_thread: Callable[[], Callable[..., Any]]
    recognise: Callable[..., Any]
    late_ms: Callable[[], float]
    serve: Callable[[Flask, socket, Tls | None, Connections, bool], None]
    tls_context: type[ssl.SSLContext]
    websockets: Callable[..., Any]
    starts_at_once: int = 2


def choose_concurrency(mode: Mode, workers: int = 1) -> Concurrency:
    """Pick the async mode. With eventlet, before anything else makes eventlet's thread pool.

    `workers`: how many processes such as this one share the cores.
    """
    # More decoding threads than cores only make everybody wait longer (20, the default: p95 2.5 times as long).
    cores = cores_of_each(workers)
    pool = Pool(cores)
    if mode == "threading":
        from .serving import by_threads

        return Concurrency(
            mode,
            offload=_at_once,
            offload_store=_at_once,
            offload_page=_at_once,
            offload_long=_one_at_a_time(),
            offload_upkeep=_at_once,
            one_thread=lambda: _at_once,
            recognise=_waiting_by(Future.result, pool),
            late_ms=pool.late_ms,
            serve=by_threads.serve,
            tls_context=ssl.SSLContext,
            websockets=by_threads.WebSockets,
        )
    threads = max(2, cores)
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", str(threads))
    # Its resolver of names takes 15 MB, and nothing here asks for one but to listen.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    with warnings.catch_warnings():
        # eventlet is in maintenance and says so at every start; that is why few modules know it.
        warnings.simplefilter("ignore")
        from eventlet import tpool
        from eventlet.green.ssl import SSLContext

        from .serving import by_greenlets
        from .workers import Doorbell, own_threads

    doorbell = Doorbell()
    return Concurrency(
        mode,
        offload=tpool.execute,
        offload_store=own_threads(doorbell, 1),
        offload_page=own_threads(doorbell, 2),
        offload_long=own_threads(doorbell, 1),
        offload_upkeep=own_threads(doorbell, 1),
        one_thread=lambda: own_threads(doorbell, 1),
        recognise=_waiting_by(doorbell.wait_for, pool),
        late_ms=pool.late_ms,
        serve=by_greenlets.serve,
        tls_context=SSLContext,
        websockets=by_greenlets.WebSockets,
        # One thread is left for those who practise. Reading a history is Python's work: more are hardly faster.
        starts_at_once=min(2, threads - 1),
    )


def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _one_at_a_time() -> Callable[..., Any]:
    turn = threading.Lock()

    def offload_long(function: Callable[..., Any], *arguments: Any) -> Any:
        with turn:
            return function(*arguments)

    return offload_long


def _waiting_by(wait: Callable[[Future[Any]], Any], pool: Pool) -> Callable[..., Any]:
    def recognise(function: Callable[..., Any], *arguments: Any, within_ms: float | None = None) -> Any:
        return wait(pool.submit(function, *arguments, within_ms=within_ms))

    return recognise
