"""Several processes on one port: real ones, and real visitors."""

import asyncio
import signal
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import socketio

from bench.cluster import Tally, come
from bench.drops import cut
from bench.learner import Learner
from server import worker
from server.store.database import FILE_NAME, open_database
from server.store.store import Store
from tests.live.playing import tap
from tests.store.making import a_learner
from tests.support.lan import running_lan_server
from tests.support.manager import ALIVE, Manager
from tests.support.server import ROOT, free_port, health, serving

pytestmark = pytest.mark.gateway

WORKERS = 2
WISH = {"tables": [3], "questions": 5}


class Cluster:
    """A running supervisor."""

    def __init__(self, url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.url, self.process, self.log = url, process, log

    def workers(self) -> dict[int, psutil.Process]:
        """By process id."""
        return {child.pid: child for child in psutil.Process(self.process.pid).children()}

    def metric(self, name: str) -> float | None:
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(f"{name} ")), None)

    def until(self, is_so: Callable[[], Any], limit_s: float = 60) -> None:
        deadline_s = time.monotonic() + limit_s
        while not is_so():
            assert time.monotonic() < deadline_s and self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def until_whole(self) -> None:
        self.until(lambda: "is ready" in self.log.read_text())


@contextmanager
def cluster(data: Path, prompts: Path, *options: str, workers: int = WORKERS) -> Iterator[Cluster]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    given = ("--port", str(port), "--data", str(data), "--prompts", str(prompts), "--workers", str(workers), *options)
    with serving(url, *given) as (process, log):
        running = Cluster(url, process, log)
        running.until_whole()
        children = running.workers()
        try:
            yield running
        finally:
            for child in {**children, **(running.workers() if process.poll() is None else {})}.values():
                if child.is_running():
                    child.kill()


def test_a_killed_worker_is_started_again_and_all_stop_together(
    tmp_path: Path, silent_prompts: Path, manager: Manager
) -> None:
    with cluster(tmp_path / "data", silent_prompts) as running:
        assert manager.hears(10) == ALIVE
        before = running.workers()
        assert len(before) == WORKERS
        assert psutil.Process(running.process.pid).memory_info().rss < 60e6, "the supervisor loads too much"
        running.until(lambda: running.metric("paadas_workers") == WORKERS)
        victim = next(iter(before.values()))
        victim.kill()
        psutil.wait_procs([victim], timeout=10)
        assert all(health(running.url)[1] for _ in range(10)), "the other one answers"
        running.until(lambda: len(set(running.workers()) - set(before)) == 1)
        # Its successor, too, and before it could serve: the next one waits a little.
        (successor,) = set(running.workers()) - set(before)
        running.workers()[successor].kill()
        running.until(lambda: "is started again in 1 s" in running.log.read_text())
        running.until(lambda: len(running.workers()) == WORKERS)
        running.until(lambda: running.metric("paadas_workers") == WORKERS)
        each_store = [f'paadas_healthy{{part="store",worker="{number}"}}' for number in (1, 2)]
        running.until(lambda: [running.metric(name) for name in each_store] == [1, 1])
        assert running.log.read_text().count("was ended by SIGKILL and is started again") == 2
        manager.forget()
        assert manager.hears(5) == ALIVE
        workers = running.workers()
        # As systemd does without KillMode=mixed: the workers hear of it twice.
        for process in (psutil.Process(running.process.pid), *workers.values()):
            process.terminate()
        while (heard := manager.hears(5)) == ALIVE:
            pass
        assert heard == "STOPPING=1"
        assert running.process.wait(20) == 0
        assert not any(worker.is_running() for worker in workers.values())
        assert "Traceback" not in running.log.read_text() and "ended with" not in running.log.read_text()


@pytest.mark.parametrize("is_nohup", [False, True])
def test_the_end_of_the_terminal_stops_a_server_but_with_nohup(is_nohup: bool) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if is_nohup else signal.SIG_DFL)
    try:
        assert (signal.SIGHUP in worker.stopping()) is not is_nohup
    finally:
        signal.signal(signal.SIGHUP, before)


def test_they_stop_where_one_cannot_begin(tmp_path: Path, silent_prompts: Path) -> None:
    """It says why, once for all of them."""
    missing = ("--numbers-model", str(tmp_path / "no.onnx"))
    command = [sys.executable, "run.py", "--workers", "3", "--port", str(free_port()), "--data", str(tmp_path)]
    ended = subprocess.run([*command, *missing], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.count("no numbers network") == 1 and "Traceback" not in ended.stderr


def test_a_drill_stays_with_its_worker_while_that_one_holds_answers(tmp_path: Path, silent_prompts: Path) -> None:
    """The database is locked: verdicts are given, answers wait. Whoever comes to the other worker waits as well."""

    async def answer_and_leave(page: Learner) -> None:
        assert (await tap(page))["score"]["total"] == 1
        await cut(page)

    async def scenario(url: str) -> None:
        pages = [await come(url, None, WISH | {"seed": seed}, tally) for seed in range(4)]
        tokens = [page.token for page, _ in pages]
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.gather(*(answer_and_leave(page) for page, _ in pages))
            back = [asyncio.create_task(come(url, token, WISH, tally)) for token in tokens]
            await asyncio.sleep(1)
            other.execute("ROLLBACK")
        for page, resumed in await asyncio.gather(*back):
            _, say, _ = await page.expect("say")
            assert resumed and say["score"] == {"correct": 1, "total": 1}
            await page.socket.disconnect()

    tally = Tally()
    with cluster(tmp_path, silent_prompts) as running:
        asyncio.run(scenario(running.url))


async def practise_until(is_over: Callable[[], bool], url: str, learner: int) -> tuple[int, int]:
    """Answers right by touch, and comes back with its token each time that it is sent away, as the page does.

    Returns how many answers counted, and how often it came back.
    """
    token, returns = None, -1
    while True:
        page = Learner()
        try:
            await page.connect(url)
            reply = await page.start(tables=list(range(2, 11)), learner=learner, token=token, ack_s=5)
            assert reply["ok"] and reply["resumed"] is (token is not None)
            token, returns = reply["token"], returns + 1
            while page.socket.connected:
                with suppress(TimeoutError):
                    name, said, _ = await page.expect("say", "finished", timeout_s=1)
                    if name == "finished":
                        await page.socket.disconnect()
                        return said["score"]["correct"], returns
                    await asyncio.sleep(0.1)
                    if is_over():
                        await page.socket.emit("command", {"name": "stop"})
                    else:
                        answer = said["show"]["left"] * said["show"]["right"]
                        await page.socket.emit("tap", {"answer": answer, "say": said["id"]})
        except (TimeoutError, socketio.exceptions.SocketIOError):
            await page.socket.disconnect()
        await asyncio.sleep(0.1)


def test_workers_are_renewed_one_after_the_other_and_no_answer_is_lost(tmp_path: Path, silent_prompts: Path) -> None:
    with cluster(tmp_path, silent_prompts) as running:
        before = running.workers()
        store = Store(open_database(None, tmp_path))
        children = [a_learner(store, f"child {number}") for number in range(6)]
        running.process.send_signal(signal.SIGHUP)

        def is_over() -> bool:
            return "all workers are renewed" in running.log.read_text()

        async def scenario() -> list[tuple[int, int]]:
            async with asyncio.timeout(120):
                return await asyncio.gather(*(practise_until(is_over, running.url, child) for child in children))

        played = asyncio.run(scenario())
        assert not set(before) & set(running.workers()) and len(running.workers()) == WORKERS
        assert all(returns >= 1 for _, returns in played), played
        kept = [store.attempts_of(child) for child in children]
        assert [len(each) for each in kept] == [counted for counted, _ in played]
        assert all(attempt.verdict == "correct" for each in kept for attempt in each)
        assert "is started again" not in running.log.read_text()


def test_a_successor_that_cannot_begin_changes_nothing_and_no_worker_outlives_its_supervisor(
    tmp_path: Path, silent_prompts: Path
) -> None:
    model = tmp_path / "numbers.onnx"
    model.write_bytes((ROOT / "server" / "asr" / "numbers" / "numbers.onnx").read_bytes())
    with cluster(tmp_path / "data", silent_prompts, "--numbers-model", str(model)) as running:
        before = running.workers()
        model.unlink()
        running.process.send_signal(signal.SIGHUP)
        running.until(lambda: "cannot be renewed" in running.log.read_text())
        assert set(running.workers()) == set(before)
        assert health(running.url)[0] == 200
        running.process.kill()
        psutil.wait_procs(list(before.values()), timeout=20)
        assert not any(worker.is_running() for worker in before.values())


def fetched(url: str, context: ssl.SSLContext | None = None) -> bytes:
    with urllib.request.urlopen(url, timeout=10, context=context) as answer:
        return bytes(answer.read())


def test_a_classroom_has_one_authority_whichever_worker_answers(tmp_path: Path, silent_prompts: Path) -> None:
    options = ("--workers", "3", "--async-mode", "threading", "--prompts", str(silent_prompts))
    with running_lan_server(tmp_path, *options) as lan:
        trusting, deadline_s = lan.trusting(), time.monotonic() + 60
        while b"paadas_workers 3.0" not in fetched(f"{lan.practice}/metrics", trusting):
            assert time.monotonic() < deadline_s, lan.log.read_text()
            time.sleep(0.1)
        for _ in range(12):
            assert fetched(f"{lan.practice}/livez", trusting) and fetched(lan.guide)
        said = lan.log.read_text()
        assert said.count("an authority was made") == 1 and said.count("Paadas is ready") == 1
        assert said.count("the code") == 1
