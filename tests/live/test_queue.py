"""The message queue on a real Redis or Valkey, and all that can become of one."""

import asyncio
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from bench.learner import Learner
from server.live import queue
from server.live.queue import MessageQueue
from server.settings import SettingsError
from tests.e2e.proxy import Line
from tests.support.programs import NotInstalled, do_without, find_program
from tests.support.redis import running_redis
from tests.support.server import free_port, health, running_server

pytestmark = pytest.mark.gateway
LIMIT_S = 20


@pytest.fixture(autouse=True)
def _needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        find_program("valkey-server", "redis-server", package="redis-server")
    except NotInstalled as missing:
        do_without(missing)
    for name, value in {"PATIENCE_S": 0.5, "SILENCE_S": 2.0, "AGAIN_S": 0.1}.items():
        monkeypatch.setattr(queue, name, value)


@pytest.fixture
def port() -> int:
    return free_port()


class Worker:
    """One process of several: its queue, and what it was told."""

    def __init__(self, port: int, password: str = "") -> None:
        self.told: SimpleQueue[str] = SimpleQueue()
        url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{port}/0"
        self.queue = MessageQueue(url, {"taken": self._take}, in_thread, at_once, at_once)
        self.queue.start()

    def _take(self, text: str) -> None:
        if text == "broken":
            raise RuntimeError("a mistake of ours")
        self.told.put(text)

    def becomes(self, *found: str | None) -> None:
        deadline_s = time.monotonic() + LIMIT_S
        while (now := self.queue.trouble()) not in found:
            assert time.monotonic() < deadline_s, now
            time.sleep(0.05)


def at_once(work: Callable[..., object], *given: object) -> object:
    return work(*given)


def in_thread(task: Callable[..., object], *given: object) -> None:
    threading.Thread(target=task, args=given, daemon=True).start()


@pytest.fixture
def redis(tmp_path: Path, port: int) -> Iterator["object"]:
    with running_redis(tmp_path, port) as process:
        yield process


def test_one_worker_tells_all(redis: object, port: int) -> None:
    ours, theirs = Worker(port), Worker(port)
    ours.becomes(None)
    theirs.becomes(None)
    ours.queue.tell("taken", "a drill")
    assert [worker.told.get(timeout=LIMIT_S) for worker in (ours, theirs)] == 2 * ["a drill"]


@pytest.mark.parametrize("text", ["broken", "", "x" * 100_000, "हत्ती", "\x00\r\n"])
def test_no_message_ends_the_listening(redis: object, port: int, text: str) -> None:
    worker = Worker(port)
    worker.becomes(None)
    worker.queue.tell("taken", text)
    worker.becomes(None)
    worker.queue.tell("taken", "a drill")
    told = {worker.told.get(timeout=LIMIT_S) for _ in range(1 if text == "broken" else 2)}
    assert "a drill" in told


def test_bytes_of_a_stranger_end_nothing(redis: object, port: int) -> None:
    worker = Worker(port)
    worker.becomes(None)
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(b"*3\r\n$7\r\nPUBLISH\r\n$12\r\npaadas:taken\r\n$2\r\n\xff\xfe\r\n")
        assert stranger.recv(100).startswith(b":1")
    worker.queue.tell("taken", "a drill")
    assert "a drill" in (worker.told.get(timeout=LIMIT_S), worker.told.get(timeout=LIMIT_S))


def test_it_goes_away_and_comes_back(tmp_path: Path, port: int) -> None:
    worker = Worker(port)
    worker.becomes("away")
    for _ in range(2):
        with running_redis(tmp_path, port):
            worker.becomes(None)
            worker.queue.tell("taken", "a drill")
            assert worker.told.get(timeout=LIMIT_S) == "a drill"
        worker.becomes("away")
        worker.queue.tell("taken", "nobody hears this")
    with pytest.raises(Empty):
        worker.told.get(timeout=0.2)


def test_one_that_hangs_holds_nobody_up(tmp_path: Path, port: int) -> None:
    with running_redis(tmp_path, port) as process:
        worker = Worker(port)
        worker.becomes(None)
        process.send_signal(signal.SIGSTOP)
        began_s = time.monotonic()
        for _ in range(100):
            worker.queue.tell("taken", "late")
        assert time.monotonic() - began_s < 1
        worker.becomes("away", "silent")
        process.send_signal(signal.SIGCONT)
        worker.becomes(None)
        worker.queue.tell("taken", "a drill")
        while worker.told.get(timeout=LIMIT_S) != "a drill":
            pass


class Router(Line):
    """Forgets the lines that are open, as routers do after a while: whatever is said on them gets nowhere."""

    forgotten: frozenset[socket.socket] = frozenset()

    def forget(self) -> None:
        self.forgotten = frozenset(self._open)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if source not in self.forgotten:
                    target.sendall(data)


def test_lines_that_are_dead_though_nobody_closed_them_are_made_anew(redis: object, port: int) -> None:
    router = Router(("127.0.0.1", port))
    worker = Worker(int(router.url.rpartition(":")[2]))
    worker.becomes(None)
    router.forget()
    worker.becomes("away", "silent")
    worker.becomes(None)
    router.close()


def test_a_wrong_password_is_told_and_a_right_one_is_well(tmp_path: Path, port: int) -> None:
    with running_redis(tmp_path, port, password="right"):
        for password in ("", "wrong"):
            Worker(port, password).becomes("refused")
        Worker(port, "right").becomes(None)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "redis://127.0.0.1:port", "127.0.0.1:6379", "", "redis://:secret/phrase@127.0.0.1:6379"]
)
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="such as redis://") as refused:
        MessageQueue(url, {}, in_thread, at_once, at_once)
    assert "secret" not in str(refused.value)


def test_a_server_goes_on_without_it_and_says_so(tmp_path: Path, port: int, silent_prompts: Path) -> None:
    async def drill() -> None:
        learner = Learner()
        await learner.connect(url)
        assert (await learner.start(tables=[4], questions=3))["ok"]
        await learner.tap_all()
        await learner.socket.disconnect()

    def becomes(found: str, healthy: str) -> None:
        deadline_s = time.monotonic() + LIMIT_S
        while (now := health(url)[1]["queue"]) != found:
            assert time.monotonic() < deadline_s, now
            time.sleep(0.1)
        while f'paadas_healthy{{part="queue"}} {healthy}' not in figures():
            assert time.monotonic() < deadline_s
            time.sleep(0.1)

    def figures() -> str:
        with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:
            return answer.read().decode()

    options = ("--prompts", str(silent_prompts), "--message-queue", f"redis://127.0.0.1:{port}/0")
    with running_server(*options) as url:
        becomes("away", "0.0")
        asyncio.run(drill())
        with running_redis(tmp_path, port) as process:
            becomes("ok", "1.0")
            asyncio.run(drill())
            process.send_signal(signal.SIGSTOP)
            becomes("away", "0.0")
            asyncio.run(drill())
            process.send_signal(signal.SIGCONT)
            becomes("ok", "1.0")
