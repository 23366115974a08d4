"""Measure how soon a class begins that starts all at once: `python -m bench.start --learners 30 --answers 10000`.

The real server has a database with these learners and answers each. All learners ask for a drill at once and behave as
the page does (client/connection.js). A learner has begun when the first question is asked: the `say` that expects an
answer. Two runs: cold, before any snapshot of a learner exists (as after an upgrade), and warm, after that. --limit:
seconds until a learner gives up.
"""

import argparse
import asyncio
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from socketio.exceptions import TimeoutError as AckTimeout
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.learner import Learner
from bench.load import cpu_seconds
from bench.store import fill
from server.store.database import open_database
from server.store.models import SnapshotRow
from tests.support.server import free_port, serving

# As in client/connection.js.
PATIENCE_S, LONGEST_PATIENCE_S = 20.0, 160.0


@dataclass
class Pupil:
    """One learner's start."""

    learner: int
    """The learner's id."""
    begun_s: float | None = None
    """Seconds to the first question; None: given up."""
    waited: bool = False
    """The server asked the learner to wait."""
    tries: int = 0
    """Connections that were made."""

    async def begin(self, url: str, gate: asyncio.Event, limit_s: float) -> None:
        """Connect, wait for the others, start, and hear the first question."""
        patience_s = PATIENCE_S
        first: Learner | None = await self._connected(url)
        await gate.wait()
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(limit_s):
                while self.begun_s is None:
                    line = first or await self._connected(url)
                    first = None
                    try:
                        await self._start(line, began_s, patience_s * random.uniform(0.5, 1.5), limit_s)
                    except AckTimeout:
                        patience_s = min(2 * patience_s, LONGEST_PATIENCE_S)
                    await line.socket.disconnect()
        except TimeoutError:
            pass  # reported as not begun

    async def _connected(self, url: str) -> Learner:
        line = Learner()
        await line.connect(url)
        return line

    async def _start(self, line: Learner, began_s: float, ack_s: float, limit_s: float) -> None:
        self.tries += 1
        reply = await line.start(ack_s, limit_s, learner=self.learner, tables=list(range(2, 11)))
        if not reply["ok"]:
            raise RuntimeError(f"refused: {reply}")
        self.waited |= any(name == "started" for name, _ in line.events)
        while True:
            _, say, at_s = await line.expect("say", timeout_s=limit_s)
            if say["expects"] == "answer":
                self.begun_s = at_s - began_s
                return


async def all_begin(url: str, learners: list[int], limit_s: float) -> list[Pupil]:
    pupils, gate = [Pupil(learner) for learner in learners], asyncio.Event()
    tasks = [asyncio.create_task(pupil.begin(url, gate, limit_s)) for pupil in pupils]
    await asyncio.sleep(2)
    gate.set()
    await asyncio.gather(*tasks)
    return pupils


def measure(label: str, url: str, process: psutil.Process, learners: list[int], limit_s: float) -> None:
    cpu_s = cpu_seconds(process)
    pupils = asyncio.run(all_begin(url, learners, limit_s))
    cpu_s = cpu_seconds(process) - cpu_s
    begun = [pupil.begun_s for pupil in pupils if pupil.begun_s is not None]
    first, half, last = np.percentile(begun, [0, 50, 100]) if begun else [float("nan")] * 3
    print(
        f"{label:<6}  begun {len(begun)} of {len(pupils)}; first {first:.2f} s, p50 {half:.2f} s, last {last:.2f} s;"
        f" told to wait {sum(pupil.waited for pupil in pupils)};"
        f" tries at the most {max(pupil.tries for pupil in pupils)};"
        f" server's CPU {cpu_s:.1f} s",
        flush=True,
    )


def snapshots_in(data: Path) -> int:
    engine = open_database(None, data)
    with Session(engine) as session:
        there = session.scalar(select(func.count()).select_from(SnapshotRow)) or 0
    engine.dispose()
    return there


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--answers", type=int, default=10_000, help="of each learner")
    parser.add_argument("--limit", type=float, default=120)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        engine = open_database(None, data)
        learners, _ = fill(engine, arguments.learners, arguments.learners * arguments.answers)
        engine.dispose()
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with serving(url, "--port", str(port), "--data", str(data)) as (server, _):
            process = psutil.Process(server.pid)
            measure("cold", url, process, learners, arguments.limit)
            deadline_s = time.monotonic() + 60
            while snapshots_in(data) < len(learners) and time.monotonic() < deadline_s:
                time.sleep(1)
            print(f"snapshots of {snapshots_in(data)} learners")
            measure("warm", url, process, learners, arguments.limit)


if __name__ == "__main__":
    main()
