"""Measure how many learners can practise at once: `python -m bench.load [--learners 50 100 200] [--seconds 40]`.

Learners in this process, the real server in another, both on this machine's cores. Every learner hears the real
prompts, sends the room's noise meanwhile where the server is full duplex, and speaks one recorded answer in about six
seconds, in real time. One row of the table for each number of learners. Lost: drills that broke off, and why: a
connection that broke, or could not be made; an answer without a verdict for 25 s, or a question that did not come
within 15 s ("time"). Such a learner comes back, as the page does. Refused: learners who were told that the server is
busy.
"""

import argparse
import asyncio
import re
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from socketio.exceptions import SocketIOError

from bench.common import recordings, right_answers
from bench.learner import AnswerWith, Learner, Turn
from tests.support.server import running_server

CYCLE_S = 6.0
BACK_S = 1.0
COLUMNS = (
    "learners",
    "answers",
    "p50 ms",
    "p95 ms",
    "own p95",
    "lag p99",
    "cores",
    "own cores",
    "MB",
    "MB each",
    "lost",
    "refused",
    "duplex",
    "verdicts",
    "errors",
)
WIDTHS = (8, 7, 6, 6, 7, 7, 5, 9, 5, 7, 5, 7, 6, 0, 0)


class Pupil(Learner):
    """A learner who takes six seconds for a question: hears the prompt, thinks, answers."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.lost: Counter[str] = Counter()
        self.refused = 0

    async def practise_until(self, url: str, end_s: float, answer: AnswerWith, **wanted: Any) -> None:
        """Practise until `end_s`. Every failure counts as lost, and the drill is resumed."""
        while time.monotonic() < end_s:
            try:
                self.forget_events()
                await self.connect(url)
                is_in = (await self.start(**wanted))["ok"]
                self.refused += not is_in
                while is_in and time.monotonic() < end_s:
                    await self.take_turn(answer)
            except TimeoutError:
                self.lost["time"] += 1
            except SocketIOError:
                self.lost["connection"] += 1
            await self.socket.disconnect()
            if time.monotonic() < end_s:
                await asyncio.sleep(BACK_S)

    async def take_turn(self, answer: AnswerWith) -> None:
        _, say, _ = await self.expect("say")
        left, right = say["show"]["left"], say["show"]["right"]
        samples = answer(left, right)
        assert samples is not None
        spare_ms = 1000 * CYCLE_S - say["gap_ms"] - say["duration_ms"] - len(samples) / 16 - 500
        self.thinks_ms = round(max(300, spare_ms))
        await self.answer(left, right, samples, say)


async def practise(
    url: str, who: Sequence[int | None], seconds: float, answer: AnswerWith, language: str
) -> list[Pupil]:
    """Run a drill for each learner, by id, and for each guest."""
    pupils = [Pupil() for _ in who]
    end_s = time.monotonic() + seconds

    async def one(number: int, pupil: Pupil) -> None:
        # The starts are spread over one cycle.
        await asyncio.sleep(CYCLE_S * number / len(who))
        await pupil.practise_until(
            url, end_s, answer, language=language, tables=list(range(2, 10)), seed=number, learner=who[number]
        )

    await asyncio.gather(*(one(number, pupil) for number, pupil in enumerate(pupils)))
    return pupils


@dataclass
class Use:
    """Use of the machine during a run."""

    lag_p99_ms: float
    """Delay of the server's event loop."""
    server_cores: float
    """Cores that the server kept busy."""
    own_cores: float
    """Cores that the learners kept busy."""
    server_mb: float
    """The server's memory."""
    more_mb: float
    """Its growth during the run."""


def server_process(url: str) -> psutil.Process:
    port = url.rsplit(":", 1)[1]
    return next(
        process
        for process in psutil.process_iter(["cmdline"])
        if (line := process.info["cmdline"] or []) and "run.py" in line and port in line
    )


def workers_of(url: str) -> list[psutil.Process]:
    """The processes that serve there: a supervisor's children, or the server itself."""
    server = server_process(url)
    children = [each for each in server.children() if "server.worker" in " ".join(each.cmdline())]
    return children or [server]


def wait_for_metric(url: str, name: str, value: int, limit_s: float = 60) -> None:
    """Wait until a figure of `/metrics` has this value. Raises TimeoutError."""
    deadline_s = time.monotonic() + limit_s
    while True:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            if f"{name} {float(value)}" in answer.read().decode():
                return
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{name} is not {value}")
        time.sleep(0.2)


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def loop_lag(url: str) -> Counter[float]:
    """Return the cumulative histogram of the server's loop lag: upper bound in seconds -> count so far."""
    text = urllib.request.urlopen(f"{url}/metrics", timeout=10).read().decode()
    return Counter(
        {
            float(bound): int(float(count))
            for bound, count in re.findall(r'paadas_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
        }
    )


def percentile_bound(before: Counter[float], after: Counter[float], share: float) -> float:
    """Return the smallest bound, in ms, below which `share` of the lags of this run lie."""
    counts = {bound: after[bound] - before[bound] for bound in after}
    total = max(counts.values())
    return min(bound for bound, count in counts.items() if count >= share * total) * 1000


def run(url: str, learners: int, seconds: float, answer: AnswerWith, language: str) -> tuple[list[Pupil], Use]:
    process, own = server_process(url), psutil.Process()
    base_mb, cpu_s, lag = process.memory_info().rss / 1e6, cpu_seconds(process), loop_lag(url)
    own_s, began_s = cpu_seconds(own), time.monotonic()
    pupils = asyncio.run(practise(url, [None] * learners, seconds, answer, language))
    wall_s = time.monotonic() - began_s
    server_mb = process.memory_info().rss / 1e6
    return pupils, Use(
        percentile_bound(lag, loop_lag(url), 0.99),
        (cpu_seconds(process) - cpu_s) / wall_s,
        (cpu_seconds(own) - own_s) / wall_s,
        server_mb,
        server_mb - base_mb,
    )


def row(pupils: Sequence[Pupil], use: Use) -> tuple[str, ...]:
    """Return the cells of COLUMNS; "-" for a percentile of nothing."""
    turns: list[Turn] = [turn for pupil in pupils for turn in pupil.turns]
    verdicts = [turn.verdict for turn in turns if turn.verdict]
    latencies_ms = [turn.latency_ms for turn in turns]
    errors = Counter(payload["code"] for pupil in pupils for name, payload in pupil.events if name == "error")
    duplex = Counter("full" if pupil.is_full_duplex else "half" for pupil in pupils)
    return (
        str(len(pupils)),
        str(len(turns)),
        percentile(latencies_ms, 50),
        percentile(latencies_ms, 95),
        percentile([verdict["server_ms"] for verdict in verdicts], 95),
        f"{use.lag_p99_ms:.0f}",
        f"{use.server_cores:.2f}",
        f"{use.own_cores:.2f}",
        f"{use.server_mb:.0f}",
        f"{use.more_mb / len(pupils):.2f}",
        counts(sum((pupil.lost for pupil in pupils), Counter())),
        str(sum(pupil.refused for pupil in pupils)),
        "/".join(sorted(duplex)),
        counts(Counter(verdict["verdict"] for verdict in verdicts)),
        counts(errors),
    )


def percentile(values: Sequence[float], share: float) -> str:
    return f"{np.percentile(values, share):.0f}" if values else "-"


def counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "-"


def line(cells: Sequence[str]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--language", default="en")
    parser.add_argument("--answers", type=Path, help="folder of wavs named by their number; default: the prompt voice")
    arguments = parser.parse_args()
    answer = right_answers(recordings(arguments.language, arguments.answers))
    print(line(COLUMNS), flush=True)
    for learners in arguments.learners:
        with running_server() as url:
            print(line(row(*run(url, learners, arguments.seconds, answer, arguments.language))), flush=True)


if __name__ == "__main__":
    main()
