"""How a server stops, and how it closes connections."""

import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.live.serving.connections import GOING_AWAY
from server.live.serving.listening import listen
from server.store.database import FILE_NAME, open_database
from server.store.store import Store
from tests.store.making import a_learner
from tests.support.raw import RawWebSocket
from tests.support.server import ROOT, free_port, running_server, serving

from .playing import run, started, tap

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_and_writes_what_waited(
    tmp_path: Path, silent_prompts: Path, mode: str, ending: signal.Signals
) -> None:
    """A child still practises, and the database has only just become free again."""
    store = Store(open_database(None, tmp_path))
    child = a_learner(store)
    port = free_port()
    options = ("--port", str(port), "--data", str(tmp_path), "--prompts", str(silent_prompts), "--async-mode", mode)
    with (
        serving(f"http://127.0.0.1:{port}", *options) as (process, log),
        closing(sqlite3.connect(tmp_path / FILE_NAME)) as somebody,
    ):

        async def scenario() -> None:
            learner, _ = await started(f"http://127.0.0.1:{port}", tables=[8], learner=child)
            somebody.execute("BEGIN IMMEDIATE")
            await tap(learner)
            somebody.rollback()
            process.send_signal(ending)
            assert process.wait(20) == 0
            await learner.socket.disconnect()

        run(scenario())
        assert "Traceback" not in log.read_text()
    assert len(store.attempts_of(child)) == 1


def test_a_stop_that_loses_answers_says_so(tmp_path: Path, silent_prompts: Path) -> None:
    child = a_learner(Store(open_database(None, tmp_path)))
    port = free_port()
    options = ("--port", str(port), "--data", str(tmp_path), "--prompts", str(silent_prompts))
    with (
        serving(f"http://127.0.0.1:{port}", *options) as (process, log),
        closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as somebody,
    ):

        async def scenario() -> None:
            learner, _ = await started(f"http://127.0.0.1:{port}", tables=[8], learner=child)
            somebody.execute("BEGIN IMMEDIATE")
            await tap(learner)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 1
            await learner.socket.disconnect()

        run(scenario())
        assert "Lost: 2 answers and drills" in log.read_text()


def test_an_idle_connection_is_closed() -> None:
    """Browsers keep several open for minutes, and a tablet that has gone never closes its own."""
    with running_server() as url:
        port = int(url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as idle:
            idle.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in idle.recv(4096)
            while idle.recv(4096):
                pass


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_server_that_stops_says_goodbye(tmp_path: Path, silent_prompts: Path, mode: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--data", str(tmp_path), "--prompts", str(silent_prompts), "--async-mode", mode)
    with serving(url, *options) as (process, _):
        visitor = RawWebSocket(url)
        visitor.connect_socket_io()
        # It has finished its answer to the visitor when it answers another one.
        urllib.request.urlopen(f"{url}/livez", timeout=20).close()
        process.terminate()
        assert visitor.wait_closed() == GOING_AWAY
        visitor.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_of_two_servers_that_start_at_once_on_one_port_one_is_refused(tmp_path: Path, mode: str) -> None:
    port = str(free_port())
    both = [
        subprocess.Popen(
            [sys.executable, "run.py", "--port", port, "--data", str(tmp_path / str(number)), "--async-mode", mode],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for number in range(2)
    ]
    try:
        deadline_s = time.monotonic() + 60
        while (ended := [each for each in both if each.poll() is not None]) == [] and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert len(ended) == 1 and ended[0].stderr and "choose another port" in ended[0].stderr.read()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=60) as answer:
            assert answer.status == 200
    finally:
        for each in both:
            each.kill()
            each.communicate()


def test_a_visitor_before_the_models_are_loaded_waits(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=5) as early:
        early.sendall(b"GET / HTTP/1.0\r\n\r\n")
        let_in, _ = listener.accept()
        assert let_in.recv(3) == b"GET"
        let_in.close()


def test_two_listeners_cannot_share_a_port() -> None:
    with listen("127.0.0.1", 0) as listener, pytest.raises(OSError):
        listen(*listener.getsockname())


@pytest.mark.parametrize("request_line", ["GET / HTTP/1.1", "GET /nothing HTTP/1.1", "POST / HTTP/1.1", "NO SENSE"])
def test_no_answer_names_a_version(url: str, request_line: str) -> None:
    """Neither good answers nor errors help an attacker to look up a known vulnerability."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(f"{request_line}\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    servers = [each for each in head.splitlines() if each.startswith(("server:", "x-powered-by:"))]
    assert not any(letter.isdigit() for each in servers for letter in each)
    assert not any(name in head for name in ("werkzeug", "python", "eventlet"))
