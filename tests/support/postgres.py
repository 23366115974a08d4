"""A real PostgreSQL server for tests and benchmarks, in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import free_port

USER = "postgres"


def postgres_programs() -> Path | None:
    """Return the folder with initdb and pg_ctl; None if PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def running_postgres(programs: Path, *settings: str) -> Iterator[str]:
    """Run an empty server; yields its address without the database: `postgresql://.../`."""
    # PostgreSQL refuses to run as root; Debian's package has a user for it.
    as_root = os.geteuid() == 0
    become = ["runuser", "-u", USER, "--"] if as_root else []
    with tempfile.TemporaryDirectory(prefix="paadas-pg-") as folder:
        if as_root:
            shutil.chown(folder, USER)
        data, port = f"{folder}/data", free_port()
        initdb = [
            programs / "initdb",
            "--auth=trust",
            f"--username={USER}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-D",
            data,
        ]
        subprocess.run([*become, *initdb], cwd="/", check=True, stdout=subprocess.DEVNULL)
        given = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}", *settings)
        options = " ".join(f"-c {setting}" for setting in given)
        control = [*become, programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log"]
        subprocess.run([*control, "-o", options, "start"], cwd="/", check=True, stdout=subprocess.DEVNULL)
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], cwd="/", check=True, stdout=subprocess.DEVNULL)
