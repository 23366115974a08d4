"""Programs of the system, that tests need beside Python's packages."""

import os
import shutil
from glob import glob
from typing import NoReturn

import pytest


class NotInstalled(Exception):
    """It is not on this machine; the message says how to get it."""


def find_program(*names: str, package: str) -> str:
    """The first of `names`, each a command or a pattern of paths, that is there. Raises NotInstalled."""
    for name in names:
        if found := shutil.which(name) or next(iter(sorted(glob(name))), None):
            return found
    raise NotInstalled(f"found no {' or '.join(names)} (on Debian or Ubuntu: apt install {package})")


def do_without(missing: NotInstalled) -> NoReturn:
    """Skip the test. In CI nothing may be skipped for want of a package: there it fails."""
    if os.environ.get("CI"):
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))
