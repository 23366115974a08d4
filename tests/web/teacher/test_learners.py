"""What the drill page shows of learners, and how one is added there."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.languages import load_language
from server.store.newcomers import MAY_JOIN
from server.store.store import Store
from tests.store.making import a_learner, practise

from .conftest import post

WISH = {"nickname": " आशा ", "picture": "kite", "language": "mr"}


def test_no_history_is_told(visitor: FlaskClient, store: Store) -> None:
    learner = a_learner(store, "Asha", "3 B")
    practise(store, learner, [(7, 8, 54)])
    answer = visitor.get("/learners.json")
    # We have no picture "tiger": the first one replaces it.
    face = {"id": learner, "nickname": "Asha", "picture": "boat", "class": "3 B", "language": "mr"}
    assert answer.json == {"learners": [face], "may_join": False}
    assert answer.headers["Cache-Control"] == "no-store"


def test_joining_needs_the_teachers_permission(visitor: FlaskClient, teacher: FlaskClient, store: Store) -> None:
    refused = visitor.post("/learners.json", json=WISH)
    assert (refused.status_code, refused.json) == (403, {"code": "may_not_join"})
    post(teacher, "settings", "settings", may_join="on")
    assert visitor.get("/learners.json").json["may_join"]
    joined = visitor.post("/learners.json", json=WISH)
    (learner,) = store.learners()
    assert (joined.status_code, joined.json) == (
        201,
        {"id": learner.id, "nickname": "आशा", "picture": "kite", "class": None, "language": "mr"},
    )
    post(teacher, "settings", "settings")
    assert visitor.post("/learners.json", json=WISH).status_code == 403
    assert len(store.learners()) == 1


def test_two_faces_can_be_told_apart(visitor: FlaskClient, store: Store) -> None:
    store.set_setting(MAY_JOIN, "yes")
    assert visitor.post("/learners.json", json=WISH).status_code == 201
    refused = visitor.post("/learners.json", json=WISH)
    assert (refused.status_code, refused.json) == (409, {"code": "name_taken"})
    assert visitor.post("/learners.json", json=WISH | {"picture": "owl"}).status_code == 201


@pytest.mark.parametrize(
    "wish",
    [
        None,
        [],
        "x",
        {},
        WISH | {"nickname": ""},
        WISH | {"nickname": 7},
        WISH | {"nickname": "x" * 41},
        WISH | {"picture": "no"},
        WISH | {"picture": ["kite"]},
        WISH | {"language": {}},
        WISH | {"language": "tlh"},
    ],
)
def test_nonsense_is_refused(visitor: FlaskClient, store: Store, wish: object) -> None:
    store.set_setting(MAY_JOIN, "yes")
    refused = visitor.post("/learners.json", json=wish)
    assert (refused.status_code, refused.json) == (400, {"code": "bad_learner"})


def test_a_form_of_another_site_adds_no_learner(visitor: FlaskClient, store: Store) -> None:
    store.set_setting(MAY_JOIN, "yes")
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert (
            visitor.post(
                "/learners.json", data='{"nickname": "x", "picture": "kite", "language": "mr"}', content_type=kind
            ).status_code
            == 400
        )
    assert store.learners() == []


def test_the_number_of_added_children_is_limited(visitor: FlaskClient, store: Store) -> None:
    store.set_setting(MAY_JOIN, "yes")
    codes = [visitor.post("/learners.json", json=WISH | {"nickname": f"{number}"}).status_code for number in range(62)]
    assert codes == [201] * 60 + [429] * 2


@pytest.mark.parametrize("tablets", [6])
def test_six_tablets_that_add_the_same_child_at_once_add_one(app: Flask, store: Store, tablets: int) -> None:
    store.set_setting(MAY_JOIN, "yes")
    start, codes = threading.Barrier(tablets), []

    def join() -> None:
        client = app.test_client()
        start.wait()
        codes.append(client.post("/learners.json", json=WISH).status_code)

    threads = [threading.Thread(target=join) for _ in range(tablets)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [201] + [409] * (tablets - 1) and len(store.learners()) == 1


def test_the_teacher_sees_who_came_and_keeps_or_removes_them(
    visitor: FlaskClient, teacher: FlaskClient, store: Store
) -> None:
    texts = load_language("en").teacher
    store.set_setting(MAY_JOIN, "yes")
    for name in ("Asha", "Ravi", "Nobody", "Meera"):
        visitor.post("/learners.json", json=WISH | {"nickname": name})
    ids = {learner.nickname: learner.id for learner in store.learners()}

    def waiting() -> list[str]:
        page = teacher.get("/teacher?language=en").text
        return [
            name
            for name, number in ids.items()
            if f'name="learner" value="{number}"' in page and texts["newcomers"] in page
        ]

    assert waiting() == ["Asha", "Meera", "Nobody", "Ravi"]
    post(teacher, "newcomers/keep", "classes", learner=ids["Asha"])
    assert waiting() == ["Meera", "Nobody", "Ravi"]
    post(teacher, f"learners/{ids['Nobody']}/delete", "classes")
    assert waiting() == ["Meera", "Ravi"]
    post(teacher, "newcomers/keep", "classes", learner=[ids["Meera"], ids["Ravi"]])
    assert waiting() == [] and [learner.nickname for learner in store.learners()] == ["Asha", "Meera", "Ravi"]


def test_a_device_with_many_addresses_is_one(visitor: FlaskClient, store: Store) -> None:
    store.set_setting(MAY_JOIN, "yes")
    codes = [
        visitor.post(
            "/learners.json",
            json=WISH | {"nickname": f"{number}"},
            environ_base={"REMOTE_ADDR": f"2001:db8::{number:x}"},
        ).status_code
        for number in range(62)
    ]
    assert codes == [201] * 60 + [429] * 2
