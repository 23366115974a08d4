"""Choose the kind of concurrency. No other module knows which one it is."""

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
    """How blocking work leaves the event loop, and how the server serves.

    Each `offload(function, *arguments)` runs blocking work in threads of its own kind and returns its result; the other
    sessions go on meanwhile.
    """

    mode: Mode
    offload: Callable[..., Any]
    """For opening a drill."""
    offload_store: Callable[..., Any]
    """For commits of answers, one at a time. A slow disk then delays no recogniser."""
    offload_page: Callable[..., Any]
    """For short work of pages, such as the hash of a PIN."""
    offload_long: Callable[..., Any]
    """For long work, one piece at a time."""
    offload_upkeep: Callable[..., Any]
    """For work without a reader, such as backups."""
    one_thread: Callable[[], Callable[..., Any]]
    """Makes one more offload, with a thread of its own."""
    recognise: Callable[..., Any]
    """`recognise(function, *arguments, within_ms=None)` for the recogniser, see `Pool`. May raise Late."""
    late_ms: Callable[[], float]
    """How long the recogniser's work has waited by now."""
    serve: Callable[[Flask, socket, Tls | None, Connections, bool], None]
    """`serve(app, listener, tls, connections, behind_proxy)`, for ever; over plain HTTP without `tls`."""
    tls_context: type[ssl.SSLContext]
    """The kind of context that `tls` needs."""
    websockets: Callable[..., Any]
    """`websockets(connections, handler, server)`: the WebSockets of Engine.IO."""
    starts_at_once: int = 2
    """How many drills may be opened at a time. Each takes a thread."""


def choose_concurrency(mode: Mode, workers: int = 1) -> Concurrency:
    """Pick the async mode. With eventlet, before anything else makes eventlet's thread pool.

    `workers`: how many processes such as this one share the cores.
    """
    # More recogniser threads than cores make all wait longer (20, the default: p95 2.5 times as long).
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
    # Its resolver of names takes 15 MB and is hardly used.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    with warnings.catch_warnings():
        # eventlet is in maintenance and says so at every start. So few modules know it.
        warnings.simplefilter("ignore")
        from eventlet import tpool
        from eventlet.green.ssl import SSLContext

        from .serving import by_greenlets
        from .threads import Doorbell, own_threads

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
