"""How a class comes back after its workers went away all at once: a mode of `bench.cluster`.

Learners speak an answer in about six seconds. Then all workers are killed (SIGKILL) or drain (SIGTERM), one after the
other kind. Each learner comes back as the page does: after a random time, and again until its drill goes on.
"asked again": from the signal to the next question. "new": drills that did not go on, but began anew.
"""

import asyncio
import random
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from socketio.exceptions import SocketIOError

from bench.common import recordings, right_answers
from bench.learner import AnswerWith
from bench.load import CYCLE_S, Pupil, percentile, wait_for_metric, workers_of
from tests.support.server import running_server

# What happens before the signal: all begin, and each answers twice.
BEGIN_S, BEFORE_S = 120.0, 2 * CYCLE_S
# Each stays a little longer after its line was lost.
FIRST_S = 30.0
# As client/connection.js has it, on the whole.
BACK_S = (1.0, 3.0)
START_S = 20.0
PROCESSES = 2
KINDS = (signal.SIGKILL, signal.SIGTERM)


@dataclass
class Stay:
    """What one learner met. Times in s of the machine's clock."""

    asked_s: list[float] = field(default_factory=list)
    verdicts: list[tuple[float, float]] = field(default_factory=list)
    """When each came, and after how many ms."""
    begun_s: list[float] = field(default_factory=list)
    """When a drill began that did not go on."""


class Returning(Pupil):
    """Notices at once that its line is lost, and keeps the times."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stay = Stay()

    async def expect(self, *names: str, timeout_s: float = 15) -> tuple[str, Any, float]:
        found = await super().expect(*names, timeout_s=timeout_s)
        if found[0] == "say":
            self.stay.asked_s.append(found[2])
        return found

    async def practise_until(self, url: str, end_s: float, answer: AnswerWith, **wanted: Any) -> None:
        is_first = True
        while time.monotonic() < end_s:
            self.forget_events()
            self.left.clear()
            visit = asyncio.create_task(self._visit(url, answer, wanted))
            over = asyncio.create_task(self.left.wait())
            await asyncio.wait({visit, over}, timeout=end_s - time.monotonic(), return_when=asyncio.FIRST_COMPLETED)
            for task in (visit, over):
                task.cancel()
            await asyncio.gather(visit, over, return_exceptions=True)
            await self.socket.disconnect()
            if is_first and self.left.is_set() and self.turns:
                is_first, end_s = False, time.monotonic() + FIRST_S + CYCLE_S
            await asyncio.sleep(random.uniform(*BACK_S))
        self.stay.verdicts = [(turn.verdict_s, turn.latency_ms) for turn in self.turns]

    async def _visit(self, url: str, answer: AnswerWith, wanted: dict[str, Any]) -> None:
        try:
            await self.connect(url)
            reply = await self.start(turn_s=START_S, **wanted)
            if reply["ok"] and not reply["resumed"]:
                self.stay.begun_s.append(time.monotonic())
            while reply["ok"]:
                await self.take_turn(answer)
        except TimeoutError:
            self.lost["time"] += 1
        except SocketIOError:
            self.lost["connection"] += 1


def class_of(url: str, learners: int, end_s: float, language: str) -> list[Stay]:
    """In a process of its own."""
    answer = right_answers(recordings(language, None))

    async def one(number: int) -> Stay:
        await asyncio.sleep(CYCLE_S * number / learners)
        pupil = Returning()
        await pupil.practise_until(url, end_s, answer, language=language, tables=list(range(2, 10)), seed=number)
        return pupil.stay

    async def all_of_them() -> list[Stay]:
        return await asyncio.gather(*map(one, range(learners)))

    return asyncio.run(all_of_them())


def storm(kind: signal.Signals, workers: int, learners: int, language: str, *options: str) -> str:
    """Returns what came of one signal to all workers."""
    shares = [learners // PROCESSES + (number < learners % PROCESSES) for number in range(PROCESSES)]
    with (
        running_server("--workers", str(workers), *options) as url,
        ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool,
    ):
        wait_for_metric(url, "paadas_workers", workers)
        end_s = time.monotonic() + BEGIN_S + BEFORE_S + FIRST_S
        under_way = [pool.submit(class_of, url, share, end_s, language) for share in shares if share]
        wait_for_metric(url, "paadas_sessions", learners, BEGIN_S)
        time.sleep(BEFORE_S)
        struck_s = time.monotonic()
        for worker in workers_of(url):
            worker.send_signal(kind)
        return told(kind, struck_s, [stay for each in under_way for stay in each.result()])


def told(kind: signal.Signals, struck_s: float, stays: list[Stay]) -> str:
    """One line."""
    again = [next((at_s for at_s in stay.asked_s if at_s > struck_s), None) for stay in stays]
    after_ms = [1000 * (at_s - struck_s) for at_s in again if at_s is not None]
    verdicts = [verdict for stay in stays for verdict in stay.verdicts]
    before = [ms for at_s, ms in verdicts if at_s <= struck_s]
    first = [ms for at_s, ms in verdicts if struck_s < at_s <= struck_s + FIRST_S]
    new = sum(at_s > struck_s for stay in stays for at_s in stay.begun_s)
    return (
        f"{kind.name} to all workers of {len(stays)} drills: asked again p50 {percentile(after_ms, 50)}, "
        f"p95 {percentile(after_ms, 95)}, last {percentile(after_ms, 100)} ms; not again: {again.count(None)}; "
        f"new: {new}; verdicts p95 {percentile(before, 95)} ms before, {percentile(first, 95)} ms "
        f"in the first {FIRST_S:.0f} s ({len(first)})"
    )
