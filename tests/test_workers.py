"""Several processes on one port: real ones, and real visitors."""

import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.server import free_port, health, serving

pytestmark = pytest.mark.gateway

WORKERS = 2


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


def test_a_killed_worker_is_started_again_and_the_others_serve_on(tmp_path: Path, silent_prompts: Path) -> None:
    with cluster(tmp_path, silent_prompts) as running:
        before = running.workers()
        assert len(before) == WORKERS
        assert psutil.Process(running.process.pid).memory_info().rss < 60e6, "the supervisor loads too much"
        running.until(lambda: running.metric("paadas_workers") == WORKERS)
        victim = next(iter(before.values()))
        victim.kill()
        psutil.wait_procs([victim], timeout=10)
        assert all(health(running.url)[1] for _ in range(10)), "the other one answers"
        running.until(lambda: len(set(running.workers()) - set(before)) == 1)
        running.until(lambda: running.metric("paadas_workers") == WORKERS)
        assert running.log.read_text().count("was ended by SIGKILL and is started again") == 1


def test_all_stop_together(tmp_path: Path, silent_prompts: Path) -> None:
    with cluster(tmp_path, silent_prompts) as running:
        workers = running.workers()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0
        assert not any(worker.is_running() for worker in workers.values())
        assert "Traceback" not in running.log.read_text() and "ended" not in running.log.read_text()


def test_where_the_supervisor_is_killed_its_workers_end(tmp_path: Path, silent_prompts: Path) -> None:
    with cluster(tmp_path, silent_prompts) as running:
        workers = running.workers()
        running.process.kill()
        psutil.wait_procs(list(workers.values()), timeout=20)
        assert not any(worker.is_running() for worker in workers.values())
