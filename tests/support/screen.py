"""A virtual screen, for programs that need one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .programs import find_program, running_program


@contextmanager
def unseen_screen(size: str = "1280x1024") -> Iterator[dict[str, str]]:
    """Yield the environment in which programs find it. Raises NotInstalled."""
    program = find_program("Xvfb", package="xvfb")
    reads, writes = os.pipe()
    command = [program, "-displayfd", str(writes), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    with running_program(command, pass_fds=[writes], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        os.close(writes)
        with open(reads) as told:
            number = told.readline().strip()  # empty if it has ended
        if not number:
            raise RuntimeError(f"{program} did not start")
        yield {"DISPLAY": f":{number}"}
