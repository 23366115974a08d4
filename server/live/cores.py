"""How many processor cores this process may use."""

import math
import os
from pathlib import Path


def cores_of_each(processes: int) -> int:
    """Return how many cores each of so many processes may use, at least one."""
    return max(1, usable_cores() // processes)


def usable_cores(cgroup: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int:
    """At least one: those that it is bound to, or what a container or a service is allowed of them (cgroup v2)."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(bound, _allowed(cgroup, root))))


def _allowed(cgroup: Path, root: Path) -> float:
    try:
        own = next(line[3:] for line in cgroup.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return math.inf
    folder = root / own.strip("/")
    return min(_quota(each / "cpu.max") for each in (folder, *folder.parents) if each.is_relative_to(root))


def _quota(path: Path) -> float:
    """ "200000 100000": two cores; "max 100000": all."""
    try:
        used_us, period_us = path.read_text().split()
        return math.inf if used_us == "max" else int(used_us) / int(period_us)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf
