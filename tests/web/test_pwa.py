"""The installable page."""

import json
import re
import struct
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.app import create_app
from server.languages import available, load_language
from server.settings import Settings
from server.voices.packs import Packs
from server.web.pwa import WAITING, version_of

LANGUAGES = {code: load_language(code) for code in available()}
# The size of each; they are fetched only when a page is installed.
LARGEST_ICON_BYTES = 20_000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, silent_prompts: Path) -> FlaskClient:
    data = tmp_path_factory.mktemp("data")
    return create_app(Settings(data_dir=data, prompts_dir=silent_prompts, async_mode="threading")).app.test_client()


@pytest.mark.parametrize(("wanted", "language"), [("hi-IN,hi;q=0.9,en;q=0.8", "hi"), ("en-GB", "en"), ("fr", "mr")])
def test_the_manifest_speaks_the_languages_of_the_page(browser: FlaskClient, wanted: str, language: str) -> None:
    answer = browser.get("/manifest.webmanifest", headers={"Accept-Language": wanted})
    manifest = answer.json
    assert answer.mimetype == "application/manifest+json"
    assert (manifest["lang"], manifest["name"]) == (language, LANGUAGES[language].ui["title"])
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_kiosk_can_be_installed_beside_it(browser: FlaskClient) -> None:
    manifest, page = (json.loads(browser.get(f"/manifest.webmanifest{of}").data) for of in ("?kiosk", ""))
    assert (manifest["start_url"], manifest["display"]) == ("/kiosk", "fullscreen")
    assert manifest["id"] != page["id"]


def test_the_icons_are_what_the_manifest_says(browser: FlaskClient) -> None:
    icons = json.loads(browser.get("/manifest.webmanifest").data)["icons"]
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        (f"{size}x{size}", purpose) for size in (192, 512) for purpose in ("any", "maskable")
    }
    for icon in icons:
        picture = browser.get(f"/{icon['src']}").data
        assert picture[:8] == b"\x89PNG\r\n\x1a\n" and len(picture) <= LARGEST_ICON_BYTES
        assert "{}x{}".format(*struct.unpack(">II", picture[16:24])) == icon["sizes"]


def test_the_worker_is_told_its_version_and_what_the_waiting_page_needs(browser: FlaskClient) -> None:
    answer = browser.get("/service-worker.js")
    assert "javascript" in answer.mimetype and answer.headers["Cache-Control"] == "no-cache"
    lines = answer.text.splitlines()
    assert json.loads(lines[1].removeprefix("const WAITING = ").rstrip(";")) == list(WAITING)
    assert len(json.loads(lines[0].removeprefix("const VERSION = ").rstrip(";"))) == 16
    for path in WAITING:
        assert browser.get(path).status_code == 200, path


def test_the_texts_that_a_tablet_keeps_are_those_of_the_waiting_page(browser: FlaskClient) -> None:
    answer = browser.get("/waiting.json")
    texts = json.loads(answer.data)
    assert {each["code"] for each in texts["languages"]} == set(LANGUAGES) and texts["default"] in LANGUAGES
    page = browser.get("/waiting.html").text
    for each in texts["languages"]:
        assert set(re.findall(r'data-text="(\w+)"', page)) <= set(each["ui"])
        assert each["ui"].items() <= LANGUAGES[each["code"]].ui.items()


def test_no_tablet_keeps_the_names_of_speakers(tmp_path: Path, silent_prompts: Path) -> None:
    names = {language: Packs(tmp_path / "voices").create(language, "Sulabha Joshi").name for language in LANGUAGES}
    browser = create_app(
        Settings(data_dir=tmp_path, prompts_dir=silent_prompts, async_mode="threading")
    ).app.test_client()
    listed = browser.get("/languages.json")
    assert all(name in listed.get_data(as_text=True) for name in names.values())
    assert listed.headers["Cache-Control"] == "no-store"
    for path in WAITING:
        assert "Sulabha" not in browser.get(path).get_data().decode("utf-8", "ignore"), path


def test_the_version_changes_with_the_page(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.js").write_text("1")
    before = version_of(tmp_path)
    assert version_of(tmp_path) == before
    (tmp_path / "below" / "a.js").write_text("2")
    after = version_of(tmp_path)
    (tmp_path / "below" / "a.js").rename(tmp_path / "below" / "b.js")
    assert len({before, after, version_of(tmp_path)}) == 3
