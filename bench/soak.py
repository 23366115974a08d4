"""Measure whether the server's memory grows with its visitors: `python -m bench.soak [--visitors 3000] [--rounds 30]`.

Visitors come a few at a time, begin a drill, tap one answer and go: half say goodbye, half are cut off. After each
round, when their sessions are gone, the server's memory, open files and threads are counted. First visits fill caches,
so only the second half of the rounds counts.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psutil

from bench.common import quiet_server
from bench.drops import cut
from bench.learner import Learner
from bench.load import server_process

AT_ONCE = 20
# How long a session waits for its learner; it is removed within a second after that.
TTL_S = 1
SETTLE_S = 3.0
COLUMNS = ("visitors", "MB", "open files", "threads")


@dataclass(frozen=True)
class Footprint:
    """The server's resources after a number of visitors."""

    visitors: int
    mb: float
    files: int
    threads: int


def footprint(server: psutil.Process, visitors: int) -> Footprint:
    return Footprint(visitors, server.memory_info().rss / 2**20, server.num_fds(), server.num_threads())


def drift_mb(seen: Sequence[Footprint]) -> float:
    """Return the server's growth per 1,000 visitors: the slope of a line through the second half."""
    settled = seen[len(seen) // 2 :]
    slope, _ = np.polyfit([each.visitors for each in settled], [each.mb for each in settled], 1)
    return float(slope) * 1000


async def visit(url: str, number: int) -> None:
    learner = Learner()
    await learner.connect(url)
    await learner.start(tables=[2, 3, 4, 5], questions=20, seed=number)
    _, say, _ = await learner.expect("say")
    await learner.socket.emit("tap", {"answer": say["show"]["left"] * say["show"]["right"]})
    await learner.expect("verdict")
    await (learner.socket.disconnect() if number % 2 else cut(learner))


async def run(url: str, server: psutil.Process, visitors: int, rounds: int) -> list[Footprint]:
    seen, came, each_round = [], 0, max(1, visitors // rounds)
    for _ in range(rounds):
        for first in range(0, each_round, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, each_round))
            await asyncio.gather(*(visit(url, came + number) for number in numbers))
        came += each_round
        await asyncio.sleep(TTL_S + SETTLE_S)
        seen.append(footprint(server, came))
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    # All visitors share one address, whose starts a minute are limited by --max-sessions.
    with quiet_server("--session-ttl-s", str(TTL_S), "--max-sessions", "10000") as url:
        seen = asyncio.run(run(url, server_process(url), arguments.visitors, arguments.rounds))
    print("| " + " | ".join(COLUMNS) + " |\n" + "| ---: " * len(COLUMNS) + "|")
    for each in seen:
        print(f"| {each.visitors} | {each.mb:.1f} | {each.files} | {each.threads} |")
    print(f"\n{drift_mb(seen):+.2f} MB for each 1,000 visitors")


if __name__ == "__main__":
    main()
