"""The tablet of a class, and the way out of it."""

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from server.languages import load_language
from server.store.store import Store
from server.web.teacher.access import PIN_SETTING, forget

from .conftest import PASSPHRASE, post, token

ENGLISH = load_language("en").teacher


def let_out(client: FlaskClient, secret: object) -> tuple[int, object]:
    answer = client.post("/kiosk/release", json={"secret": secret})
    return answer.status_code, answer.json


def test_the_page_is_the_drill_page_with_its_own_first_screen(visitor: FlaskClient) -> None:
    answer = visitor.get("/kiosk")
    assert answer.status_code == 200 and answer.mimetype == "text/html"
    for part in ('id="kiosk"', 'id="drill"', 'src="client/kiosk.js"', "client/kiosk.css", "webmanifest?kiosk"):
        assert answer.text.count(part) == 1, part
    assert "client/app.js" not in answer.text
    again = visitor.get("/kiosk", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_teacher_sets_a_pin_and_it_is_kept_hashed(teacher: FlaskClient, store: Store) -> None:
    assert teacher.get("/kiosk.json").json == {"pin": False}
    post(teacher, "settings/pin", "settings", pin="246824")
    kept = store.setting(PIN_SETTING)
    assert kept is not None and kept.startswith("$argon2id$") and "246824" not in kept
    assert teacher.get("/kiosk.json").json == {"pin": True}
    assert ENGLISH["pin_is_set"] in teacher.get("/teacher/settings?language=en").text
    post(teacher, "settings/pin", "settings", pin="")
    assert store.setting(PIN_SETTING) is None


@pytest.mark.parametrize(
    ("pin", "complaint"),
    [
        *((pin, "bad_pin") for pin in ("123", "2468", "24682", "246824682", "24a824", "२४६८२४", " 246824")),
        *((pin, "pin_too_simple") for pin in ("123456", "987654", "111111", "12121212")),
    ],
)
def test_a_pin_has_digits_that_are_not_guessed_first(
    teacher: FlaskClient, store: Store, pin: str, complaint: str
) -> None:
    teacher.get("/teacher/settings?language=en")
    post(teacher, "settings/pin", "settings", pin=pin)
    assert ENGLISH[complaint].format(least=6, most=8) in teacher.get("/teacher/settings").text
    assert store.setting(PIN_SETTING) is None


def test_a_shorter_pin_of_an_older_server_still_counts(
    teacher: FlaskClient, store: Store, visitor: FlaskClient
) -> None:
    store.set_setting(PIN_SETTING, PasswordHasher().hash("2468"))
    assert let_out(visitor, "2468") == (200, {})


def test_the_pin_lets_out_and_nothing_else_does(teacher: FlaskClient, visitor: FlaskClient) -> None:
    post(teacher, "settings/pin", "settings", pin="246824")
    assert let_out(visitor, "246824") == (200, {})
    for wrong in ("1357", PASSPHRASE, "", None, 246824):
        assert let_out(visitor, wrong) == (403, {"code": "pin_wrong"})


def test_without_a_pin_the_passphrase_lets_out(teacher: FlaskClient, visitor: FlaskClient) -> None:
    assert let_out(visitor, "guess") == (403, {"code": "pin_wrong"})
    assert let_out(visitor, PASSPHRASE) == (200, {})


def test_where_nothing_is_set_nothing_is_locked(visitor: FlaskClient, store: Store) -> None:
    assert let_out(visitor, "") == (200, {})


def test_after_a_reset_no_old_pin_counts(teacher: FlaskClient, store: Store, visitor: FlaskClient) -> None:
    post(teacher, "settings/pin", "settings", pin="246824")
    forget(store)
    assert visitor.get("/kiosk.json").json == {"pin": False}
    assert let_out(visitor, "") == (200, {})


def test_guessing_is_stopped_here_and_at_the_teachers_door(teacher: FlaskClient, visitor: FlaskClient) -> None:
    post(teacher, "settings/pin", "settings", pin="246824")
    for guess in range(3):
        assert let_out(visitor, f"000{guess}")[0] == 403
    for _ in range(2):
        post(visitor, "door", "door", passphrase="guess")
    assert let_out(visitor, "246824") == (429, {"code": "too_many_tries", "minutes": 1})
    assert post(visitor, "door", "door", passphrase=PASSPHRASE).status_code == 429


def test_knowing_the_pin_does_not_speed_up_guessing_the_passphrase(teacher: FlaskClient, visitor: FlaskClient) -> None:
    post(teacher, "settings/pin", "settings", pin="246824")
    for _ in range(4):
        assert post(visitor, "door", "door", passphrase="guess").status_code == 403
    assert let_out(visitor, "246824")[0] == 200
    assert post(visitor, "door", "door", passphrase="guess").status_code == 429
    assert let_out(visitor, "246824")[0] == 200


def test_only_the_page_itself_can_ask(teacher: FlaskClient, visitor: FlaskClient) -> None:
    post(teacher, "settings/pin", "settings", pin="246824")
    assert visitor.post("/kiosk/release", data={"secret": "246824"}).status_code == 403
    assert visitor.post("/kiosk/release", data='["246824"]', content_type="application/json").status_code == 403
    assert visitor.post("/kiosk/release", data="x" * 5000, content_type="application/json").status_code in (403, 413)
    assert visitor.post("/teacher/settings/pin", data={"pin": "1111", "csrf_token": token(visitor)}).status_code == 302
    assert visitor.get("/kiosk.json").json == {"pin": True}


def test_the_way_out_is_not_kept_by_the_browser(visitor: FlaskClient) -> None:
    assert visitor.get("/kiosk.json").headers["Cache-Control"] == "no-store"
