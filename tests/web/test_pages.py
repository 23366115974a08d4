"""The browser's requests, at the real server."""

import gzip
import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from server.asr.numbers.engine import NumbersEngine
from server.drill.facts import lines_to, tables_to
from server.languages import available
from server.store.database import FILE_NAME, empty_log, open_database
from server.store.store import Store
from tests.store.making import a_drill, a_learner, an_entry
from tests.support.server import health, running_server

pytestmark = pytest.mark.gateway


def fetch(url: str) -> tuple[bytes, dict[str, str]]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def test_health_names_the_engine_of_each_language_and_how_each_part_is(url: str) -> None:
    deadline_s = time.monotonic() + 30
    while (found := health(url))[0] != 200 and time.monotonic() < deadline_s:
        time.sleep(0.2)  # the server has just started, on a busy machine
    assert found == (
        200,
        {
            "status": "ok",
            "engines": dict.fromkeys(available(), "numbers"),
            "store": "ok",
            "recogniser": "ok",
            "disk": "ok",
            "loop": "ok",
            "starts": "ok",
        },
    )


def test_a_damaged_database_is_trouble_though_the_pages_go_on(tmp_path: Path, silent_prompts: Path) -> None:
    store = Store(open_database(None, tmp_path))
    drill = a_drill(a_learner(store))
    store.write([drill, *(an_entry(drill, turn) for turn in range(1, 2000))])
    empty_log(store.engine)
    store.engine.dispose()
    with open(tmp_path / FILE_NAME, "r+b") as file:
        file.seek(-10 * 4096, os.SEEK_END)
        file.write(bytes(4 * 4096))
    with running_server("--data", str(tmp_path), "--prompts", str(silent_prompts)) as url:
        deadline_s = time.monotonic() + 30
        while (found := health(url))[1]["store"] != "store_damaged":
            assert time.monotonic() < deadline_s, found
            time.sleep(0.1)
        assert found[0] == 503 and found[1]["status"] == "trouble"
        assert json.loads(fetch(f"{url}/livez")[0]) == {"status": "ok"}
        assert b"<html" in fetch(url)[0]


def test_the_page_and_all_its_modules_are_served_under_a_strict_policy(url: str) -> None:
    for address in ("/", "/teacher"):
        page, headers = fetch(url + address)
        assert b"<html" in page
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
    for path in ("client/app.js", "client/capture-worklet.js", "vendor/socket.io.esm.min.js"):
        body, headers = fetch(f"{url}/{path}")
        assert body and "javascript" in headers["content-type"], path


def test_every_text_comes_from_the_language_files(url: str) -> None:
    texts = json.loads(fetch(f"{url}/languages.json")[0])
    assert texts["default"] == "mr"
    assert {language["code"] for language in texts["languages"]} == set(available())
    largest = NumbersEngine().largest_number("en")
    assert texts["languages"][0]["tables"] == tables_to(largest) and texts["languages"][0]["lines"] == lines_to(largest)
    assert all(language["ui"]["start"] and language["errors"]["busy"] for language in texts["languages"])


@pytest.mark.parametrize("path", ["", "client/app.js", "languages.json"])
def test_texts_are_compressed_for_clients_that_accept_it(url: str, path: str) -> None:
    plain, headers = fetch(f"{url}/{path}")
    assert "content-encoding" not in headers and headers["vary"] == "Accept-Encoding"
    asked = urllib.request.Request(f"{url}/{path}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        packed, tag = answer.read(), answer.headers["ETag"]
        assert answer.headers["Content-Encoding"] == "gzip" and int(answer.headers["Content-Length"]) == len(packed)
    assert gzip.decompress(packed) == plain and len(packed) < len(plain) / 2
    if tag:
        again = urllib.request.Request(f"{url}/{path}", headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            urllib.request.urlopen(again, timeout=10)
        assert unchanged.value.code == 304


@pytest.mark.parametrize("path", ["metrics", "livez"])
def test_what_is_another_text_at_each_visit_goes_as_it_is(url: str, path: str) -> None:
    with urllib.request.urlopen(
        urllib.request.Request(f"{url}/{path}", headers={"Accept-Encoding": "gzip"}), timeout=10
    ) as answer:
        assert "Content-Encoding" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


def test_letters_go_as_they_are(url: str) -> None:
    font = f"{url}/vendor/fonts/baloo-2-latin-700-normal.woff2"
    with urllib.request.urlopen(
        urllib.request.Request(font, headers={"Accept-Encoding": "gzip"}), timeout=10
    ) as answer:
        assert "Content-Encoding" not in answer.headers


def test_learners_are_chosen_by_pictures_that_exist(url: str) -> None:
    assert json.loads(fetch(f"{url}/learners.json")[0]) == {"learners": [], "may_join": False}
    pictures = json.loads(fetch(f"{url}/languages.json")[0])["languages"][0]["pictures"]
    assert len(pictures) == 12
    for name in pictures:
        assert fetch(f"{url}/client/pictures/{name}.svg")[1]["content-type"].startswith("image/svg+xml")


def test_metrics_are_in_prometheus_form(url: str) -> None:
    told = fetch(f"{url}/metrics")[0]
    assert b"paadas_sessions" in told
    parts = ("recogniser", "store", "disk", "loop")
    assert all(f'paadas_healthy{{part="{part}",worker="1"}}'.encode() in told for part in parts)


@pytest.mark.parametrize(
    "path",
    [
        "client/../setup.cfg",
        "client/%2e%2e/setup.cfg",
        "audio/../../setup.cfg",
        "audio//etc/passwd",
        "vendor/fonts/..%2f..%2fpackage.json",
        "setup.cfg",
        "nothing",
    ],
)
def test_nothing_else_is_served(url: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"{url}/{path}")
    assert refused.value.code == 404
