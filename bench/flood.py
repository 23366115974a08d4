"""Measure what a hostile visitor costs other users: `python -m bench.flood [--seconds 8] [NAME ...]`.

During each attack, from another address, a live drill taps its answers, and new visitors open a page and begin a drill.
The server has 1,024 descriptors. Sent: what the attacker sent. Lost: drills and visitors that failed.
"""

import argparse
import asyncio
import multiprocessing
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from socketio.exceptions import SocketIOError

from bench.attacks import ATTACKS, attack
from bench.common import quiet_server
from bench.learner import Learner
from bench.load import server_process

MOST_FILES = 1024
# Each measurement is taken at least this often, even on a slow server.
LEAST = 3


@dataclass
class Outcome:
    """The effect of one attack."""

    sent: int = 0
    """Frames, requests, connections or MB that the attacker sent."""
    more_mb: float = 0.0
    """Growth of the server's memory."""
    taps_ms: list[float] = field(default_factory=list)
    """From each tap to its verdict."""
    visits_ms: list[float] = field(default_factory=list)
    """From opening the page to the drill's start."""
    lost: list[str] = field(default_factory=list)
    """The failures."""

    @property
    def worst_ms(self) -> float:
        return max(self.taps_ms + self.visits_ms, default=float("inf"))


async def _begin(learner: Learner, **wanted: Any) -> None:
    """Begin a drill. Where the server is busy, try again, as somebody at the page does."""
    while not (reply := await learner.start(**wanted))["ok"]:
        if reply["code"] != "busy":
            raise TimeoutError(reply["code"])
        await asyncio.sleep(0.3)


async def _practise(url: str, until_s: float, outcome: Outcome) -> None:
    """Practise by touch, five answers a second."""
    learner = Learner()
    try:
        await learner.connect(url)
        await _begin(learner, questions=None)
        while time.monotonic() < until_s or len(outcome.taps_ms) < LEAST:
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
    """Open the page and begin a drill, one visitor after the other."""
    while time.monotonic() < until_s or len(outcome.visits_ms) + len(outcome.lost) < LEAST:
        began_s = time.monotonic()
        learner = Learner()
        try:
            await asyncio.to_thread(lambda: urllib.request.urlopen(f"{url}/livez", timeout=20).read())
            await learner.connect(url)
            await _begin(learner, questions=1)
            outcome.visits_ms.append(1000 * (time.monotonic() - began_s))
        except (SocketIOError, OSError) as error:
            outcome.lost.append(f"visitor: {error!r}")
        finally:
            await learner.socket.disconnect()
        await asyncio.sleep(0.3)


@contextmanager
def attacking(name: str, url: str, outcome: Outcome, source: str = "127.0.0.66") -> Iterator[None]:
    """Run the attack during the block, from the address `source`, in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    total: Any = spawn.Value("q", 0)
    begun = spawn.Event()
    attacker = spawn.Process(target=attack, args=(name, url, source, total, begun), daemon=True)
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
    """Return what other users notice during the attack."""
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
        name,
        str(outcome.sent),
        *figures(outcome.taps_ms),
        *figures(outcome.visits_ms),
        f"{outcome.more_mb:.1f}",
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
