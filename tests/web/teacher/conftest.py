"""The teacher's pages on a real store, in a database of their own."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from server import pictures_in
from server.engines.numbers import NumbersEngine
from server.languages import Language, available, load_language
from server.settings import ROOT, Settings
from server.store.clock_steps import ClockSteps
from server.store.daily import DailyBackups
from server.store.database import open_database
from server.store.errors import StoreError
from server.store.exchange import export_file, import_file
from server.store.reports import overview
from server.store.store import Store
from server.store.upkeep import Upkeep
from server.voices.packs import Packs
from server.voices.standard import load_clips
from server.voices.studio import Studio
from server.web.kiosk import register_kiosk
from server.web.learners import register_learners
from server.web.teacher import register_teacher
from server.web.teacher.access import first_code
from server.web.teacher.desk import Parts
from server.web.voices import register_voices
from werkzeug.test import TestResponse

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
def studio(tmp_path: Path, languages: dict[str, Language], engine: NumbersEngine) -> Studio:
    standard = {code: load_clips(Settings().prompts_dir, language) for code, language in languages.items()}
    return Studio(Packs(tmp_path / "voices"), languages, standard, dict.fromkeys(languages, engine))


@pytest.fixture
def app(store: Store, tmp_path: Path, languages: dict[str, Language], studio: Studio) -> Iterator[Flask]:
    app = Flask("test", static_folder=None)
    with ThreadPoolExecutor(2) as pool:
        parts = Parts(
            store, partial(overview, store.engine), partial(export_file, store.engine), partial(import_file, store.engine),
            StoreError, languages, "mr", pictures_in(ROOT / "client"), tmp_path, studio,
            Upkeep(store, tmp_path, ClockSteps(store.engine), lambda: None), *2 * (lambda work, *given: pool.submit(work, *given).result(),), DailyBackups(store.engine, tmp_path / "backups"),
        )
        register_learners(app, parts)
        register_kiosk(app, ROOT / "client", parts, register_teacher(app, parts))
        register_voices(app, studio)
        yield app


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody without the passphrase."""
    return app.test_client()


@pytest.fixture
def teacher(app: Flask, store: Store) -> FlaskClient:
    """The teacher, who has set the passphrase and is logged in."""
    client = app.test_client()
    post(client, "first", "door", code=first_code(store), passphrase=PASSPHRASE, again=PASSPHRASE)
    return client


def token(client: FlaskClient, page: str = "door") -> str:
    """The token in the forms of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/teacher/{page}").text)
    assert found, f"no form on {page}"
    return found[1]


def post(client: FlaskClient, to: str, page: str, **form: object) -> TestResponse:
    """Send a form of `page`."""
    return client.post(f"/teacher/{to}", data=form | {"csrf_token": token(client, page)})
