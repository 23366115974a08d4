"""Shared by all tests: the same examples at every run, and no deadlines, because machines are slow at times."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.manager import Manager
from tests.support.prompts import make_all_silent
from tests.support.server import running_server

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


# What to begin with when tests run side by side: what takes longest, then what starts servers or takes seconds.
FIRST = ("chromium", "other browsers", "floods")
LONG = ("gateway", "slow", "engine", "postgres", "torch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell pytest-xdist which tests run one after the other, and in which order the groups begin."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=rank_of)


def group_of(item: pytest.Item) -> str:
    """Return a test's group. Tests of a group share a browser, flood a server, or share a file."""
    if item.get_closest_marker("browser"):
        return "other browsers" if item.path.name == "test_engines.py" else "chromium"
    return "floods" if item.path.name == "test_floods.py" else str(item.path)


def rank_of(item: pytest.Item) -> int:
    group = group_of(item)
    if group in FIRST:
        return FIRST.index(group)
    return len(FIRST) + (not any(item.get_closest_marker(mark) for mark in LONG))


@pytest.fixture(scope="session")
def silent_prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of very short silent prompts in all languages."""
    return make_all_silent(tmp_path_factory.mktemp("prompts"))


@pytest.fixture
def disk_steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Record each sync (with the name of its file or folder) and each renaming, in order."""
    done: list[tuple[str, str]] = []
    replace, sync = Path.replace, os.fsync

    def name_of(number: int) -> str:
        return Path(os.readlink(f"/proc/self/fd/{number}")).name

    monkeypatch.setattr(os, "fsync", lambda number: (done.append(("sync", name_of(number))), sync(number))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (done.append(("name", Path(to).name)), replace(self, to))[1])
    return done


@pytest.fixture(scope="session")
def eventlet_server(silent_prompts: Path) -> Iterator[str]:
    """Its address."""
    with running_server("--async-mode", "eventlet", "--prompts", str(silent_prompts)) as address:
        yield address


@pytest.fixture(scope="session")
def threading_server(silent_prompts: Path) -> Iterator[str]:
    """Its address."""
    with running_server("--async-mode", "threading", "--prompts", str(silent_prompts)) as address:
        yield address


@pytest.fixture(scope="session", params=["eventlet", "threading"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a server of each mode. Both servers last: starting one takes more than a second."""
    address: str = request.getfixturevalue(f"{request.param}_server")
    return address


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """What servers that the test starts take for systemd."""
    manager = Manager(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    yield manager
    manager.socket.close()
