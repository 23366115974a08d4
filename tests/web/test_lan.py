"""The classroom network, from the real server in both async modes, at loopback addresses only."""

import asyncio
import hashlib
import html
import re
import socket
import ssl
import struct
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import socketio

from bench.learner import Learner
from server.languages import available, load_language
from tests.support.lan import LanServer, running_lan_server

pytestmark = pytest.mark.gateway


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def lan(
    request: pytest.FixtureRequest, silent_prompts: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LanServer]:
    data = tmp_path_factory.mktemp("data")
    with running_lan_server(data, "--async-mode", request.param, "--prompts", str(silent_prompts)) as server:
        yield server


def fetch(url: str, context: ssl.SSLContext | None = None, **headers: str) -> tuple[str, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return answer.read().decode(), {name.lower(): value for name, value in answer.headers.items()}


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def say_plainly(server: LanServer, message: bytes) -> bytes:
    """Return the HTTPS port's reply to bytes that are not TLS."""
    with socket.create_connection(address_of(server.practice), timeout=20) as line:
        line.sendall(message)
        answer = b""
        while data := line.recv(4096):
            answer += data
        return answer


def test_a_client_that_trusts_the_authority_is_served_securely(lan: LanServer) -> None:
    page, headers = fetch(lan.practice, lan.trusting())
    assert "<html" in page
    assert "wss://127.0.0.1" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers
    by_name = lan.practice.replace("127.0.0.1", "localhost")
    assert "<html" in fetch(by_name, lan.trusting())[0]
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(lan.practice, ssl.create_default_context())


def test_a_drill_over_the_secured_line(lan: LanServer) -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=lan.trusting())) as http:
            learner = Learner(http=http)
            # As a browser does, and as the server checks.
            await learner.connect(lan.practice, origin=lan.practice)
            assert (await learner.start(tables=[3], questions=2))["ok"]
            await learner.tap_all()
            with pytest.raises(socketio.exceptions.ConnectionError):
                await Learner(http=http).connect(lan.practice, origin="https://evil.example")

    asyncio.run(scenario())


def test_the_teachers_cookie_never_leaves_the_secured_line(lan: LanServer) -> None:
    assert "; Secure" in fetch(f"{lan.practice}/teacher/door", lan.trusting())[1]["set-cookie"]


def test_plain_http_redirects_to_the_guide(lan: LanServer) -> None:
    with urllib.request.urlopen(lan.practice.replace("https", "http"), timeout=10) as answer:
        assert answer.url == f"{lan.guide}/"
    host = address_of(lan.practice)[0].encode()
    assert b"Location: http://localhost:" in say_plainly(lan, b"GET /teacher HTTP/1.1\r\nHost: localhost:5000\r\n\r\n")
    for nonsense in (b"\x00", b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"host: \r\n\r\n"):
        assert b"Location: http://" + host in say_plainly(lan, nonsense), nonsense


def test_a_slow_handshake_delays_no_other_visitor(lan: LanServer) -> None:
    silent = [socket.create_connection(address_of(lan.practice)) for _ in range(20)]
    try:
        for _ in range(3):
            assert "<html" in fetch(lan.practice, lan.trusting())[0]
    finally:
        for line in silent:
            line.close()


def test_visitors_who_hang_up_at_once_do_no_harm(lan: LanServer) -> None:
    for message in (b"", b"\x16", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01" + bytes(506)):
        for _ in range(20):
            line = socket.create_connection(address_of(lan.practice))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close by a reset
            line.sendall(message)
            line.close()
    assert "<html" in fetch(lan.practice, lan.trusting())[0]
    assert "Traceback" not in lan.log.read_text()


def test_the_guide_says_in_every_language_what_to_do(lan: LanServer) -> None:
    fingerprint = ":".join(f"{byte:02X}" for byte in hashlib.sha256(lan.authority).digest())
    assert fingerprint in lan.log.read_text()
    for code in available():
        words = load_language(code).network
        for page in (
            fetch(f"{lan.guide}/?language={code}")[0],
            fetch(lan.guide, **{"Accept-Language": f"{code}-IN"})[0],
        ):
            page = html.unescape(page).replace("<wbr>", "")
            assert f'<html lang="{code}">' in page
            for key in ("title", "why", "download", "android_install", "ipad_trust", "computer_install", "scan"):
                assert words[key] in page, key
            assert (
                f'href="{lan.practice}/"' in page and 'href="/paadas-ca.crt"' in page and "data:image/svg+xml" in page
            )
            assert fingerprint in page


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Tab) Chrome/130", "android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605", "ipad"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/130", "computer"),
    ],
)
def test_the_steps_of_the_visitors_own_device_are_open(lan: LanServer, agent: str, device: str) -> None:
    page = fetch(f"{lan.guide}/?language=en", **{"User-Agent": agent})[0]
    opened = re.findall(r"<details[^>]* open>\s*<summary>([^<]*)", page)
    assert opened == [load_language("en").network[device]]


def test_the_authority_is_handed_out_as_devices_want_it(lan: LanServer) -> None:
    with urllib.request.urlopen(f"{lan.guide}/paadas-ca.crt", timeout=10) as answer:
        assert answer.headers["content-type"] == "application/x-x509-ca-cert"
        assert answer.read(2) == b"\x30\x82", "DER, which iOS and Android take"


@pytest.mark.parametrize(
    "path",
    [
        "healthz",
        "teacher",
        "languages.json",
        "learners.json",
        "metrics",
        "client/app.js",
        "client/../setup.cfg",
        "client/%2e%2e/setup.cfg",
        "socket.io/?EIO=4&transport=websocket",
        "audio/en/anaya/manifest.json",
    ],
)
def test_nothing_else_is_to_be_had_over_plain_http(lan: LanServer, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"{lan.guide}/{path}")
    assert refused.value.code == 404


def test_a_guide_asked_for_by_another_name_leads_where_the_certificate_holds(lan: LanServer) -> None:
    port = address_of(lan.practice)[1]
    assert f'href="https://localhost:{port}/"' in fetch(lan.guide, Host="localhost")[0]
    assert f'href="https://127.0.0.1:{port}/"' in fetch(lan.guide, Host='evil.example"><script>')[0]


def test_another_address_makes_a_new_certificate_and_needs_no_new_trust(tmp_path: Path, silent_prompts: Path) -> None:
    with running_lan_server(tmp_path, "--prompts", str(silent_prompts)) as here:
        trusting = here.trusting()
        assert "an authority was made" in here.log.read_text()
    with running_lan_server(tmp_path, "--prompts", str(silent_prompts), host="127.0.0.2") as there:
        assert "the addresses have changed" in there.log.read_text()
        assert there.practice in there.log.read_text()
        assert "<html" in fetch(there.practice, trusting)[0]
