"""What a visitor who means harm costs the others: `python -m bench.flood [--seconds 8] [NAME ...]`.

For each attack, from another address, a live drill taps its answers and new visitors ask for a page and begin a drill.
The server has 1,024 descriptors. Sent: what the attacker got rid of. Lost: drills and visitors that failed.
"""

import argparse
import asyncio
import multiprocessing
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from typing import Any

import numpy as np
from socketio.exceptions import SocketIOError

from bench.common import quiet_server
from bench.learner import Learner
from bench.load import server_process
from tests.support.raw import PING, RawWebSocket, connect, frame

START = '420["start",{"protocol":1,"language":"en","mode":"browser","tables":[2]}]'
MOST_FILES = 1024

# What it is given: the server's address, its own, and what counts what it got rid of.
Attack = Callable[[str, str, Callable[[int], None]], None]


def _flood(url: str, source: str, sent: Callable[[int], None], payload: bytes, count: int, *first: str, reads: bool = True) -> None:
    """Send `payload`, `count` frames, again and again; where the server hangs up, come back."""
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
    """Connect, begin a drill, hang up."""
    while True:
        with suppress(OSError):
            visitor = RawWebSocket(url, source)
            visitor.connect_socket_io()
            visitor.send(START)
            visitor.receive()
            visitor.close()
            sent(1)


def requests(url: str, source: str, sent: Callable[[int], None]) -> None:
    """HTTP, pipelined."""
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
    """A message that never ends. Sent: MB."""
    part = frame(bytes(60_000), 0, final=False)
    while True:
        with suppress(OSError):
            visitor = RawWebSocket(url, source)
            visitor.send_raw(frame("4", final=False))
            while True:
                visitor.send_raw(part * 10)
                sent(1)


def attachments(url: str, source: str, sent: Callable[[int], None]) -> None:
    """A packet with endless attachments. Sent: MB."""
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
    """WebSockets that never begin a drill."""
    kept = []
    for _ in range(most):
        with suppress(OSError):
            kept.append(RawWebSocket(url, source))
            sent(1)
    time.sleep(600)


def half_requests(url: str, source: str, sent: Callable[[int], None], most: int = 1100) -> None:
    """Requests whose headers never end."""
    kept = []
    for _ in range(most):
        with suppress(OSError):
            kept.append(connect(url, source))
            kept[-1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            sent(1)
    time.sleep(600)


def half_bodies(url: str, source: str, sent: Callable[[int], None], most: int = 1100) -> None:
    """Forms that never end."""
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
        events, taps, pings, unread, starts, requests, fragments, attachments, idle, half_requests, half_bodies,
    )
}


def _attack(name: str, url: str, source: str, total: "Synchronized[int]", begun: Event) -> None:
    def sent(count: int) -> None:
        with total.get_lock():
            total.value += count
        begun.set()

    ATTACKS[name](url, source, sent)


@dataclass
class Outcome:
    """What the others noticed."""

    sent: int = 0
    more_mb: float = 0.0
    taps_ms: list[float] = field(default_factory=list)
    visits_ms: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def worst_ms(self) -> float:
        return max(self.taps_ms + self.visits_ms, default=float("inf"))


async def _practise(url: str, until_s: float, outcome: Outcome) -> None:
    """A live drill by touch, five answers a second."""
    learner = Learner()
    try:
        await learner.connect(url)
        await learner.start(questions=None)
        while time.monotonic() < until_s:
            _, say, _ = await learner.expect("say", timeout_s=20)
            began_s = time.monotonic()
            await learner.socket.emit("tap", {"answer": say["show"]["left"] * say["show"]["right"], "say": say["id"]})
            await learner.expect("verdict", timeout_s=20)
            outcome.taps_ms.append(1000 * (time.monotonic() - began_s))
            await asyncio.sleep(0.2)
    except (SocketIOError, TimeoutError) as error:
        outcome.lost.append(f"drill: {error!r}")
    finally:
        await learner.socket.disconnect()


async def _visit(url: str, until_s: float, outcome: Outcome) -> None:
    """One visitor after the other opens a page and begins a drill."""
    while time.monotonic() < until_s:
        began_s = time.monotonic()
        learner = Learner()
        try:
            await asyncio.to_thread(lambda: urllib.request.urlopen(f"{url}/healthz", timeout=20).read())
            await learner.connect(url)
            reply = await learner.start(questions=1)
            if not reply["ok"]:
                raise TimeoutError(reply["code"])
            outcome.visits_ms.append(1000 * (time.monotonic() - began_s))
        except (SocketIOError, OSError) as error:
            outcome.lost.append(f"visitor: {error!r}")
        finally:
            await learner.socket.disconnect()
        await asyncio.sleep(0.3)


@contextmanager
def attacking(name: str, url: str, outcome: Outcome, source: str = "127.0.0.66") -> Iterator[None]:
    """The attack goes on meanwhile, from the address `source`, in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    total: Any = spawn.Value("q", 0)
    begun = spawn.Event()
    attacker = spawn.Process(target=_attack, args=(name, url, source, total, begun), daemon=True)
    attacker.start()
    try:
        if not begun.wait(30):
            raise RuntimeError(f"{name} did not begin")
        yield
    finally:
        attacker.kill()
        attacker.join()
        outcome.sent = total.value


def endure(name: str, url: str, seconds: float) -> Outcome:
    """What the others notice while the attack goes on."""
    outcome = Outcome()
    memory = server_process(url).memory_info

    async def meanwhile() -> None:
        until_s = time.monotonic() + seconds
        await asyncio.gather(_practise(url, until_s, outcome), _visit(url, until_s, outcome))

    base_mb = memory().rss / 1e6
    with attacking(name, url, outcome):
        asyncio.run(meanwhile())
        outcome.more_mb = memory().rss / 1e6 - base_mb
    return outcome


def line(*cells: str) -> str:
    return "  ".join(cell.ljust(14) if at == 0 else cell.rjust(9) for at, cell in enumerate(cells))


def row(name: str, outcome: Outcome) -> str:
    def figures(values: list[float]) -> Iterator[str]:
        return (f"{np.percentile(values, share):.0f}" if values else "-" for share in (95, 100))

    return line(
        name, str(outcome.sent), *figures(outcome.taps_ms), *figures(outcome.visits_ms), f"{outcome.more_mb:.1f}",
        "; ".join(outcome.lost) or "-",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attacks", nargs="*", metavar="NAME", help=", ".join(ATTACKS))
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--async-mode", default="eventlet")
    arguments = parser.parse_args()
    print(line("attack", "sent", "drill p95", "max ms", "visit p95", "max ms", "MB more", "lost"), flush=True)
    for name in arguments.attacks or ATTACKS:
        with quiet_server("--async-mode", arguments.async_mode, most_files=MOST_FILES) as url:
            print(row(name, endure(name, url, arguments.seconds)), flush=True)


if __name__ == "__main__":
    main()
