"""Malicious files at a real server: what they cost other users."""

import socket
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.store.rows import TABLES_OF_FILE
from tests.support.server import free_port, running
from tests.support.teacher import KIND, Teacher, head

pytestmark = [pytest.mark.gateway, pytest.mark.slow]
HEAD = '{"format": "paadas", "version": 1, "classes": ['
MB = 1024 * 1024
# Generous, for a machine that is busy with other tests. Without the limits it is more than a minute.
PATIENCE_S = 5.0


@pytest.fixture(scope="module")
def served(silent_prompts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    port, data = free_port(), tmp_path_factory.mktemp("data")
    url = f"http://127.0.0.1:{port}"
    with running(url, "--port", str(port), "--data", str(data), "--prompts", str(silent_prompts)):
        yield url, data


@pytest.fixture(scope="module")
def teacher(served: tuple[str, Path]) -> Teacher:
    return Teacher(served[0]).begin(served[1])


@contextmanager
def others(url: str) -> Iterator[list[float]]:
    """Visit the log-in page and practise, again and again; yields each wait in s."""
    stopped, waited_s = threading.Event(), [0.0]

    def visit() -> None:
        while not stopped.wait(0.05):
            for path in ("livez", "teacher/door"):
                began_s = time.monotonic()
                urllib.request.urlopen(f"{url}/{path}", timeout=60).read()
                waited_s.append(time.monotonic() - began_s)

    visitor = threading.Thread(target=visit)
    visitor.start()
    yield waited_s
    stopped.set()
    visitor.join()


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def packed(file: Path, compression: int, rows: str) -> Path:
    with zipfile.ZipFile(file, "w", compression) as archive:
        for table in TABLES_OF_FILE:
            archive.writestr(f"{table}.csv", rows)
    return file


def written(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


BOMBS: dict[str, Callable[[Path], Path]] = {
    "rows in a small zip": lambda folder: packed(
        folder / "rows.zip", zipfile.ZIP_DEFLATED, "name\r\n" + "A\r\n" * (5 * MB)
    ),
    "LZMA": lambda folder: packed(folder / "lzma.zip", zipfile.ZIP_LZMA, "name\r\n" + "A\r\n" * MB),
    "lists": lambda folder: written(folder / "lists.json", HEAD + "[]," * (10 * MB)),
    "a list of lists": lambda folder: written(folder / "nested.json", HEAD + "[" + "[]," * (10 * MB)),
    "sound rows, then a bad one": lambda folder: written(
        folder / "long.json", HEAD + ",\n".join(f'{{"name": "{number}"}}' for number in range(9000)) + ', {"name": ""}'
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_malicious_file_delays_no_other_user(
    served: tuple[str, Path], teacher: Teacher, tmp_path: Path, bomb: str
) -> None:
    file = BOMBS[bomb](tmp_path)
    with others(served[0]) as waited_s:
        assert teacher.read_in(file) == 200
        deadline_s = time.monotonic() + 30
        while (page := teacher.outcome())[1]:
            assert time.monotonic() < deadline_s
            time.sleep(0.2)
    assert 'class="message wrong"' in page[0]
    assert max(waited_s) < PATIENCE_S, f"somebody waited {max(waited_s):.1f} s"
    assert size_of(served[1] / "scratch") == 0


def test_strangers_fill_no_disk(served: tuple[str, Path]) -> None:
    url, data = served
    address, answers = urlsplit(url), [b""] * 8
    start = (
        f"POST /teacher/data HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: {KIND}\r\nContent-Length: {63 * MB}\r\n\r\n"
    )

    def send(number: int) -> None:
        with socket.create_connection((address.hostname, address.port), timeout=20) as line:
            line.sendall(start.encode() + head("file", "a.json"))
            answers[number] = line.recv(1000)  # before the body is there
            with suppress(OSError):  # the server may hang up
                for _ in range(63):
                    line.sendall(bytes(MB))

    with others(url) as waited_s:
        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        largest = 0
        while any(thread.is_alive() for thread in threads):
            largest = max(largest, size_of(data / "scratch"))
            time.sleep(0.02)
    assert largest == 0 and all(answer.startswith(b"HTTP/1.1 302") for answer in answers)
    assert max(waited_s) < PATIENCE_S
