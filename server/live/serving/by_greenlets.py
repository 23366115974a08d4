"""Serving by eventlet's green threads."""

import errno
import logging
from contextlib import suppress
from functools import partial
from socket import socket
from typing import Any

from engineio.async_drivers.eventlet import WebSocketWSGI
from eventlet import Timeout, event, sleep, wsgi
from eventlet.greenio import GreenSocket
from eventlet.websocket import FailedConnectionError, RFC6455WebSocket
from flask import Flask

from ..tls import HANDSHAKE_S, Tls
from .connections import CONNECTION, POLICY_VIOLATION, PROTOCOL_ERROR, Connection, Connections, TooFast
from .guard import Guard
from .hanging_up import send_close_frame, shut_down
from .limits import KEEP_ALIVE_S, MOST_FRAGMENTS, WRITE_S
from .mask import apply_mask
from .packets import is_packet

logger = logging.getLogger(__name__)
RETRY_S = 0.1
# Connections that were hung up on and are not gone yet.
LEAVING = 64
ACCEPTS_A_TURN, FRAMES_A_TURN = 16, 8
READ_BYTES = 64 * 1024
INVALID_DATA, TOO_LARGE = 1007, 1009


def serve(app: Flask, listener: socket, tls: Tls | None, connections: Connections, behind_proxy: bool) -> None:
    """Serve the application with a green thread for each connection."""

    class Protocol(_Protocol):
        pass

    Protocol.tls, Protocol.connections = tls, connections
    wsgi.server(
        Listener(listener, connections),
        Guard(app, connections, behind_proxy, sleep),
        protocol=Protocol,
        # Browsers keep connections open for minutes after a page.
        keepalive=KEEP_ALIVE_S,
        socket_timeout=WRITE_S,
        max_size=connections.limits.connections + LEAVING,
        environ={"wsgi.url_scheme": "https", "HTTPS": "on"} if tls else None,
        log_output=False,
        debug=False,
    )


class Listener:
    """What eventlet asks for connections. No error ends it, and each visitor leaves the others their turn."""

    def __init__(self, listener: socket, connections: Connections) -> None:
        self._green = GreenSocket(listener)
        self._connections = connections
        self._accepted = 0
        self.family, self.getsockname, self.close = listener.family, listener.getsockname, self._green.close

    def accept(self) -> tuple[GreenSocket, Any]:
        while True:
            # Several at a time: a thousand strangers may be in the queue before a visitor.
            self._accepted += 1
            if self._accepted % ACCEPTS_A_TURN == 0:
                sleep(0)
            try:
                return self._green.accept()
            except OSError as error:
                if error.errno == errno.EINVAL:  # the server stops
                    event.Event().wait()
                self._connections.accept_failed(error)
                sleep(RETRY_S)


class _Protocol(wsgi.HttpProtocol):
    """One connection, from its handshake to its end."""

    tls: Tls | None
    connections: Connections

    def __init__(self, state: list[Any], server: Any) -> None:
        plain = state[1]
        connection = self.connections.open(state[0][0], lambda code: shut_down(state[1]))
        if connection is None:
            return plain.close()
        self._connection = connection
        try:
            # Not where connections are accepted: a handshake must delay no other visitor.
            secured = self._secured(plain)
            if secured:
                state[1] = secured
                with suppress(OSError, EOFError):  # the visitor has gone
                    super().__init__(state, server)
        finally:
            self.connections.close(connection)

    def _secured(self, plain: Any) -> Any:
        """None if the visitor has gone. eventlet's own limit starts again at each byte; this one is for all of it."""
        if self.tls is None:
            return plain
        with Timeout(HANDSHAKE_S, TimeoutError()):
            return self.tls.begin(plain)

    def handle_one_request(self) -> None:
        sleep(0)
        if self._connection.is_closed:
            self.close_connection = True
            return
        self.connections.await_request(self._connection)
        super().handle_one_request()

    def log_message(self, *_: object) -> None:
        """No line for each malformed request: they would fill the disk of a server that is flooded."""

    def parse_request(self) -> bool:
        # What was cut off in the middle by us is no request.
        return bool(super().parse_request()) and not self._connection.is_closed

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        given = environ["eventlet.input"]
        environ["wsgi.input"] = environ["eventlet.input"] = _Input(
            given.rfile, given.content_length, given.get_socket(), given.wfile, given.wfile_line, given.chunked_input
        )
        return environ | {CONNECTION: self._connection}

    def finish(self) -> None:
        # Each of them holds the descriptor, and the first raises where the visitor has gone.
        for file in (self.wfile, self.rfile):
            with suppress(OSError, EOFError, ValueError):
                file.close()
        shut_down(self.connection)
        self.connection.close()


class _Input(wsgi.Input):
    """A body that comes as fast as it can leaves the others their turn."""

    def read(self, length: int | None = None) -> bytes:
        sleep(0)
        if self.chunked_input:
            return bytes(super().read(length))
        left = self.content_length - self.position
        wanted = left if length is None or length < 0 else min(length, left)
        parts = []
        while wanted > 0 and (part := super().read(min(wanted, READ_BYTES))):
            parts.append(part)
            wanted -= len(part)
            sleep(0)
        return b"".join(parts)


class WebSocket(RFC6455WebSocket):
    """A WebSocket whose messages, fragments, frames and pace are bounded."""

    websocket_closed: bool

    class Message(RFC6455WebSocket.Message):
        fragments = 1
        size = 0

        def push(self, data: bytes, final: bool = False) -> None:
            self.size += len(data)
            if self.size > self.max_frame_length:
                raise FailedConnectionError(TOO_LARGE, "the message is too large")
            super().push(data, final)

        def getvalue(self) -> str | bytes:
            try:
                return super().getvalue()
            except UnicodeDecodeError:
                raise FailedConnectionError(INVALID_DATA, "text must be UTF-8") from None

    def __init__(self, sock: Any, environ: dict[str, Any], connections: Connections, largest_bytes: int) -> None:
        super().__init__(sock, environ, max_frame_length=largest_bytes)
        self._connection: Connection = environ[CONNECTION]
        self._connections = connections
        self._frames = 0
        connections.upgrade(self._connection, self.hang_up)

    # eventlet lifts the mask of each message byte by byte in Python: a third of the server's time (measured).
    _apply_mask = staticmethod(apply_mask)

    def _recv_frame(self, message: Any = None) -> Any:
        received = super()._recv_frame(message)
        if received is message:
            message.fragments += 1
            if message.fragments > MOST_FRAGMENTS:
                raise FailedConnectionError(POLICY_VIOLATION, "the message has too many fragments")
        try:
            pause_s = self._connections.count_frame(self._connection, received.size)
        except TooFast:
            raise FailedConnectionError(POLICY_VIOLATION, "too many messages") from None
        self._frames += 1
        if pause_s or self._frames % FRAMES_A_TURN == 0:
            sleep(pause_s)
        return received

    def wait(self) -> str | bytes | None:
        message: str | bytes | None = super().wait()
        if message is not None and not is_packet(message):
            self.close((PROTOCOL_ERROR, "no packet of Engine.IO"))
            return None
        return message

    def close(self, close_data: tuple[int, str] | None = None) -> None:
        self._send_closing_frame(ignore_send_errors=True, close_data=close_data)
        shut_down(self.socket)

    def hang_up(self, code: int) -> None:
        if not self.websocket_closed and not self._sendlock.locked():
            self.websocket_closed = True
            send_close_frame(self.socket, code)
        shut_down(self.socket)


class WebSockets(WebSocketWSGI):
    """Engine.IO's driver, with `WebSocket`."""

    def __init__(self, connections: Connections, handler: Any, server: Any) -> None:
        super().__init__(partial(_handle, handler), server)
        self.support_legacy_versions = False
        self._connections = connections

    def _handle_hybi_request(self, environ: dict[str, Any]) -> WebSocket:
        agreed = super()._handle_hybi_request(environ)
        return WebSocket(agreed.socket, environ, self._connections, self.max_frame_length)


def _handle(handler: Any, websocket: WebSocket) -> None:
    """Whatever happens, eventlet must not answer it by HTTP in the middle of a WebSocket."""
    try:
        handler(websocket)
    except OSError:
        pass  # the visitor has gone
    except Exception:
        logger.exception("a WebSocket failed")
