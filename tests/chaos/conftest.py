"""Servers for attackers, with as few file descriptors as a shell of Debian gives them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.flood import MOST_FILES
from tests.support.server import free_port, serving


@pytest.fixture(scope="package")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The log of each server, by its address."""
    return {}


def served(mode: str, silent_prompts: Path, data: Path, logs: dict[str, Path]) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--data", str(data), "--prompts", str(silent_prompts), "--async-mode", mode)
    with serving(url, *options, most_files=MOST_FILES) as (_, log):
        logs[url] = log
        yield url


@pytest.fixture(scope="package")
def eventlet_url(
    silent_prompts: Path, tmp_path_factory: pytest.TempPathFactory, logs: dict[str, Path]
) -> Iterator[str]:
    yield from served("eventlet", silent_prompts, tmp_path_factory.mktemp("eventlet"), logs)


@pytest.fixture(scope="package")
def threading_url(
    silent_prompts: Path, tmp_path_factory: pytest.TempPathFactory, logs: dict[str, Path]
) -> Iterator[str]:
    yield from served("threading", silent_prompts, tmp_path_factory.mktemp("threading"), logs)


@pytest.fixture(scope="package", params=["eventlet", "threading"])
def url(request: pytest.FixtureRequest) -> str:
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address
