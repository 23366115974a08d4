"""The Socket.IO server of the drills, and how it knows the connections of the listener."""

import logging
import time
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from .connections import CONNECTION, GOING_AWAY, PROTOCOL_ERROR, Connection, Connections
from .limits import LARGEST_MESSAGE_BYTES, MOST_UNREAD
from .packets import CheckedPacket

logger = logging.getLogger(__name__)
PING_INTERVAL_S, PING_TIMEOUT_S = 10, 8


def make_socketio(app: Flask, mode: str, websocket: Any, connections: Connections, json: Any) -> SocketIO:
    """`websocket`: the kind of WebSocket that goes with the async `mode`, as Engine.IO's drivers name it."""
    socketio = SocketIO(
        app,
        async_mode=mode,
        async_handlers=False,
        transports=["websocket"],
        cors_allowed_origins=None,
        max_http_buffer_size=LARGEST_MESSAGE_BYTES,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        json=json,
        serializer=CheckedPacket,
    )
    server = socketio.server
    server.eio._async = server.eio._async | {"websocket": websocket}

    def receive(eio_sid: str, data: object) -> None:
        # Who sends is there: the answer to a ping may wait behind seconds of sound, here or on a slow network.
        sender = server.eio.sockets.get(eio_sid)
        if sender is not None and sender.last_ping:
            sender.last_ping = time.time()
        try:
            server._handle_eio_message(eio_sid, data)
        except Exception as error:
            # Socket.IO's own complaint about what no page of ours sends; its traceback would fill the disk.
            logger.warning("a connection broke Socket.IO's protocol (%s: %.80s)", type(error).__name__, error)
            connection = server.environ.get(eio_sid, {}).get(CONNECTION)
            if connection is not None:
                connections.hang_up(connection, "malformed", PROTOCOL_ERROR)

    server.eio.on("message", receive)
    return socketio


class Callers:
    """The connections of the listener, by the ids that Socket.IO gives them."""

    def __init__(self, socketio: SocketIO, connections: Connections) -> None:
        self._server = socketio.server
        self._connections = connections

    def address(self, sid: str) -> str:
        connection = self._connection(sid)
        return connection.address.key if connection else ""

    def may_start(self, sid: str) -> bool:
        """Whether a new drill may begin now, as far as its address is concerned."""
        connection = self._connection(sid)
        return connection is None or self._connections.may_start(connection)

    def set_drill(self, sid: str, has_drill: bool) -> None:
        connection = self._connection(sid)
        if connection is not None:
            self._connections.set_drill(connection, has_drill)

    def send_away(self, sid: str) -> None:
        """Close the connection as a server that stops does. The page comes back by itself, after a random delay."""
        connection = self._connection(sid)
        if connection is not None:
            connection.hang_up(GOING_AWAY)

    def drop_slow_readers(self) -> None:
        """Those for whom too much waits: what they do not read must not fill the memory."""
        for eio_sid, socket in list(self._server.eio.sockets.items()):
            connection = self._server.environ.get(eio_sid, {}).get(CONNECTION)
            if connection is not None and socket.queue.qsize() > MOST_UNREAD:
                self._connections.hang_up(connection, "slow_reader")

    def _connection(self, sid: str) -> Connection | None:
        environ: dict[str, Any] = self._server.get_environ(sid) or {}
        return environ.get(CONNECTION)
