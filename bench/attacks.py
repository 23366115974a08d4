"""Attacks by a hostile visitor. Imports little: each runs in a process of its own and begins at once."""

import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.synchronize import Event
from typing import Any

from tests.support.raw import PING, RawWebSocket, connect, frame

START = '420["start",{"protocol":1,"language":"en","mode":"browser","tables":[2]}]'

# Its arguments: the server's address, its own address, and a function that counts what was sent.
Attack = Callable[[str, str, Callable[[int], None]], None]


def _flood(
    url: str, source: str, sent: Callable[[int], None], payload: bytes, count: int, *first: str, reads: bool = True
) -> None:
    """Send `payload`, `count` frames, again and again; reconnect when the server hangs up."""
    while True:
        with suppress(OSError):
            visitor = RawWebSocket(url, source)
            visitor.connect_socket_io()
            for message in first:
                visitor.send(message)
            visitor.socket.setblocking(reads is False)
            while True:
                if not reads:
                    visitor.socket.sendall(payload)
                    sent(count)
                    continue
                done = 0
                while done < len(payload):
                    try:
                        done += visitor.socket.send(payload[done:])
                    except BlockingIOError:
                        time.sleep(0.001)
                    with suppress(BlockingIOError):
                        if not visitor.socket.recv(65536):
                            raise ConnectionResetError
                sent(count)


def events(url: str, source: str, sent: Callable[[int], None]) -> None:
    _flood(url, source, sent, frame('42["x"]') * 50, 50)


def taps(url: str, source: str, sent: Callable[[int], None]) -> None:
    _flood(url, source, sent, frame('42["tap",{"answer":1}]') * 50, 50, START)


def pings(url: str, source: str, sent: Callable[[int], None]) -> None:
    _flood(url, source, sent, frame(b"", PING) * 50, 50)


def unread(url: str, source: str, sent: Callable[[int], None]) -> None:
    _flood(url, source, sent, frame('42["x"]') * 50, 50, reads=False)


def starts(url: str, source: str, sent: Callable[[int], None]) -> None:
    """Connect, begin a drill, hang up, again and again."""
    while True:
        with suppress(OSError):
            visitor = RawWebSocket(url, source)
            visitor.connect_socket_io()
            visitor.send(START)
            visitor.receive()
            visitor.close()
            sent(1)


def requests(url: str, source: str, sent: Callable[[int], None]) -> None:
    """Send HTTP requests, pipelined."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50
    while True:
        with suppress(OSError):
            line = connect(url, source)
            while True:
                line.sendall(request)
                line.setblocking(False)
                with suppress(BlockingIOError):
                    while line.recv(65536):
                        pass
                line.setblocking(True)
                sent(50)


def fragments(url: str, source: str, sent: Callable[[int], None]) -> None:
    """Send a message that never ends. Counts MB."""
    part = frame(bytes(60_000), 0, final=False)
    while True:
        with suppress(OSError):
            visitor = RawWebSocket(url, source)
            visitor.send_raw(frame("4", final=False))
            while True:
                visitor.send_raw(part * 10)
                sent(1)


def attachments(url: str, source: str, sent: Callable[[int], None]) -> None:
    """Send a packet with endless attachments. Counts MB."""
    part = frame(bytes(60_000))
    while True:
        with suppress(OSError):
            visitor = RawWebSocket(url, source)
            visitor.connect_socket_io()
            visitor.send('45999999999-["audio",0,0,{"_placeholder":true,"num":0}]')
            while True:
                visitor.send_raw(part * 10)
                sent(1)


def idle(url: str, source: str, sent: Callable[[int], None], most: int = 2000) -> None:
    """Open WebSockets that never begin a drill."""
    kept = []
    for _ in range(most):
        with suppress(OSError):
            kept.append(RawWebSocket(url, source))
            sent(1)
    time.sleep(600)


def half_requests(url: str, source: str, sent: Callable[[int], None], most: int = 1100) -> None:
    """Send requests whose headers never end."""
    kept = []
    for _ in range(most):
        with suppress(OSError):
            kept.append(connect(url, source))
            kept[-1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            sent(1)
    time.sleep(600)


def half_bodies(url: str, source: str, sent: Callable[[int], None], most: int = 1100) -> None:
    """Send forms that never end."""
    kept = []
    for _ in range(most):
        with suppress(OSError):
            kept.append(connect(url, source))
            kept[-1].sendall(
                b"POST /learners.json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: 500\r\n\r\n{"
            )
            sent(1)
    time.sleep(600)


ATTACKS: dict[str, Attack] = {
    each.__name__: each
    for each in (
        events,
        taps,
        pings,
        unread,
        starts,
        requests,
        fragments,
        attachments,
        idle,
        half_requests,
        half_bodies,
    )
}


def attack(name: str, url: str, source: str, total: Any, begun: Event) -> None:
    """Run the attack for ever. `total` counts what was sent; `begun` is set at the first of it."""

    def sent(count: int) -> None:
        with total.get_lock():
            total.value += count
        begun.set()

    ATTACKS[name](url, source, sent)
