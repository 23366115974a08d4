"""The reverse proxies' files with the real programs; only names, ports and certificate are replaced."""

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import urllib.request
from collections.abc import Iterator
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
from tests.support.nginx import wait_for_port, write_nginx
from tests.support.programs import NotInstalled, do_without, running_program
from tests.support.server import ROOT, free_port, running_server

pytestmark = pytest.mark.gateway

# Proxy -> where Paadas is below it.
PREFIXES = {"nginx": "", "nginx-prefix": "/paadas", "caddy": ""}


@dataclass(frozen=True)
class Proxy:
    port: int
    plain_port: int
    prefix: str
    trusting: ssl.SSLContext

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def url(self) -> str:
        return self.origin + self.prefix

    def ask(self, path: str, body: object = None, source: str = "127.0.0.1") -> int:
        """Return the status of a request from that address of this computer."""
        line = HTTPSConnection("localhost", self.port, context=self.trusting, source_address=(source, 0), timeout=20)
        line.request(
            "GET" if body is None else "POST",
            self.prefix + path,
            body and json.dumps(body),
            {"Content-Type": "application/json"},
        )
        status = line.getresponse().status
        line.close()
        return status


@pytest.fixture(scope="module", params=PREFIXES)
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, silent_prompts: Path
) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp(request.param)
    proxy, command = write(request.param, folder, server := free_port())
    with (
        running_server("--behind-proxy", "--prompts", str(silent_prompts), port=server),
        started(command, folder, proxy),
    ):
        yield proxy


def write(program: str, folder: Path, server: int) -> tuple[Proxy, list[str]]:
    """The configuration in `folder`, and the command that runs it."""
    authority, certificate = certify(folder), folder / "server.pem"
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(cadata=authority.der)
    proxy = Proxy(free_port(), free_port(), PREFIXES[program], trusting)
    if program == "caddy":
        return proxy, caddy(folder, proxy, f"127.0.0.1:{server}")
    name = "prefix.conf" if proxy.prefix else "paadas.conf"
    try:
        return proxy, write_nginx(folder, name, [f"127.0.0.1:{server}"], proxy.port, proxy.plain_port, certificate)
    except NotInstalled as missing:
        do_without(missing)


def certify(folder: Path) -> Pair:
    """Make a certificate for this computer in place of a real one."""
    names, now = names_of("127.0.0.1"), datetime.now(UTC)
    authority = make_authority(names, now)
    (folder / "server.pem").write_bytes(make_certificate(authority, names, now).to_pem())
    return authority


@contextmanager
def started(command: list[str], folder: Path, proxy: Proxy) -> Iterator[None]:
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (
        (folder / "log").open("w") as log,
        running_program(command, cwd=folder, env=environment, stderr=log) as process,
    ):
        wait_for_port(proxy.port, process, folder / "log")
        yield


def caddy(folder: Path, proxy: Proxy, server: str) -> list[str]:
    if shutil.which("caddy") is None:
        pytest.skip("there is no caddy on this machine, nor in every release of Debian: apt install caddy")
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
            await learner.connect(proxy.origin, origin=proxy.origin, prefix=proxy.prefix)
            assert (await learner.start(tables=[4], questions=3))["ok"]
            await learner.tap_all()
            finished = [payload for name, payload in learner.events if name == "finished"]
            assert finished[0]["score"] == {"correct": 3, "total": 3}
            await learner.socket.disconnect()

    asyncio.run(scenario())


def test_pages_know_that_they_are_secure(proxy: Proxy) -> None:
    with urllib.request.urlopen(f"{proxy.url}/teacher/door", timeout=20, context=proxy.trusting) as answer:
        assert f"; Secure; HttpOnly; Path={proxy.prefix}/teacher;" in answer.headers["set-cookie"]
        assert f"wss://localhost:{proxy.port}" in answer.headers["content-security-policy"]


def test_plain_visitors_are_led_to_the_secure_page(proxy: Proxy) -> None:
    if proxy.prefix:
        pytest.skip("what is not below the prefix is the host's own affair")
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
