"""A real nginx with a file of deploy/nginx, as it is but for names, ports and certificate."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs import find_program, running_program
from tests.support.server import ROOT, free_port


def find_nginx() -> str:
    """Raises NotInstalled."""
    return find_program("nginx", "/usr/sbin/nginx", package="nginx-light")


def write_nginx(
    folder: Path, name: str, servers: Sequence[str], port: int, plain_port: int, certificate: Path | None
) -> list[str]:
    """Writes the configuration into `folder`; returns the command that runs it. servers: host and port of each.

    Without a certificate it serves over plain HTTP.
    """
    ours = (ROOT / "deploy/nginx" / name).read_text("utf-8")
    ours = re.sub(r"server 127\.0\.0\.1:5000;", "".join(f"server {server}; " for server in servers), ours)
    ours = ours.replace("paadas.example.org;", "localhost;").replace("listen 80;", f"listen 127.0.0.1:{plain_port};")
    if certificate is None:
        ours = re.sub(r" +ssl_.*;\n", "", ours).replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    else:
        ours, changed = re.subn(r"/etc/letsencrypt/\S+\.pem", str(certificate), ours)
        assert changed == 2
        ours = ours.replace("listen 443", f"listen 127.0.0.1:{port}")
    (folder / "paadas.conf").write_text(ours)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log stderr; daemon off; events {{}} "
        f"http {{ access_log off; {temporary} include paadas.conf; }}"
    )
    return [find_nginx(), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


@contextmanager
def running_nginx(folder: Path, name: str, *servers: str) -> Iterator[str]:
    """Over plain HTTP; yields its address. Raises NotInstalled."""
    port = free_port()
    command = write_nginx(folder, name, servers, port, free_port(), certificate=None)
    with (folder / "log").open("w") as log, running_program(command, cwd=folder, stderr=log) as process:
        wait_for_port(port, process, folder / "log")
        yield f"http://localhost:{port}"


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the program listens there. Raises RuntimeError, with the log, where it does not."""
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"it did not start:\n{log.read_text()}")
