"""Serving by real threads: Werkzeug's server and simple-websocket."""

import errno
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from socket import socket
from typing import Any

import simple_websocket
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from wsproto.events import CloseConnection, Event, Message, Ping, Pong

from ..tls import Tls
from .connections import CONNECTION, POLICY_VIOLATION, PROTOCOL_ERROR, Connection, Connections, TooFast
from .guard import Guard
from .hanging_up import send_close_frame, shut_down
from .limits import LARGEST_MESSAGE_BYTES, MOST_FRAGMENTS, WRITE_S
from .packets import is_packet

logger = logging.getLogger(__name__)
RETRY_S = 0.1
# Messages that were read and not dealt with yet.
MOST_UNHANDLED = 16


def serve(app: Flask, listener: socket, tls: Tls | None, connections: Connections, behind_proxy: bool) -> None:
    """Serve the application with a real thread for each connection."""
    host, port = listener.getsockname()[:2]
    guard = Guard(app, connections, behind_proxy, lambda seconds: time.sleep(seconds) if seconds else None)
    server = _Server(host, port, guard, _Handler, fd=listener.fileno())
    server.connections, server.tls = connections, tls
    if tls:
        server.ssl_context = tls.context  # for the addresses that it tells
    server.serve_forever()


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    connections: Connections
    tls: Tls | None

    def get_request(self) -> tuple[socket, Any]:
        try:
            return super().get_request()
        except OSError as error:
            if error.errno != errno.EINVAL:  # the server stops
                self.connections.accept_failed(error)
            time.sleep(RETRY_S)
            raise

    def finish_request(self, request: Any, client_address: Any) -> None:
        connection = self.connections.open(client_address[0], lambda code: shut_down(request))
        if connection is None:
            return
        try:
            secured = self.tls.begin(request) if self.tls else request
            if secured:
                connection.hang_up = lambda code: shut_down(secured)
                with suppress(OSError):  # the visitor has gone
                    _Handler(secured, client_address, self, connection)
                if secured is not request:
                    secured.close()
        finally:
            self.connections.close(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.warning("a request failed (%r)", sys.exc_info()[1])


class _Handler(WSGIRequestHandler):
    timeout = WRITE_S

    def __init__(self, request: Any, client_address: Any, server: _Server, connection: Connection) -> None:
        self._connection = connection
        super().__init__(request, client_address, server)

    def log(self, *_: object) -> None:
        """No line for each request, good or bad: they would fill the disk of a server that is flooded."""

    def version_string(self) -> str:
        """No version: it would only help attackers who know its faults."""
        return "Paadas"

    def make_environ(self) -> dict[str, Any]:
        return super().make_environ() | {CONNECTION: self._connection}


class WebSocket(simple_websocket.Server):
    """A WebSocket whose messages, fragments, frames and pace are bounded."""

    connected: bool
    ws: Any

    def __init__(self, environ: dict[str, Any], connections: Connections) -> None:
        self.connections = connections
        self.connection: Connection = environ[CONNECTION]
        environ["werkzeug.socket"].settimeout(None)  # pings are looked after by Engine.IO
        super().__init__(environ, max_message_size=LARGEST_MESSAGE_BYTES)

    def handshake(self) -> None:
        self.ws = _Counted(self.ws, self)
        super().handshake()
        self.connections.upgrade(self.connection, self.hang_up)

    def hang_up(self, code: int) -> None:
        if self.connected:
            self.connected = False
            send_close_frame(self.sock, code)
        shut_down(self.sock)
        self.event.set()  # wakes the thread that waits for a message


class _Counted:
    """wsproto's connection. It takes a visitor that sends too much for one that closes."""

    def __init__(self, connection: Any, websocket: WebSocket) -> None:
        self._connection = connection
        self._websocket = websocket
        self._fragments = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def events(self) -> Iterator[Event]:
        for event in self._connection.events():
            if isinstance(event, Message | Ping | Pong) and (reason := self._refusal(event)):
                yield CloseConnection(POLICY_VIOLATION, reason)
                return
            yield event

    def _refusal(self, event: Message[Any] | Ping | Pong) -> str | None:
        websocket = self._websocket
        if isinstance(event, Message):
            self._fragments += event.frame_finished
            if self._fragments > MOST_FRAGMENTS:
                return "the message has too many fragments"
            if event.message_finished:
                self._fragments = 0
            size = len(event.data)
        else:
            size = len(event.payload)
        try:
            time.sleep(websocket.connections.count_frame(websocket.connection, size))
        except TooFast:
            return "too many messages"
        while len(websocket.input_buffer) >= MOST_UNHANDLED and websocket.connected:
            time.sleep(0.01)
        return None


class WebSockets(SimpleWebSocketWSGI):
    """Engine.IO's driver, with `WebSocket`."""

    def __init__(self, connections: Connections, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self._connections = connections

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.ws = WebSocket(environ, self._connections)
        self.app(self)
        raise ConnectionError  # what Werkzeug takes for the end of a connection

    def wait(self) -> str | bytes | None:
        message: str | bytes | None = super().wait()
        if message is not None and not is_packet(message):
            with suppress(simple_websocket.ConnectionClosed, OSError):
                self.ws.close(PROTOCOL_ERROR, "no packet of Engine.IO")
            return None
        return message
