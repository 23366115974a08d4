"""Measure what a slow disk costs learners: `python -m bench.slow_disk [--commit-ms 0 100 400] [--learners 20]`.

A class of learners, whose answers are stored, speak one recorded answer in about six seconds, in real time. The real
server runs in another process, in which every commit first sleeps for --commit-ms. One row for each: from the last
voice to the verdict.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from bench.common import recordings, right_answers
from bench.learner import AnswerWith
from bench.load import percentile, practise
from server.cli import main as serve
from server.clock import utc_ms
from server.store.database import open_database
from server.store.store import Store
from tests.support.server import free_port, serving

SERVE = "--serve"


def serve_slowly(commit_ms: float, options: Sequence[str]) -> None:
    """Run the server with these options; every writing transaction sleeps before its commit."""

    @event.listens_for(Engine, "commit")
    def commit(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            time.sleep(commit_ms / 1000)

    serve(list(options))


def measure(commit_ms: float, learners: int, seconds: float, answer: AnswerWith, language: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder), free_port()
        store = Store(open_database(None, data))
        who = [store.add_learner(f"Child {n}", "star", language, utc_ms()).id for n in range(learners)]
        url, program = f"http://127.0.0.1:{port}", (sys.executable, "-m", "bench.slow_disk", SERVE, str(commit_ms))
        with serving(url, "--port", str(port), "--data", folder, program=program):
            pupils = asyncio.run(practise(url, who, seconds, answer, language))
        turns = [turn for pupil in pupils for turn in pupil.turns]
        told = [turn.verdict["verdict"] for turn in turns if turn.verdict]
        kept = sum(len(store.attempts_of(learner)) for learner in who)
        latencies_ms = [turn.latency_ms for turn in turns if turn.verdict]
        return (
            f"{commit_ms:9.0f}  {len(told):7}  {kept:4}  {percentile(latencies_ms, 50):>6}  "
            f"{percentile(latencies_ms, 95):>6}  {sum(pupil.lost.total() for pupil in pupils):4}  {dict(Counter(told))}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commit-ms", type=float, nargs="+", default=[0, 100, 400])
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--language", default="en")
    arguments = parser.parse_args()
    answer = right_answers(recordings(arguments.language, None))
    print("commit ms  answers  kept  p50 ms  p95 ms  lost  verdicts", flush=True)
    for commit_ms in arguments.commit_ms:
        print(measure(commit_ms, arguments.learners, arguments.seconds, answer, arguments.language), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == [SERVE]:
        serve_slowly(float(sys.argv[2]), sys.argv[3:])
    else:
        main()
