"""A real Redis or Valkey server for tests: started in memory, and gone afterwards."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.nginx import wait_for_port
from tests.support.programs import find_program, running_program


@contextmanager
def running_redis(folder: Path, port: int, password: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    """Its process. Raises NotInstalled."""
    program = find_program("valkey-server", "redis-server", package="redis-server")
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    if password:
        options += ["--requirepass", password]
    with (folder / "log").open("w") as log, running_program([program, *options], stdout=log) as process:
        wait_for_port(port, process, folder / "log")
        yield process
