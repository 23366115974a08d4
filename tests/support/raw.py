"""Clients that break protocols: plain sockets, and WebSockets with hand-made frames."""

import base64
import os
import socket
import ssl
import struct
from contextlib import suppress
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
SOCKET_IO = "/socket.io/?EIO=4&transport=websocket"
CONNECT = "40"


def connect(
    url: str, source: str = "127.0.0.1", timeout_s: float = 20, context: ssl.SSLContext | None = None
) -> socket.socket:
    """Connect. `source`: the address that the server sees, one of this computer's."""
    parts = urlsplit(url)
    plain = socket.create_connection((parts.hostname or "", parts.port or 80), timeout_s, (source, 0))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain if context is None else context.wrap_socket(plain, server_hostname=parts.hostname)


def frame(
    payload: bytes | str, opcode: int | None = None, final: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    if opcode is None:
        opcode = TEXT if isinstance(payload, str) else BINARY
    data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
    size = len(data)
    length = (
        bytes([size])
        if size < 126
        else struct.pack("!BH", 126, size)
        if size < 2**16
        else struct.pack("!BQ", 127, size)
    )
    head = bytes([final << 7 | reserved << 4 | opcode, length[0] | masked << 7]) + length[1:]
    # A mask of zeros is valid, and costs the sender of a flood nothing.
    return head + (bytes(4) if masked else b"") + data


class RawWebSocket:
    """A WebSocket to the server's Socket.IO. `closed`: the close code, 1006 without one, None while it is open."""

    def __init__(
        self,
        url: str,
        source: str = "127.0.0.1",
        context: ssl.SSLContext | None = None,
        headers: dict[str, str] | None = None,
        version: str | None = "13",
    ) -> None:
        self.socket = connect(url, source, context=context)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {
            "Host": urlsplit(url).netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
        }
        if version is not None:
            lines["Sec-WebSocket-Version"] = version
        lines |= headers or {}
        self.socket.sendall(
            f"GET {SOCKET_IO} HTTP/1.1\r\n".encode()
            + b"".join(f"{name}: {value}\r\n".encode() for name, value in lines.items())
            + b"\r\n"
        )
        self._read = b""
        self.closed: int | None = None
        while b"\r\n\r\n" not in self._read:
            data = self.socket.recv(4096)
            if not data:
                break
            self._read += data
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def send(self, payload: bytes | str, opcode: int | None = None) -> None:
        self.socket.sendall(frame(payload, opcode))

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self) -> str | bytes | None:
        """Return the next message; None once the server has closed. Answers Engine.IO's pings only."""
        while True:
            got = self._frame()
            if got is None:
                return None
            opcode, data = got
            if opcode == CLOSE:
                self.closed = struct.unpack("!H", data[:2])[0] if len(data) >= 2 else 1005
                return None
            if opcode == TEXT and data == b"2":
                with suppress(OSError):
                    self.send("3")
            elif opcode in (TEXT, BINARY):
                return data.decode() if opcode == TEXT else data

    def connect_socket_io(self) -> None:
        self.send(CONNECT)
        while (message := self.receive()) is not None and not str(message).startswith("40"):
            pass

    def wait_closed(self) -> int | None:
        while self.receive() is not None:
            pass
        return self.closed

    def close(self) -> None:
        self.socket.close()

    @property
    def rest(self) -> bytes:
        """Return bytes that came and are no whole frame."""
        return self._read

    def _frame(self) -> tuple[int, bytes] | None:
        try:
            head = self._exactly(2)
            size = head[1] & 127
            if size == 126:
                size = struct.unpack("!H", self._exactly(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self._exactly(8))[0]
            return head[0] & 15, self._exactly(size)
        except (ConnectionError, EOFError):
            self.closed = self.closed or 1006
            return None

    def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self._read += data
        data, self._read = self._read[:size], self._read[size:]
        return data
