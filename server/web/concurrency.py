"""The one place that knows which kind of concurrency runs the server."""

import os
import ssl
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from socket import AF_INET, AF_INET6
from typing import Any, Literal

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from .cores import usable_cores
from .pool import Pool
from .tls import Tls

Mode = Literal["eventlet", "threading"]

KEEP_ALIVE_S = 5.0


@dataclass(frozen=True, slots=True)
class Concurrency:
    """`offload(function, *arguments)` runs heavy work without holding up the other sessions, and returns its result.

    Four kinds of work have threads of their own: `recognise(function, *arguments, within_ms=None)` is for the
    recogniser, see Pool; it may raise Late, and late_ms is how long its work waits by now. `offload_store` commits
    answers, one commit at a time, so that a slow disk makes no slow ears; `offload_page` is for short work of pages, a
    PIN's hash among it; `offload_long` takes one piece at a time, however long it is.
    `serve(app, host, port, tls)` serves for ever, over plain HTTP where `tls` is None. `tls_context` is the kind of
    ssl.SSLContext that `tls` needs. starts_at_once: how many drills may be opened at a time, which takes a thread each.
    """

    mode: Mode
    offload: Callable[..., Any]
    offload_store: Callable[..., Any]
    offload_page: Callable[..., Any]
    offload_long: Callable[..., Any]
    recognise: Callable[..., Any]
    late_ms: Callable[[], float]
    serve: Callable[[Flask, str, int, Tls | None], None]
    tls_context: type[ssl.SSLContext]
    starts_at_once: int = 2


def choose_concurrency(mode: Mode) -> Concurrency:
    """Pick the async mode. With eventlet, before anything else makes eventlet's thread pool."""
    # More decoding threads than cores only make everybody wait longer (20, the default: p95 2.5 times as long).
    cores = usable_cores()
    pool = Pool(cores)
    if mode == "threading":
        offload_long = _one_at_a_time(_at_once, threading.Lock())
        recognise = _waiting_by(Future.result, pool)
        return Concurrency(
            mode, _at_once, _at_once, _at_once, offload_long, recognise, pool.late_ms, _serve_by_threads, ssl.SSLContext
        )
    threads = max(2, cores)
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", str(threads))
    # Its resolver of names takes 15 MB, and nothing here asks for one but to listen.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    with warnings.catch_warnings():
        # eventlet is in maintenance and says so at every start; that is why only this module knows it.
        warnings.simplefilter("ignore")
        from eventlet import tpool, websocket
        from eventlet.green.ssl import SSLContext

        from .workers import Doorbell, own_threads

    # eventlet lifts the mask of each message byte by byte in Python: a third of the server's time (measured).
    websocket.RFC6455WebSocket._apply_mask = staticmethod(apply_mask)
    doorbell = Doorbell()
    # One thread is left for those who practise. Reading a history is Python's work: more at once are hardly faster.
    starts_at_once = min(2, threads - 1)
    return Concurrency(
        mode, tpool.execute, own_threads(doorbell, 1), own_threads(doorbell, 2), own_threads(doorbell, 1),
        _waiting_by(doorbell.wait_for, pool), pool.late_ms, _serve_by_greenlets, SSLContext, starts_at_once,
    )


def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _one_at_a_time(offload: Callable[..., Any], turn: AbstractContextManager[Any]) -> Callable[..., Any]:
    def offload_long(function: Callable[..., Any], *arguments: Any) -> Any:
        with turn:
            return offload(function, *arguments)

    return offload_long


def _waiting_by(wait: Callable[[Future[Any]], Any], pool: Pool) -> Callable[..., Any]:
    def recognise(function: Callable[..., Any], *arguments: Any, within_ms: float | None = None) -> Any:
        return wait(pool.submit(function, *arguments, within_ms=within_ms))

    return recognise


def _serve_by_greenlets(app: Flask, host: str, port: int, tls: Tls | None) -> None:
    from eventlet import listen, wsgi

    class SecureProtocol(wsgi.HttpProtocol):
        def __init__(self, state: list[Any], server: Any) -> None:
            # Not where connections are accepted: nobody must wait for the handshake of somebody else.
            secured = tls and tls.begin(state[1])
            if secured:
                state[1] = secured
                super().__init__(state, server)

    # Browsers keep a handful of connections open for minutes after a page: 150 children have more than a process may.
    how: dict[str, Any] = {"keepalive": KEEP_ALIVE_S}
    if tls:
        how |= {"protocol": SecureProtocol, "environ": {"wsgi.url_scheme": "https", "HTTPS": "on"}}
    family = AF_INET6 if ":" in host else AF_INET
    wsgi.server(listen((host, port), family), app, log_output=False, debug=False, **how)


def _serve_by_threads(app: Flask, host: str, port: int, tls: Tls | None) -> None:
    class SecureHandler(WSGIRequestHandler):
        def __init__(self, connection: Any, *details: Any) -> None:
            secured = tls and tls.begin(connection)
            if secured:
                with secured:
                    super().__init__(secured, *details)

    server = make_server(host, port, app, threaded=True, request_handler=SecureHandler if tls else None)
    if tls:
        server.ssl_context = tls.context  # for the addresses that it tells; the handler does the rest
    server.serve_forever()


def apply_mask(data: bytes, mask: bytes, length: int | None = None, offset: int = 0) -> bytes:
    """The first `length` bytes of `data` XOR the four of `mask` in turn, from its byte `offset` on (RFC 6455, 5.3)."""
    size = len(data) if length is None else length
    turned = bytes(mask[(offset + position) % 4] for position in range(4))
    key = (turned * (size // 4 + 1))[:size]
    return (int.from_bytes(data[:size], "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
