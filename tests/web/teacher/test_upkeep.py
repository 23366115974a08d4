"""Stray recordings, wrong dates, and how long answers are kept: the pages and their changes."""

import datetime as dt
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.clock import utc_ms
from server.languages import available, load_language
from server.store.clock_steps import ClockSteps
from server.store.retention import SETTING, Retention
from server.store.store import Store
from tests.store.making import DAY_MS, a_learner, practise

from .conftest import post

TEXTS = load_language("en").teacher


@pytest.fixture
def stray(tmp_path: Path) -> Path:
    """Make a recording of a child that is missing in an older backup."""
    file = tmp_path / "samples" / "123456789012345" / "56_1.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"RIFF sound")
    return file


def clock_was_ahead(store: Store, days: int = 400) -> int:
    """Add a child with one answer that the clock dated that many days ahead."""
    learner = a_learner(store)
    practise(store, learner, [(7, 8, 56)], utc_ms() + days * DAY_MS)
    ClockSteps(store.engine).look_at_start(utc_ms())
    return learner


@pytest.mark.parametrize("code", available())
def test_in_every_language(teacher: FlaskClient, store: Store, stray: Path, code: str) -> None:
    clock_was_ahead(store)
    texts = load_language(code).teacher
    page = teacher.get(f"/teacher/data?language={code}")
    assert page.status_code == 200
    assert texts["strays"] in page.text and texts["clock"] in page.text
    assert texts["clock_doubt"] in teacher.get("/teacher").text
    assert texts["retention"] in teacher.get("/teacher/settings").text


def test_stray_recordings_are_shown_until_they_are_deleted(teacher: FlaskClient, stray: Path) -> None:
    assert "123456789012345" in teacher.get("/teacher/data?language=en").text
    post(teacher, "data/recordings/delete", "data")
    page = teacher.get("/teacher/data").text
    assert TEXTS["strays_deleted"].format(n=1) in page and TEXTS["strays"] not in page
    assert not stray.exists()


def test_the_form_is_filled_with_what_sets_the_dates_right(teacher: FlaskClient, store: Store) -> None:
    learner = clock_was_ahead(store)
    page = teacher.get("/teacher/data?language=en").text
    filled = dict(
        re.findall(
            r'name="(from|until|days|hours)" required(?: step="1")?(?: min="-23" max="23")? value="([^"]*)"', page
        )
    )
    post(teacher, "data/clock", "data", **filled)
    page = teacher.get("/teacher/data").text
    assert TEXTS["clock_repaired"].format(n=1) in page and TEXTS["clock_text"] not in page
    assert abs(store.attempts_of(learner)[0].at_ms - utc_ms()) < DAY_MS
    assert TEXTS["clock_doubt"] not in teacher.get("/teacher").text


def test_a_teacher_may_know_that_all_dates_are_right(teacher: FlaskClient, store: Store) -> None:
    learner = clock_was_ahead(store)
    before = store.attempts_of(learner)
    post(teacher, "data/clock/right", "data")
    assert load_language("mr").teacher["clock_text"] not in teacher.get("/teacher/data").text
    assert store.attempts_of(learner) == before


GOOD = {"from": "2028-01-01T00:00", "until": "2028-01-02T00:00", "days": "400", "hours": "0"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": ""},
        {"from": "yesterday"},
        {"until": "2027-01-01T00:00"},
        {"days": ""},
        {"days": "nan"},
        {"days": "1e300"},
        {"days": "0"},
        {"hours": "x"},
        {"from": "0001-01-01T00:00"},
        {"until": "9999-12-31T23:59:99"},
        {"days": "inf"},
    ],
)
def test_dates_that_cannot_be_are_refused(teacher: FlaskClient, store: Store, wrong: dict[str, str]) -> None:
    learner = clock_was_ahead(store)
    before = store.attempts_of(learner)
    answer = post(teacher, "data/clock", "data?language=en", **GOOD | wrong)
    assert answer.status_code == 302
    assert TEXTS["error_bad_dates"] in teacher.get("/teacher/data").text
    assert store.attempts_of(learner) == before


def test_how_long_answers_are_kept(teacher: FlaskClient, store: Store) -> None:
    learner = a_learner(store)
    practise(store, learner, [(7, 8, 56)] * 3, utc_ms() - 400 * DAY_MS)
    practise(store, learner, [(7, 8, 56)], utc_ms() - DAY_MS)
    retention = Retention(store.engine, ClockSteps(store.engine))
    assert retention.run(utc_ms()) == 0
    marks = re.findall(r"<td class=[^>]*>", teacher.get(f"/teacher/learners/{learner}?language=en").text)
    post(teacher, "settings/retention", "settings", months="12")
    assert store.setting(SETTING) == "12" and 'value="12" selected' in teacher.get("/teacher/settings").text
    assert retention.run(utc_ms()) == 3
    day = dt.datetime.fromtimestamp((utc_ms() - 400 * DAY_MS) / 1000)
    assert f"{day:%Y}" in teacher.get("/teacher/data").text
    # The heat map is the same: knowledge stays.
    assert re.findall(r"<td class=[^>]*>", teacher.get(f"/teacher/learners/{learner}").text) == marks
    for months in ("7", "x", "-1"):
        post(teacher, "settings/retention", "settings", months=months)
        assert store.setting(SETTING) == "12"
    post(teacher, "settings/retention", "settings", months="")
    assert store.setting(SETTING) is None


@pytest.mark.parametrize("to", ["data/recordings/delete", "data/clock", "data/clock/right", "settings/retention"])
def test_only_the_teacher_may(visitor: FlaskClient, teacher: FlaskClient, store: Store, stray: Path, to: str) -> None:
    learner = clock_was_ahead(store)
    before = store.attempts_of(learner)
    assert post(visitor, to, "door", months="6", **GOOD).location == "/teacher/door"
    assert stray.exists() and store.attempts_of(learner) == before and store.setting(SETTING) is None
    assert ClockSteps(store.engine).open()
