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
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from server.store.database import open_database
from server.store.store import Store
from server.web.teacher.access import first_code

ROOT = Path(__file__).parents[2]
# The first port depends on the process's id: other processes run tests, too.
FIRST_PORT, LAST_PORT = 10_000, 32_000
_ports = (
    FIRST_PORT + (997 * os.getpid() + number) % (LAST_PORT - FIRST_PORT) for number in range(LAST_PORT - FIRST_PORT)
)


def teacher_code(data: Path) -> str:
    """Return the code that the server with this data folder asks for the first passphrase."""
    code = first_code(Store(open_database(None, data)))
    assert code, "the passphrase is set"
    return code


def free_port() -> int:
    """Return a free port, never given before, outside the range of client ports: it stays free."""
    for port in _ports:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


@contextmanager
def running_server(*options: str, port: int | None = None, most_files: int | None = None) -> Iterator[str]:
    """Start `run.py` with `options` on a free port, wait until it answers, yield its address, and stop it.

    `most_files`: the limit of open files; None: that of this process.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), *options)
    with tempfile.TemporaryDirectory() as data, serving(url, "--data", data, *options, most_files=most_files):
        yield url


@contextmanager
def running(url: str, *options: str) -> Iterator[Path]:
    """Start it with only these options, which make it serve at `url`; yields the file with its output."""
    with serving(url, *options) as (_, log):
        yield log


@contextmanager
def serving(
    url: str,
    *options: str,
    program: Sequence[str] = (sys.executable, "run.py"),
    cwd: Path = ROOT,
    env: Mapping[str, str] = os.environ,
    most_files: int | None = None,
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Start it so; yields its process as well. Its end is as rough as a power cut."""
    limit_files = (
        None if most_files is None else lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    )
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w+") as log:
        process = subprocess.Popen(
            [*program, *options],
            cwd=cwd,
            stdout=log,
            stderr=log,
            env={**env, "PYTHONUNBUFFERED": "1"},
            preexec_fn=limit_files,
        )
        try:
            _wait_until_there(url, process, Path(log.name))
            yield process, Path(log.name)
        finally:
            process.kill()
            process.wait(10)


def health(url: str) -> tuple[int, dict[str, Any]]:
    """Return the status and content of /healthz."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def _wait_until_there(url: str, process: subprocess.Popen[bytes], log: Path, limit_s: float = 60) -> None:
    deadline_s = time.monotonic() + limit_s
    # The tests themselves check whether its certificate is trusted.
    unchecked = ssl._create_unverified_context()
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/livez", timeout=5, context=unchecked) as answer:
                assert json.load(answer)["status"] == "ok"
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")
