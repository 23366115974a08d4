"""Count the processor cores that this process may use."""

import math
import os
from pathlib import Path


def cores_of_each(processes: int) -> int:
    """Return how many cores each of so many processes may use, at least one."""
    return max(1, usable_cores() // processes)


def usable_cores(cgroup: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int:
    """The cores that it is bound to, or fewer if its container or service has a quota (cgroup v2). At least one."""
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
    """Cores of a line of cpu.max: two for "200000 100000", all for "max 100000"."""
    try:
        used_us, period_us = path.read_text().split()
        return math.inf if used_us == "max" else int(used_us) / int(period_us)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf
