"""Programs of the system that tests need besides Python packages."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import glob
from typing import Any, NoReturn

import pytest


class NotInstalled(Exception):
    """A program is not on this machine. The message says how to get it."""


def find_program(*names: str, package: str) -> str:
    """Return the first of `names`, each a command or a pattern of paths, that exists. Raises NotInstalled."""
    for name in names:
        if found := shutil.which(name) or next(iter(sorted(glob(name))), None):
            return found
    raise NotInstalled(f"found no {' or '.join(names)} (on Debian or Ubuntu: apt install {package})")


def do_without(missing: NotInstalled) -> NoReturn:
    """Skip the test. In CI it fails instead: there every package must be installed."""
    if os.environ.get("CI"):
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))


@contextmanager
def running_program(command: Sequence[str], limit_s: float = 20, **how: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program during the block; then terminate it, and kill it if it does not end. `how`: as for Popen."""
    with subprocess.Popen(command, **how) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(limit_s)
            except subprocess.TimeoutExpired:
                process.kill()
