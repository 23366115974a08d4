"""Access to the teacher's pages."""

import re
import stat
import threading
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.languages import load_language
from server.store.models import SessionRow
from server.store.sessions import Sessions as KeptSessions
from server.store.store import Store
from server.web.teacher.access import CODE_SETTING, SETTING, Access, first_code, forget, secret_key
from server.web.teacher.context import empty_scratch
from server.web.teacher.sessions import Sessions
from tests.store.making import a_learner

from .conftest import PASSPHRASE, Clock, post, token

ENGLISH = load_language("en").teacher


def pages(app: Flask, learner: int) -> list[tuple[str, str]]:
    """Return every page of the teacher's except log-in, with its method."""
    addresses = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("teacher.") and rule.endpoint.split(".")[1] not in (
            "door",
            "first",
            "enter",
            "leave",
        ):
            address = re.sub("<int:learner_id>", str(learner), rule.rule)
            addresses += [(method, re.sub("<path:.*>", "x", address)) for method in rule.methods & {"GET", "POST"}]
    return addresses


def test_the_code_sets_the_passphrase_and_logs_in(visitor: FlaskClient, store: Store) -> None:
    assert visitor.get("/teacher").location == "/teacher/door"
    code = first_code(store)
    assert code == first_code(store) and code not in visitor.get("/teacher/door").text
    answer = post(visitor, "first", "door", code=f" {code} ", passphrase=PASSPHRASE, again=PASSPHRASE)
    assert answer.location == "/teacher"
    assert first_code(store) is store.setting(CODE_SETTING) is None
    assert visitor.get("/teacher").status_code == 200
    kept = store.setting(SETTING)
    assert kept is not None and kept.startswith("$argon2id$") and PASSPHRASE not in kept


def test_the_passphrase_needs_the_code_and_guessing_is_slow(visitor: FlaskClient, store: Store) -> None:
    wrong = "0" if first_code(store) == "000000" else "000000"
    for code in (wrong, wrong, "", "٣", wrong):
        answer = post(visitor, "first", "door?language=en", code=code, passphrase=PASSPHRASE, again=PASSPHRASE)
        assert answer.status_code == 400 and ENGLISH["passphrase_wrong_code"] in answer.text
    answer = post(visitor, "first", "door", code=first_code(store), passphrase=PASSPHRASE, again=PASSPHRASE)
    assert answer.status_code == 429
    assert store.setting(SETTING) is None


@pytest.mark.parametrize(
    ("passphrase", "again", "complaint"),
    [
        ("short", "short", "passphrase_too_short"),
        (PASSPHRASE, PASSPHRASE + "!", "passphrase_not_the_same"),
        ("x" * 201, "x" * 201, "passphrase_too_long"),
        ("", "", "passphrase_too_short"),
        ("elevenchars", "elevenchars", "passphrase_too_short"),
        *(
            (simple, simple, "passphrase_too_simple")
            for simple in (
                "password1234",
                "Password Password",
                "123456789012",
                "aaaaaaaaaaaa",
                "qwertyuiop[]",
                "teacher-school-2026",
                "१२३४५६७८९०१२",
                "abcabcabcabc",
                "Paadas Paadas!",
                "शाळा शाळा शाळा",
            )
        ),
    ],
)
def test_a_bad_first_passphrase_is_explained(
    visitor: FlaskClient, store: Store, passphrase: str, again: str, complaint: str
) -> None:
    form = {"code": first_code(store), "passphrase": passphrase, "again": again}
    answer = post(visitor, "first", "door?language=en", **form)
    assert answer.status_code == 400
    assert ENGLISH[complaint].format(n=12) in answer.text
    assert store.setting(SETTING) is None


def test_of_two_first_visitors_only_one_wins(store: Store) -> None:
    access, start, won, code = Access(store), threading.Barrier(4), [], first_code(store)

    def visit(passphrase: str) -> None:
        start.wait()
        if access.set_first(code, passphrase, passphrase, passphrase):
            won.append(passphrase)

    threads = [threading.Thread(target=visit, args=[f"{number} green elephants"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    access.admit(won[0], "a")


def test_a_set_passphrase_is_not_set_again(teacher: FlaskClient, app: Flask, store: Store) -> None:
    kept = store.setting(SETTING)
    second = app.test_client()
    answer = post(second, "first", "door?language=en", code="", passphrase="mine instead", again="mine instead")
    assert answer.status_code == 409
    assert ENGLISH["error_passphrase_is_set"] in answer.text
    assert store.setting(SETTING) == kept
    assert second.get("/teacher").location == "/teacher/door"


def test_no_page_without_the_passphrase(app: Flask, teacher: FlaskClient, visitor: FlaskClient, store: Store) -> None:
    learner = a_learner(store, "Secretive")
    some_token = token(visitor)
    everything = pages(app, learner)
    assert len(everything) > 20
    for method, address in everything:
        answer = visitor.open(address, method=method, data={"csrf_token": some_token} if method == "POST" else None)
        assert (answer.status_code, answer.location) == (302, "/teacher/door"), address
        assert "Secretive" not in answer.text
    assert [kept.nickname for kept in store.learners()] == ["Secretive"]


def test_nothing_is_changed_without_the_token_of_a_form(app: Flask, teacher: FlaskClient, store: Store) -> None:
    learner = a_learner(store)
    for method, address in pages(app, learner):
        if method == "POST":
            assert teacher.post(address, data={}).status_code == 400, address
            assert teacher.post(address, data={"csrf_token": "made up"}).status_code == 400, address
    assert teacher.post("/teacher/leave").status_code == 400
    assert teacher.get("/teacher").status_code == 200
    assert store.learner(learner)


def test_the_token_of_another_session_does_not_count(teacher: FlaskClient, visitor: FlaskClient) -> None:
    assert teacher.post("/teacher/classes/add", data={"name": "3 B", "csrf_token": token(visitor)}).status_code == 400


def test_wrong_tries_are_told_and_then_stopped(teacher: FlaskClient, visitor: FlaskClient) -> None:
    for _ in range(5):
        answer = post(visitor, "door", "door?language=en", passphrase="guess")
        assert answer.status_code == 403
        assert ENGLISH["passphrase_wrong"] in answer.text
    answer = post(visitor, "door", "door", passphrase=PASSPHRASE)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert ENGLISH["error_too_many_tries"].format(minutes=1) in answer.text
    assert visitor.get("/teacher").location == "/teacher/door"


def test_another_address_is_not_locked_with_it(teacher: FlaskClient, app: Flask) -> None:
    child, other = app.test_client(), app.test_client()
    for _ in range(6):
        post(child, "door", "door", passphrase="guess")
    some_token = token(other)
    answer = other.post(
        "/teacher/door",
        data={"passphrase": PASSPHRASE, "csrf_token": some_token},
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
    )
    assert answer.location == "/teacher"


def test_the_right_passphrase_clears_the_count(teacher: FlaskClient, visitor: FlaskClient) -> None:
    for _ in range(3):
        for _ in range(4):
            post(visitor, "door", "door", passphrase="guess")
        assert post(visitor, "door", "door", passphrase=PASSPHRASE).location == "/teacher"
        post(visitor, "leave", "classes")


def test_a_passphrase_of_an_older_server_still_counts(teacher: FlaskClient, visitor: FlaskClient, store: Store) -> None:
    store.set_setting(SETTING, PasswordHasher().hash("12345678"))
    assert post(visitor, "door", "door", passphrase="12345678").location == "/teacher"


def copy_of(client: FlaskClient, app: Flask) -> FlaskClient:
    """Return another browser with the same cookie."""
    cookie, other = client.get_cookie("paadas_teacher", path="/teacher"), app.test_client()
    assert cookie
    other.set_cookie("paadas_teacher", cookie.value, path="/teacher")
    return other


def test_logging_out_ends_it_for_copies_of_the_cookie_too(teacher: FlaskClient, app: Flask) -> None:
    colleague, thief = app.test_client(), copy_of(teacher, app)
    post(colleague, "door", "door", passphrase=PASSPHRASE)
    assert thief.get("/teacher").status_code == 200
    assert post(teacher, "leave", "classes").location == "/teacher/door"
    for client in (teacher, thief):
        for path in ("", "/export", "/settings", "/data"):
            assert client.get(f"/teacher{path}").location == "/teacher/door"
    assert colleague.get("/teacher").status_code == 200, "other sessions go on"


@pytest.mark.parametrize(
    ("steps_min", "is_open"),
    [
        ([29], True),
        ([31], False),
        ([20, 20, 20], True),
        ([25] * 28, True),
        ([25] * 29, False),
        ([-31], False),
        ([-5], True),
    ],
    ids=str,
)
def test_a_session_ends_by_the_clock(teacher: FlaskClient, clock: Clock, steps_min: list[int], is_open: bool) -> None:
    for minutes in steps_min:
        clock.ahead_ms += minutes * 60_000
        answer = teacher.get("/teacher/classes")
    assert (answer.status_code == 200) is is_open


def test_a_session_survives_a_restart_and_a_new_login_ends_the_old_one(
    teacher: FlaskClient, app: Flask, store: Store
) -> None:
    assert Sessions(KeptSessions(store.engine)).goes_on(session_id(teacher, app))
    old = copy_of(teacher, app)
    post(teacher, "door", "classes", passphrase=PASSPHRASE)
    assert old.get("/teacher").location == "/teacher/door" and teacher.get("/teacher").status_code == 200


def session_id(client: FlaskClient, app: Flask) -> str:
    with client.session_transaction("/teacher") as opened:
        return str(opened["id"])


def test_old_sessions_do_not_pile_up(store: Store, clock: Clock) -> None:
    sessions = Sessions(KeptSessions(store.engine), clock)
    for _ in range(5):
        sessions.open()
        clock.ahead_ms += 13 * 3_600_000
    with Session(store.engine) as session:
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 1


def test_a_new_passphrase_logs_all_others_out(teacher: FlaskClient, app: Flask) -> None:
    other = app.test_client()
    post(other, "door", "door", passphrase=PASSPHRASE)
    wrong = post(
        teacher, "passphrase", "settings?language=en", old="guess", passphrase="tables are fun", again="tables are fun"
    )
    assert wrong.location == "/teacher/settings"
    assert ENGLISH["passphrase_wrong"] in teacher.get("/teacher/settings").text
    assert other.get("/teacher").status_code == 200
    post(teacher, "passphrase", "settings", old=PASSPHRASE, passphrase="tables are fun", again="tables are fun")
    assert teacher.get("/teacher").status_code == 200
    assert other.get("/teacher").location == "/teacher/door"


def test_after_a_reset_the_next_visitor_sets_it_anew(teacher: FlaskClient, store: Store) -> None:
    forget(store)
    assert teacher.get("/teacher").location == "/teacher/door"
    form = {"code": first_code(store), "passphrase": "something new", "again": "something new"}
    assert post(teacher, "first", "door", **form).location == "/teacher"


def test_the_cookie_is_kept_from_scripts_and_other_sites(teacher: FlaskClient) -> None:
    cookie = teacher.get("/teacher").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/teacher" in cookie and "Secure" not in cookie
    assert "Secure" in teacher.get("/teacher", base_url="https://localhost").headers["Set-Cookie"]


def test_pages_are_not_kept_by_the_browser(teacher: FlaskClient) -> None:
    assert teacher.get("/teacher").headers["Cache-Control"] == "no-store"


def test_what_was_on_its_way_when_the_server_was_killed_is_gone(tmp_path: Path) -> None:
    for _ in range(2):
        empty_scratch(tmp_path)
        folder = tmp_path / "scratch"
        assert list(folder.iterdir()) == [] and stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "paadas.json").write_text("all that is known of children")


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = secret_key(tmp_path)
    assert len(key) == 64 and secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [b"", b"k", b"k" * 31, bytes(64)])
def test_a_key_that_a_power_cut_has_spoilt_is_made_anew(
    tmp_path: Path, left: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "secret.key").write_bytes(left)
    key = secret_key(tmp_path)
    assert len(key) == 64 and secret_key(tmp_path) == key
    assert caplog.text.count("held no usable key") == 1


def test_the_key_is_private_even_if_an_old_file_was_there(tmp_path: Path) -> None:
    left = tmp_path / "secret.partial"
    left.write_text("of a server that was killed")
    left.chmod(0o644)
    assert secret_key(tmp_path) and stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
