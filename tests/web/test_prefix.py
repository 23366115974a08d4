"""Below the prefix of a proxy, nothing leads out of it: no page, script, style, cookie or redirection."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from werkzeug.test import Client, TestResponse

from server.app import Server, create_app
from server.settings import Settings
from server.web.teacher.access import first_code

PREFIX = "/paadas"
PASSPHRASE = "हत्तीच्या पाठीवर"
# What a page, a style or a script fetches or leads to. A template of a script is no address.
NAMED = {
    "text/html": r"""(?:href|src|action|data-clips)="([^"#][^"]*)\"""",
    "text/css": r"""url\("([^"]+)"\)""",
    "text/javascript": r"""(?:from |import\(|new URL\()"(\.[^"]+\.[a-z]+)\"""",
}


def below(application: WSGIApplication) -> WSGIApplication:
    """A proxy that takes the prefix away and says so, with another program beside it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(f"{PREFIX}/"):
            start_response("404 Not Found", [])
            return [b"another program"]
        told = environ | {"PATH_INFO": path.removeprefix(PREFIX), "HTTP_X_FORWARDED_PREFIX": PREFIX}
        return application(told, start_response)

    return answer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, silent_prompts: Path) -> Server:
    data = tmp_path_factory.mktemp("data")
    return create_app(Settings(data_dir=data, prompts_dir=silent_prompts, async_mode="threading", behind_proxy=True))


@pytest.fixture
def client(server: Server) -> Client:
    return Client(below(server.app.wsgi_app))


def named_in(address: str, answer: TestResponse) -> set[str]:
    """Whole addresses of all that an answer names."""
    pattern = NAMED.get(answer.mimetype)
    if pattern is None:
        return set()
    return {urljoin(address, name.replace("&amp;", "&")) for name in re.findall(pattern, answer.text)}


def crawl(client: Client, *begin: str) -> set[str]:
    """All that can be reached; each is there, and below the prefix."""
    seen: set[str] = set()
    waiting = list(begin)
    while waiting:
        address = waiting.pop()
        if address in seen or (address.startswith("data:")):
            continue
        seen.add(address)
        assert urlsplit(address).path.startswith(f"{PREFIX}/"), address
        answer = client.get(address)
        if answer.status_code in (301, 302):
            waiting.append(urljoin(address, answer.location))
            continue
        # Some addresses are those of forms, which take no GET.
        assert answer.status_code in (200, 404, 405) and b"another program" not in answer.data, address
        assert answer.status_code == 200 or "/teacher/" in address, address
        waiting.extend(named_in(address, answer))
    return seen


def test_all_that_a_child_meets(client: Client) -> None:
    seen = crawl(client, f"{PREFIX}/", f"{PREFIX}/kiosk", f"{PREFIX}/waiting.html")
    for part in ("client/drill.js", "client/capture-worklet.js", "vendor/socket.io.esm.min.js", "client/companion.svg"):
        assert f"{PREFIX}/{part}" in seen, part
    assert any(path.endswith(".woff2") for path in seen)


def test_all_that_a_teacher_meets(client: Client, server: Server) -> None:
    form = client.get(f"{PREFIX}/teacher/door")
    assert f"Path={PREFIX}/teacher;" in form.headers["Set-Cookie"]
    found = re.search(r'csrf_token" value="([^"]+)"', form.text)
    assert found
    secret = {"code": first_code(server.store), "passphrase": PASSPHRASE, "again": PASSPHRASE}
    entered = client.post(f"{PREFIX}/teacher/first", data=secret | {"csrf_token": found[1]})
    assert entered.location == f"{PREFIX}/teacher"
    seen = crawl(client, f"{PREFIX}/teacher", f"{PREFIX}/voices")
    for part in ("teacher/settings", "teacher/data", "teacher/learners/new", "client/pictures/owl.svg", "kiosk"):
        assert f"{PREFIX}/{part}" in seen, part


@pytest.mark.parametrize("page", ["", "kiosk"])
def test_what_can_be_installed(client: Client, page: str) -> None:
    address = f"{PREFIX}/manifest.webmanifest"
    manifest = json.loads(client.get(f"{address}?{page}").text)
    assert {manifest["start_url"], manifest["id"]} == {f"{PREFIX}/{page}"} and manifest["scope"] == f"{PREFIX}/"
    for icon in manifest["icons"]:
        assert client.get(urljoin(address, icon["src"])).status_code == 200


def test_a_visitor_chooses_no_prefix_where_there_is_no_proxy(tmp_path: Path, silent_prompts: Path) -> None:
    server = create_app(Settings(data_dir=tmp_path, prompts_dir=silent_prompts, async_mode="threading"))
    answer = server.app.test_client().get("/teacher", headers={"X-Forwarded-Prefix": "//elsewhere.org"})
    assert answer.location == "/teacher/door"
