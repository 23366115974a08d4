"""What stands between the listener and the application: rates, deadlines of bodies, and which WebSockets are spoken."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from .connections import CONNECTION, Connection, Connections, TooMany

# 16 bytes in base64 (RFC 6455, 4.1).
WEBSOCKET_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
# For chunked bodies of unknown length: this much may come at the usual rate.
UNKNOWN_BYTES = 1_000_000


class Guard:
    """The application for visitors as `connections` bounds them. `pause(seconds)` lets the others have their turn.

    `behind_proxy`: the address of a visitor is the last one in X-Forwarded-For.
    """

    def __init__(
        self,
        application: WSGIApplication,
        connections: Connections,
        behind_proxy: bool,
        pause: Callable[[float], object],
    ) -> None:
        self._application = application
        self._connections = connections
        self._behind_proxy = behind_proxy
        self._pause = pause

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection: Connection = environ[CONNECTION]
        body_bytes = _body_bytes(environ)
        try:
            self._pause(self._connections.answer(connection, self._host(environ), body_bytes))
        except TooMany:
            start_response("503 Service Unavailable", [("Connection", "close"), ("Retry-After", "5")])
            return []
        if not body_bytes:
            return self._application(environ, start_response)
        if not environ.get("HTTP_TRANSFER_ENCODING"):
            environ["wsgi.input"] = Body(
                environ["wsgi.input"], body_bytes, lambda: self._connections.body_ended(connection)
            )
        answer = self._application(environ, start_response)
        self._connections.answered(connection)
        return answer

    def _host(self, environ: WSGIEnvironment) -> str:
        peer: str = environ.get("REMOTE_ADDR", "")
        if not self._behind_proxy:
            return peer
        return environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or peer


def _body_bytes(environ: WSGIEnvironment) -> int:
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return UNKNOWN_BYTES
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


class Body:
    """A request's body; calls `ended()` as soon as all of it has been read."""

    def __init__(self, stream: Any, length: int, ended: Callable[[], None]) -> None:
        self._stream = stream
        self._left = length
        self._ended = ended

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._stream.read(self._left if size is None or size < 0 else size))

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._stream.readline(self._left if size is None or size < 0 else size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left <= 0 or not data:
            self._ended()
        return data


def only_todays_websockets(application: WSGIApplication) -> WSGIApplication:
    """WebSockets of version 13 (RFC 6455) without compression; what asks for another kind is refused."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            return application(environ, start_response)
        # Packing costs more time than it saves on a local network, and unpacking has to be bounded as well.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
            start_response(
                "426 Upgrade Required",
                [("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket"), ("Connection", "Upgrade, close")],
            )
            return []
        tokens = {token.strip().lower() for token in environ.get("HTTP_CONNECTION", "").split(",")}
        if "upgrade" not in tokens or not WEBSOCKET_KEY.fullmatch(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")):
            start_response("400 Bad Request", [("Connection", "close")])
            return []
        return application(environ, start_response)

    return answer
