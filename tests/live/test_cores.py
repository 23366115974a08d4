"""The cores that a process may use: its affinity, or the limit of its container or service."""

import os
from pathlib import Path

import pytest

from server.live.cores import usable_cores

BOUND = 8


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(BOUND)), raising=False)


def group(folder: Path, line: str, **quotas: str) -> int:
    (folder / "cgroup").write_text(f"{line}\n")
    for name, quota in quotas.items():
        (folder / "fs" / name.replace("_", "/")).mkdir(parents=True, exist_ok=True)
        (folder / "fs" / name.replace("_", "/") / "cpu.max").write_text(f"{quota}\n")
    return usable_cores(folder / "cgroup", folder / "fs")


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000", BOUND),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("1600000 100000", BOUND),
        ("unreadable", BOUND),
        ("", BOUND),
        ("100000 0", BOUND),
    ],
)
def test_a_quota_counts(tmp_path: Path, quota: str, cores: int) -> None:
    assert group(tmp_path, "0::/system.slice/paadas.service", system_paadas="max 100000") == BOUND
    assert group(tmp_path, "0::/a/b", a_b=quota) == cores
    assert group(tmp_path, "0::/c/d", c=quota, c_d="max 100000") == cores, "of the group around it, too"


@pytest.mark.parametrize("line", ["0::/", "1:cpu:/old", "", "0::/not/there"])
def test_without_a_quota_those_it_is_bound_to(tmp_path: Path, line: str) -> None:
    assert group(tmp_path, line) == BOUND


def test_without_cgroups(tmp_path: Path) -> None:
    assert usable_cores(tmp_path / "nothing", tmp_path) == BOUND
