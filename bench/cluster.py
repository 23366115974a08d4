"""What several workers carry, and whether an answer is lost when they are killed: `python -m bench.cluster`.

First the load: learners in processes of their own, who speak one recorded answer in about six seconds, with each number
of workers and of learners. "drills a core": learners for each core that the server used, where p95 is within 450 ms.
"MB a worker": its share of the memory (PSS). "spread": the fewest and the most drills that one worker had.

Then the chaos: learners tap right answers as fast as the drill goes, and cut their line now and then; meanwhile workers
are killed (SIGKILL) and, with `--database postgresql`, PostgreSQL crashes and the message queue is killed. In the end
each drill must have exactly as many right answers as it had questions, and no verdict may be taken back. "resume": from
the loss of a line to the question's being asked again.

With `--storm 150`, last: so many learners lose all workers at once, see `bench.storm`.
"""

import argparse
import asyncio
import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from socketio.exceptions import SocketIOError

from bench.common import quiet_server, recordings, right_answers
from bench.drops import cut
from bench.learner import Learner
from bench.load import cpu_seconds, percentile, practise, wait_for_metric, workers_of
from bench.storm import KINDS, storm
from tests.support.postgres import postgres_programs, running_postgres
from tests.support.redis import running_redis
from tests.support.server import ROOT, free_port, running_server

COLUMNS = {
    "workers": 7,
    "learners": 8,
    "answers": 7,
    "p50 ms": 6,
    "p95 ms": 6,
    "cores": 5,
    "drills a core": 13,
    "MB a worker": 11,
    "lost": 4,
    "spread": 10,
}
SLOWEST_P95_MS = 450
LEARNER_PROCESSES = 2
# Every address may begin so many drills a minute only where there is room for many: here all come from one.
ROOM = ("--max-sessions", "10000")
QUESTIONS = 100
AT_ONCE = 20
AGAIN_S = 0.5
CHAOS_EVERY_S = 15.0
QUEUE_AWAY_S = 3.0


# The load


@dataclass
class Crowd:
    """What some learners met."""

    began_s: float
    ended_s: float
    latencies_ms: list[float]
    lost: int
    errors: Counter[str]

    def join(self, other: "Crowd") -> None:
        self.began_s, self.ended_s = max(self.began_s, other.began_s), min(self.ended_s, other.ended_s)
        self.latencies_ms += other.latencies_ms
        self.lost += other.lost
        self.errors += other.errors


def crowd(url: str, learners: int, seconds: float, language: str) -> Crowd:
    """In a process of its own."""
    answer = right_answers(recordings(language, None))
    began_s = time.monotonic()
    pupils = asyncio.run(practise(url, [None] * learners, seconds, answer, language))
    codes = [payload["code"] for pupil in pupils for name, payload in pupil.events if name == "error"]
    return Crowd(
        began_s,
        time.monotonic(),
        [turn.latency_ms for pupil in pupils for turn in pupil.turns],
        sum(pupil.lost.total() for pupil in pupils),
        Counter(codes),
    )


@dataclass
class Sample:
    """How much of the machine the workers have taken so far, and how many drills each has."""

    at_s: float
    cpu_s: float
    drills: list[int]


def load(workers: int, learners: int, seconds: float, language: str) -> tuple[str, ...]:
    """The cells of COLUMNS."""
    samples: list[Sample] = []
    shares = [learners // LEARNER_PROCESSES] * LEARNER_PROCESSES
    shares[0] += learners % LEARNER_PROCESSES
    with (
        running_server("--workers", str(workers), *ROOM) as url,
        ProcessPoolExecutor(LEARNER_PROCESSES, get_context("spawn")) as pool,
    ):
        wait_for_metric(url, "paadas_workers", workers)
        processes = workers_of(url)
        under_way = [pool.submit(crowd, url, share, seconds, language) for share in shares]
        while not all(each.done() for each in under_way):
            drills = [len(drills_of(process, url)) for process in processes]
            samples.append(Sample(time.monotonic(), sum(map(cpu_seconds, processes)), drills))
            time.sleep(0.5)
        met, *others = [each.result() for each in under_way]
        for other in others:
            met.join(other)
        mb = sum(process.memory_full_info().pss for process in processes) / len(processes) / 1e6
    during = [each for each in samples if met.began_s <= each.at_s <= met.ended_s]
    cores = (during[-1].cpu_s - during[0].cpu_s) / (during[-1].at_s - during[0].at_s)
    most = max((each.drills for each in during), key=sum)
    p95 = percentile(met.latencies_ms, 95)
    is_fast = p95 != "-" and float(p95) <= SLOWEST_P95_MS
    if met.errors:
        print(f"errors: {dict(met.errors)}", file=sys.stderr)
    return (
        str(workers),
        str(learners),
        str(len(met.latencies_ms)),
        percentile(met.latencies_ms, 50),
        p95,
        f"{cores:.2f}",
        f"{learners / cores:.0f}" if is_fast else "too slow",
        f"{mb:.0f}",
        str(met.lost),
        f"{min(most)} to {max(most)}",
    )


def drills_of(process: psutil.Process, url: str) -> list[Any]:
    """The connections that a worker has with learners."""
    port = int(url.rsplit(":", 1)[1])
    return [each for each in process.net_connections("tcp") if each.status == "ESTABLISHED" and each.laddr.port == port]


# The chaos


class Survivor(Learner):
    """Reads that its line is lost among its events."""

    def _lose(self) -> None:
        super()._lose()
        self._inbox.put_nowait(("gone", None, time.monotonic()))


@dataclass
class Tally:
    """What came of the drills."""

    drills: int = 0
    turns: int = 0
    drops: int = 0
    gone: int = 0
    stalled: int = 0
    """Lines on which nothing came for 30 s."""
    notices: Counter[str] = field(default_factory=Counter)
    """Codes of `error` that came during drills."""
    turned_away: int = 0
    """Lines that were told `taken_over`, though nobody else had the drill."""
    refused: Counter[str] = field(default_factory=Counter)
    astray: int = 0
    """By how much the scores in the end miss the questions."""
    taken_back: int = 0
    """Verdicts that were heard, and whose answers were not there any more."""
    in_trouble: int = 0
    """The same of drills whose page was told that the database is in trouble: their answers waited in a worker."""
    unseen: int = 0
    """Drills whose last verdict was there while the line was not."""
    resumed_s: list[float] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    """What was done to the server."""


async def come(url: str, token: str | None, wanted: dict[str, Any], tally: Tally) -> tuple[Survivor, bool]:
    """A learner whose drill has begun, or goes on; whether it goes on. Tries until it does."""
    while True:
        learner = Survivor()
        try:
            await learner.connect(url)
            reply = await learner.start(token=token, turn_s=3, **wanted)
        except (TimeoutError, SocketIOError):
            reply = {"ok": False, "code": "no_answer"}
        if reply["ok"]:
            return learner, reply["resumed"]
        tally.refused[reply.get("code", "-")] += 1
        await learner.socket.disconnect()
        await asyncio.sleep(AGAIN_S * random.uniform(0.5, 1.5))


async def drill(url: str, drop: float, seed: int, tally: Tally) -> None:
    """One drill of QUESTIONS questions."""
    chance = random.Random(seed)
    wanted: dict[str, Any] = {"tables": [2, 3, 4, 5], "questions": QUESTIONS, "seed": seed}
    learner, _ = await come(url, None, wanted, tally)
    token, heard, lost_at_s, was_told = learner.token, 0, 0.0, False
    tally.drills += 1

    def count(astray: int) -> None:
        tally.in_trouble += astray if was_told else 0
        tally.astray += 0 if was_told else astray

    while True:
        try:
            name, payload, at_s = await learner.expect("say", "verdict", "finished", "error", "gone", timeout_s=30)
        except TimeoutError:
            tally.stalled += 1
            name, payload, at_s = "gone", None, time.monotonic()
        if name == "error":
            tally.notices[payload["code"]] += 1
            was_told = was_told or payload["code"].startswith("store_")
            if payload["code"] == "taken_over":
                tally.turned_away += 1
                name = "gone"
        if name == "finished":
            score = payload["score"]
            count(abs(score["correct"] - QUESTIONS) + abs(score["total"] - QUESTIONS))
            if score != {"correct": QUESTIONS, "total": QUESTIONS}:
                print(f"astray: {score}", file=sys.stderr)
            await learner.socket.disconnect()
            return
        if name == "verdict":
            is_taken_back = payload["score"]["total"] <= heard
            tally.in_trouble += is_taken_back and was_told
            tally.taken_back += is_taken_back and not was_told
            heard = payload["score"]["total"]
        if name == "say" and lost_at_s:
            tally.resumed_s.append(at_s - lost_at_s)
            lost_at_s = 0.0
        is_dropped = False
        if name == "say" and payload["expects"] == "answer":
            tally.turns += 1
            is_dropped = chance.random() < drop
            with suppress(SocketIOError):
                if not is_dropped or chance.random() < 0.5:
                    answer = payload["show"]["left"] * payload["show"]["right"]
                    # As the page does: a tap on what was asked before does not count.
                    await learner.socket.emit("tap", {"answer": answer, "say": payload["id"]})
                    # Sometimes the cut comes before the tap has left, sometimes after.
                    await asyncio.sleep(0)
        if is_dropped or name == "gone":
            tally.drops += is_dropped
            tally.gone += not is_dropped
            lost_at_s = time.monotonic()
            with suppress(Exception):
                await cut(learner)
            learner, resumed = await come(url, token, wanted, tally)
            if not resumed:
                # Its end was reached while nobody was there to hear of it; or it is lost.
                tally.unseen += heard >= QUESTIONS - 1
                count(QUESTIONS if heard < QUESTIONS - 1 else 0)
                await learner.socket.disconnect()
                return


async def class_of(url: str, drop: float, seconds: float, tally: Tally) -> None:
    end_s, seeds = time.monotonic() + seconds, iter(range(10**9))

    async def one() -> None:
        while time.monotonic() < end_s:
            await drill(url, drop, next(seeds), tally)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))


class Queue:
    """A message queue that can be killed and comes back."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder, self._port = Path(stack.enter_context(tempfile.TemporaryDirectory())), free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._start()

    def _start(self) -> None:
        self._process = self._stack.enter_context(running_redis(self._folder, self._port))

    def kill(self) -> None:
        self._process.kill()
        time.sleep(QUEUE_AWAY_S)
        self._start()


def kill_worker(url: str) -> None:
    """One of those that there are, but never the last."""
    workers = workers_of(url)
    if len(workers) > 1:
        random.choice(workers).kill()


def crash_database(port: int) -> None:
    """Kill one of our PostgreSQL's processes: it drops all connections, and recovers as after a crash."""
    for server in psutil.process_iter(["name", "cmdline"]):
        if server.info["name"] == "postgres" and f"port={port}" in (server.info["cmdline"] or []):
            backends = [each for each in server.children() if "127.0.0.1" in " ".join(each.cmdline())]
            random.choice(backends).kill()
            return


async def break_things(actions: dict[str, Callable[[], None]], seconds: float, tally: Tally) -> None:
    """One thing after the other, and a worker each second time. Each is over before the next."""
    end_s = time.monotonic() + seconds
    others = [kind for kind in actions if kind != "worker"] or ["worker"]
    kinds = itertools.cycle(kind for other in others for kind in ("worker", other))
    while time.monotonic() + CHAOS_EVERY_S < end_s:
        await asyncio.sleep(CHAOS_EVERY_S * random.uniform(0.6, 1.0))
        kind = next(kinds)
        await asyncio.to_thread(actions[kind])
        tally.done[kind] += 1


def chaos(workers: int, minutes: float, drop: float, database: str) -> Tally:
    tally, seconds = Tally(), minutes * 60
    actions: dict[str, Callable[[], None]] = {}
    options = ["--workers", str(workers), *ROOM]
    with ExitStack() as stack:
        if database == "postgresql":
            programs = postgres_programs()
            if programs is None:
                raise SystemExit("PostgreSQL is not installed: apt install postgresql")
            postgres = f"{stack.enter_context(running_postgres(programs))}postgres"
            subprocess.run([sys.executable, "run.py", "--database", postgres, "migrate"], cwd=ROOT, check=True)
            queue = Queue(stack)
            options += ["--database", postgres, "--message-queue", queue.url]
            actions |= {"queue": queue.kill, "database": partial(crash_database, urlsplit(postgres).port or 0)}
        url = stack.enter_context(quiet_server(*options))
        wait_for_metric(url, "paadas_workers", workers)
        actions["worker"] = partial(kill_worker, url)

        async def both() -> None:
            await asyncio.gather(class_of(url, drop, seconds, tally), break_things(actions, seconds, tally))

        asyncio.run(both())
    return tally


def told(tally: Tally, database: str) -> str:
    resumed_ms = [1000 * each for each in tally.resumed_s]
    return (
        f"chaos on {database}: {tally.turns} turns in {tally.drills} drills; killed: {dict(tally.done)}; "
        f"lines cut: {tally.drops}, lost by kills: {tally.gone}\n"
        f"answers lost or counted twice: {tally.astray}; verdicts taken back: {tally.taken_back}; "
        f"of drills that were told of trouble: {tally.in_trouble}; "
        f"stalled: {tally.stalled}; turned away: {tally.turned_away}; ends not seen: {tally.unseen}\n"
        f"resume: p50 {percentile(resumed_ms, 50)} ms, p95 {percentile(resumed_ms, 95)} ms; "
        f"refused meanwhile: {dict(tally.refused)}; told: {dict(tally.notices)}"
    )


def line(cells: Sequence[str]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, COLUMNS.values(), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--learners", type=int, nargs="+", default=[60, 120])
    parser.add_argument("--seconds", type=float, default=24)
    parser.add_argument("--language", default="en")
    parser.add_argument("--chaos-minutes", type=float, default=1)
    parser.add_argument("--chaos-workers", type=int, default=3, help="of the chaos and of the storm")
    parser.add_argument("--storm", type=int, default=0, metavar="LEARNERS")
    parser.add_argument("--drop", type=float, default=0.05)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite", help="of the chaos")
    arguments = parser.parse_args()
    if arguments.workers:
        print(line(list(COLUMNS)), flush=True)
    for workers in arguments.workers:
        for learners in arguments.learners:
            print(line(load(workers, learners, arguments.seconds, arguments.language)), flush=True)
    if arguments.chaos_minutes:
        tally = chaos(arguments.chaos_workers, arguments.chaos_minutes, arguments.drop, arguments.database)
        print(told(tally, arguments.database), flush=True)
    for kind in KINDS if arguments.storm else ():
        print(storm(kind, arguments.chaos_workers, arguments.storm, arguments.language, *ROOM), flush=True)


if __name__ == "__main__":
    main()
