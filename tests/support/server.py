"""The real server, in a process of its own."""

import json
import os
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.store.database import open_database
from server.store.store import Store
from server.web.teacher.access import first_code

ROOT = Path(__file__).parents[2]


def teacher_code(data: Path) -> str:
    """What the server with this data folder asks whoever sets the first passphrase."""
    code = first_code(Store(open_database(None, data)))
    assert code, "the passphrase is set"
    return code


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(*options: str, port: int | None = None, most_files: int | None = None) -> Iterator[str]:
    """Start `run.py` with `options` on a free port, wait until it is healthy, yield its address, and stop it.

    most_files: how many files the server may have open; None: as many as this process.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), *options)
    with tempfile.TemporaryDirectory() as data, serving(url, "--data", data, *options, most_files=most_files):
        yield url


@contextmanager
def running(url: str, *options: str) -> Iterator[Path]:
    """The same with `options` alone, which make it serve at `url`; yields the file with what it says."""
    with serving(url, *options) as (_, log):
        yield log


@contextmanager
def serving(url: str, *options: str, most_files: int | None = None) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The same; yields its process as well. Its end is as rough as a power cut."""
    limit_files = None if most_files is None else lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w+") as log:
        command = [sys.executable, "run.py", *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"},
                                   preexec_fn=limit_files)
        try:
            _wait_until_healthy(url, process, Path(log.name))
            yield process, Path(log.name)
        finally:
            process.kill()
            process.wait(10)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path, limit_s: float = 60) -> None:
    deadline_s = time.monotonic() + limit_s
    # Whether its certificate is trusted is for the tests to find out.
    unchecked = ssl._create_unverified_context()
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5, context=unchecked) as answer:
                assert json.load(answer)["status"] == "ok"
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")
