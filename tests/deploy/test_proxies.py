"""The reverse proxies' files with the real programs; only names, ports and certificate are replaced."""

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPSConnection
from pathlib import Path

import aiohttp
import pytest

from bench.learner import Learner
from server.lan.addresses import names_of
from server.lan.authority import Pair, make_authority, make_certificate
from tests.support.programs import NotInstalled, do_without, running_program
from tests.support.server import ROOT, free_port, running_server

pytestmark = pytest.mark.gateway

PROGRAMS = {"nginx": "apt install nginx-light", "caddy": "apt install caddy"}


@dataclass(frozen=True)
class Proxy:
    port: int
    plain_port: int
    trusting: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def ask(self, path: str, body: object = None, source: str = "127.0.0.1") -> int:
        """Return the status of a request from that address of this computer."""
        line = HTTPSConnection("localhost", self.port, context=self.trusting, source_address=(source, 0), timeout=20)
        line.request(
            "GET" if body is None else "POST", path, body and json.dumps(body), {"Content-Type": "application/json"}
        )
        status = line.getresponse().status
        line.close()
        return status


@pytest.fixture(scope="module", params=PROGRAMS)
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, silent_prompts: Path
) -> Iterator[Proxy]:
    if shutil.which(request.param) is None and not Path("/usr/sbin", request.param).exists():
        missing = NotInstalled(f"there is no {request.param} on this machine: {PROGRAMS[request.param]}")
        if request.param == "nginx":
            do_without(missing)
        pytest.skip(str(missing))  # Caddy is not in every release of Debian
    folder = tmp_path_factory.mktemp(request.param)
    authority = certify(folder)
    with (
        running_server("--behind-proxy", "--prompts", str(silent_prompts)) as url,
        started(
            {"nginx": nginx, "caddy": caddy}[request.param], folder, authority, url.removeprefix("http://")
        ) as proxy,
    ):
        yield proxy


def certify(folder: Path) -> Pair:
    """Make a certificate for this computer in place of a real one."""
    names, now = names_of("127.0.0.1"), datetime.now(UTC)
    authority = make_authority(names, now)
    (folder / "server.pem").write_bytes(make_certificate(authority, names, now).to_pem())
    return authority


@contextmanager
def started(write: Callable[..., list[str]], folder: Path, authority: Pair, server: str) -> Iterator[Proxy]:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(cadata=authority.der)
    proxy = Proxy(free_port(), free_port(), trusting)
    command = write(folder, proxy, server)
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (
        (folder / "log").open("w") as log,
        running_program(command, cwd=folder, env=environment, stderr=log) as process,
    ):
        wait_for(proxy.port, process, folder / "log")
        yield proxy


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline_s = time.monotonic() + 20
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the proxy did not start:\n{log.read_text()}")


def nginx(folder: Path, proxy: Proxy, server: str) -> list[str]:
    given = (ROOT / "deploy/nginx/paadas.conf").read_text("utf-8")
    ours = given.replace("127.0.0.1:5000", server).replace("paadas.example.org;", "localhost;")
    ours = ours.replace("listen 80;", f"listen 127.0.0.1:{proxy.plain_port};").replace(
        "listen 443", f"listen 127.0.0.1:{proxy.port}"
    )
    ours, changed = re.subn(r"/etc/letsencrypt/\S+\.pem", str(folder / "server.pem"), ours)
    assert changed == 2
    (folder / "paadas.conf").write_text(ours)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log stderr; daemon off; events {{}} "
        f"http {{ access_log off; {temporary} include paadas.conf; }}"
    )
    return [
        shutil.which("nginx") or "/usr/sbin/nginx",
        "-p",
        str(folder),
        "-e",
        "stderr",
        "-c",
        str(folder / "nginx.conf"),
    ]


def caddy(folder: Path, proxy: Proxy, server: str) -> list[str]:
    given = (ROOT / "deploy/caddy/Caddyfile").read_text("utf-8")
    certificate = folder / "server.pem"
    ours = given.replace("127.0.0.1:5000", server)
    ours = ours.replace("paadas.example.org {", f"{proxy.url} {{\n\ttls {certificate} {certificate}", 1)
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\thttp_port {proxy.plain_port}\n}}\n{ours}")
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def test_a_drill_through_the_proxy(proxy: Proxy) -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=proxy.trusting)) as http:
            learner = Learner(http=http)
            await learner.connect(proxy.url, origin=proxy.url)
            assert (await learner.start(tables=[4], questions=3))["ok"]
            await learner.tap_all()
            finished = [payload for name, payload in learner.events if name == "finished"]
            assert finished[0]["score"] == {"correct": 3, "total": 3}
            await learner.socket.disconnect()

    asyncio.run(scenario())


def test_pages_know_that_they_are_secure(proxy: Proxy) -> None:
    with urllib.request.urlopen(f"{proxy.url}/teacher/door", timeout=20, context=proxy.trusting) as answer:
        assert "; Secure" in answer.headers["set-cookie"]
        assert f"wss://localhost:{proxy.port}" in answer.headers["content-security-policy"]


def test_plain_visitors_are_led_to_the_secure_page(proxy: Proxy) -> None:
    line = socket.create_connection(("localhost", proxy.plain_port), timeout=20)
    line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert re.search(rb"^HTTP/1.1 30[18] .*Location: https://localhost", line.recv(4096), re.DOTALL)
    line.close()


def test_what_one_visitor_does_is_not_held_against_another(proxy: Proxy) -> None:
    nobody = {"nickname": "", "picture": "star", "language": "mr"}
    statuses = [proxy.ask("/learners.json", nobody, source="127.0.0.2") for _ in range(61)]
    assert (statuses[0], statuses[-1]) == (400, 429)
    assert proxy.ask("/learners.json", nobody, source="127.0.0.3") == 400


def test_figures_are_not_for_visitors(proxy: Proxy) -> None:
    assert proxy.ask("/metrics") == 403
    assert proxy.ask("/livez") == 200
