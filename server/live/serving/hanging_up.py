"""Closing a socket that others may be reading or writing."""

import socket
import ssl
import struct
from contextlib import suppress
from typing import Any


def shut_down(connection: Any) -> None:
    """End a socket. The thread that waits for it notices, and closes it."""
    # The plain socket below a green or a secured one: theirs would wait, or forget what is secured.
    with suppress(OSError):
        socket.socket.shutdown(getattr(connection, "fd", connection), socket.SHUT_RDWR)


def send_close_frame(connection: Any, code: int) -> None:
    """A WebSocket's goodbye, where it can be sent at once."""
    plain = getattr(connection, "fd", connection)
    frame = struct.pack("!BBH", 0x88, 2, code)
    with suppress(OSError, ValueError):
        if not isinstance(plain, ssl.SSLSocket):
            plain.send(frame, socket.MSG_DONTWAIT)
        elif socket.socket.gettimeout(plain) == 0:
            ssl.SSLSocket.send(plain, frame)
