"""Exports and imports: in a process of their own, one at a time, and only for the teacher."""

import io
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.languages import load_language
from server.store.records import Sample
from server.store.store import Store
from server.web.teacher import context
from server.web.teacher.data import LARGEST_IMPORT_BYTES
from tests.store.making import NOON_MS, a_learner, practise

from .conftest import exported, outcome, post, token, upload

ENGLISH = load_language("en").teacher


@pytest.fixture
def asha(store: Store) -> int:
    """A child with four answers, a name with a joiner and a recording."""
    learner = a_learner(store, "सौर्\u200dया", "3 B")
    practise(store, learner, [(7, 8, 54), (7, 8, 56), (2, 3, 6), (2, 4, None)])
    store.set_consent(learner, NOON_MS)
    store.add_sample(Sample("samples/one.wav", learner, 56, NOON_MS))
    return learner


def left_in(scratch: Path) -> list[Path]:
    return [path for path in scratch.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["json", "zip"])
def test_what_goes_out_comes_in_again(teacher: FlaskClient, store: Store, asha: int, kind: str, tmp_path: Path) -> None:
    file = exported(teacher, kind)
    assert file.headers["Content-Disposition"] == f"attachment; filename=paadas.{kind}"
    assert "Refresh" not in teacher.get("/teacher/data").headers, "it is fetched once"
    before, name = store.attempts_of(asha), store.learner(asha).nickname
    store.delete_learner(asha)
    teacher.get("/teacher?language=en")
    answer = upload(teacher, "data", "data", file=(io.BytesIO(file.data), f"my.{kind}"))
    assert answer.location == "/teacher/data"
    assert ENGLISH["file_read"].format(n=1, answers=4) in outcome(teacher).text
    assert store.attempts_of(asha) == before and store.learner(asha).nickname == name
    assert left_in(tmp_path / "scratch") == []


def test_a_class_goes_out_alone(teacher: FlaskClient, store: Store, asha: int) -> None:
    a_learner(store, "Mina")
    assert teacher.get("/teacher/export?kind=json&class=none").status_code == 404
    assert [learner["id"] for learner in json.loads(exported(teacher, "json", "3+B").data)["learners"]] == [asha]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("my.csv", b"a,b", "file_kind"),
        ("../../x.json", b"[]", "file_not_ours"),
        ("my.json", b'{"format": "paadas", "version": 1, "classes": [{"name": "2A"}, {"name": ""}]', "file_row"),
    ],
)
def test_a_bad_file_is_named_and_changes_nothing(
    teacher: FlaskClient, store: Store, tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    upload(teacher, "data", "data?language=en", file=(io.BytesIO(content), name))
    page = outcome(teacher).text
    assert ENGLISH["bad_file"] in page and ENGLISH[complaint].format(table="classes", row=2) in page
    assert str(tmp_path / "scratch") not in page
    assert store.classes() == [] and left_in(tmp_path / "scratch") == []


def test_no_file_is_said_too(teacher: FlaskClient) -> None:
    upload(teacher, "data", "data?language=en")
    assert ENGLISH["no_file"] in teacher.get("/teacher/data").text
    assert teacher.get("/teacher/export/file").status_code == 404


class Body(io.RawIOBase):
    """A request's body of any size. `read_bytes`: how much was read. `stopped`: it does not end before this is set."""

    def __init__(self, size_bytes: int, head: bytes = b"", stopped: threading.Event | None = None) -> None:
        self.size_bytes, self.read_bytes, self.stopped, self.begun = size_bytes, 0, stopped, threading.Event()
        self._head = io.BytesIO(head)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.begun.set()
        content = self._head.read(len(buffer))
        if not content and self.stopped is not None:
            self.stopped.wait(30)
        content = content or bytes(min(len(buffer), self.size_bytes - self.read_bytes))
        buffer[: len(content)] = content
        self.read_bytes += len(content)
        return len(content)


FORM = "multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="my.json"\r\n\r\n'


def sent(client: FlaskClient, address: str, body: Body) -> TestResponse:
    received = {"wsgi.input": body, "CONTENT_LENGTH": str(body.size_bytes)}
    return client.post(address, content_type=FORM, environ_overrides=received)


def send(client: FlaskClient, address: str, body: Body) -> int:
    return sent(client, address, body).status_code


def posts(app: Flask) -> Iterator[tuple[str, bool]]:
    """Yield the addresses of all the teacher's forms, and whether they are public."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("teacher.") and "POST" in (rule.methods or ()):
            address = re.sub("<[^>]*>", "1", rule.rule)
            yield address, rule.endpoint.split(".")[1] in ("first", "enter", "leave")


def test_of_a_strangers_form_nothing_is_read(app: Flask, teacher: FlaskClient, visitor: FlaskClient) -> None:
    some_token = token(visitor)
    for address, is_public in posts(app):
        body = Body(63 * 1024 * 1024, FILE)
        status = send(visitor, f"{address}?csrf_token={some_token}", body)
        assert (status, body.read_bytes) == (413 if is_public else 302, 0), address


def test_of_a_forged_upload_nothing_is_read(teacher: FlaskClient) -> None:
    for address in ("data", "data?csrf_token=made-up", "voices/import"):
        body = Body(63 * 1024 * 1024, FILE)
        assert (send(teacher, f"/teacher/{address}", body), body.read_bytes) == (400, 0), address


def test_of_a_form_that_is_too_large_nothing_is_read(app: Flask, teacher: FlaskClient) -> None:
    some_token = token(teacher, "data")
    for address, _ in posts(app):
        if not address.endswith("/passphrase"):
            body = Body(LARGEST_IMPORT_BYTES + 1, FILE)
            assert (send(teacher, f"{address}?csrf_token={some_token}", body), body.read_bytes) == (413, 0), address


def test_of_two_uploads_the_second_is_told_to_wait(app: Flask, teacher: FlaskClient) -> None:
    address = f"/teacher/data?csrf_token={token(teacher, 'data?language=en')}"
    other = app.test_client()
    other.set_cookie(
        "paadas_teacher",
        (teacher.get_cookie("paadas_teacher", path="/teacher") or pytest.fail()).value,
        path="/teacher",
    )
    first = Body(context.SMALL_FILE_BYTES + 1, FILE, threading.Event())
    sending = threading.Thread(target=send, args=(teacher, address, first))
    sending.start()
    assert first.begun.wait(30)
    second = Body(context.SMALL_FILE_BYTES + 1, FILE)
    refused = sent(other, address, second)
    assert (refused.status_code, second.read_bytes) == (409, 0)
    assert ENGLISH["error_transfer_running"] in refused.text
    assert other.get("/teacher/classes").status_code == 200
    assert first.stopped
    first.stopped.set()
    sending.join(30)
    third = Body(context.SMALL_FILE_BYTES + 1, FILE)
    send(other, address, third)
    assert third.read_bytes > 0, "the next one has its turn"


def test_a_disk_that_is_nearly_full_takes_no_upload(teacher: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "FREE_BYTES", 10**18)
    body = Body(context.SMALL_FILE_BYTES + 1, FILE)
    address = f"/teacher/data?csrf_token={token(teacher, 'data')}"
    assert (send(teacher, address, body), body.read_bytes) == (507, 0)


def test_a_large_upload_lies_in_the_data_folder_and_goes_with_the_connection(
    app: Flask, teacher: FlaskClient, tmp_path: Path
) -> None:
    address = f"/teacher/data?csrf_token={token(teacher, 'data')}"
    gone = Body(40 * 1024 * 1024, FILE, threading.Event())
    sending = threading.Thread(target=send, args=(teacher, address, gone))
    sending.start()
    assert gone.begun.wait(30)
    gone.size_bytes = 8 * 1024 * 1024  # the browser leaves in the middle
    assert gone.stopped
    gone.stopped.set()
    sending.join(30)
    assert left_in(tmp_path / "scratch") == []
    assert post(teacher, "data/cancel", "settings").location == "/teacher/data"
