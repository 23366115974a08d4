"""The teacher's pages on a real store, in a database of their own."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import security
from server.app import pictures_in
from server.asr.numbers.engine import NumbersEngine
from server.clock import utc_ms
from server.languages import Language, available, load_language
from server.settings import ROOT, Settings
from server.store.clock_steps import ClockSteps
from server.store.daily import DailyBackups
from server.store.database import open_database
from server.store.newcomers import Newcomers
from server.store.reports import overview
from server.store.sessions import Sessions as KeptSessions
from server.store.store import Store
from server.store.transfers import Transfers
from server.store.upkeep import Upkeep
from server.voices.packs import Packs
from server.voices.prompts import load_clips
from server.voices.service import VoiceService
from server.web.kiosk import register_kiosk
from server.web.learners import register_learners
from server.web.teacher import register_teacher
from server.web.teacher.access import first_code
from server.web.teacher.context import Parts
from server.web.teacher.sessions import Sessions
from server.web.voices import register_voices

PASSPHRASE = "हत्तीच्या पाठीवर"
Post = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def languages() -> dict[str, Language]:
    return {code: load_language(code) for code in available()}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    engine = open_database(None, tmp_path)
    yield Store(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def engine() -> NumbersEngine:
    return NumbersEngine()


@pytest.fixture
def voice_service(tmp_path: Path, languages: dict[str, Language], engine: NumbersEngine) -> VoiceService:
    standard = {code: load_clips(Settings().prompts_dir, language) for code, language in languages.items()}
    return VoiceService(Packs(tmp_path / "voices"), languages, standard, dict.fromkeys(languages, engine))


class Clock:
    """The time of day for sessions."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return utc_ms() + self.ahead_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(
    store: Store, tmp_path: Path, languages: dict[str, Language], voice_service: VoiceService, clock: Clock
) -> Iterator[Flask]:
    security.keep_in(tmp_path)
    app = Flask("test", static_folder=None)
    with ThreadPoolExecutor(2) as pool:
        parts = Parts(
            store,
            partial(overview, store.engine),
            Transfers(str(store.engine.url), tmp_path, lambda transfer: None),
            Sessions(KeptSessions(store.engine), clock),
            Newcomers(store.engine),
            languages,
            "mr",
            pictures_in(ROOT / "client"),
            tmp_path,
            voice_service,
            Upkeep(store, tmp_path, ClockSteps(store.engine), lambda: None),
            *2 * (lambda work, *given: pool.submit(work, *given).result(),),
            DailyBackups(store.engine, tmp_path / "backups"),
        )
        register_learners(app, parts)
        register_kiosk(app, ROOT / "client", parts, register_teacher(app, parts))
        register_voices(app, voice_service)
        yield app


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A visitor without the passphrase."""
    return app.test_client()


@pytest.fixture
def teacher(app: Flask, store: Store) -> FlaskClient:
    """The teacher, who has set the passphrase and is logged in."""
    client = app.test_client()
    post(client, "first", "door", code=first_code(store), passphrase=PASSPHRASE, again=PASSPHRASE)
    return client


def token(client: FlaskClient, page: str = "door") -> str:
    """Return the token in the forms of a page."""
    found = re.search(r'csrf_token(?:" value="|=)([^"]+)"', client.get(f"/teacher/{page}").text)
    assert found, f"no form on {page}"
    return found[1]


def post(client: FlaskClient, to: str, page: str, **form: object) -> TestResponse:
    """Send a form of `page`."""
    return client.post(f"/teacher/{to}", data=form | {"csrf_token": token(client, page)})


def upload(client: FlaskClient, to: str, page: str, **form: object) -> TestResponse:
    """Send a form with a file: its token is in the address."""
    return client.post(f"/teacher/{to}?csrf_token={token(client, page)}", data=form)


def outcome(client: FlaskClient, limit_s: float = 60) -> TestResponse:
    """Return the data page when the export or import is over, reloaded as a browser does it."""
    deadline_s = time.monotonic() + limit_s
    while "Refresh" in (page := client.get("/teacher/data")).headers and "url=" not in page.headers["Refresh"]:
        assert time.monotonic() < deadline_s, page.text
        time.sleep(0.05)
    return page


def exported(client: FlaskClient, kind: str = "json", class_name: str = "") -> TestResponse:
    """Export, wait, and download the file."""
    assert client.get(f"/teacher/export?kind={kind}&class={class_name}").location == "/teacher/data"
    page = outcome(client)
    assert page.headers["Refresh"] == "0; url=/teacher/export/file", page.text
    return client.get("/teacher/export/file")
