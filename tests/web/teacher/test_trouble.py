"""A database in trouble: the teacher's pages say what is wrong and what to do."""

import sqlite3
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from server.languages import load_language
from server.store.newcomers import MAY_JOIN
from server.store.store import Store

from .conftest import PASSPHRASE, post

CLASSES = "classes VALUES (:key)"
LEARNERS = "learners VALUES (:number, :key, 'kite', NULL, 'en', 0, NULL)"
SESSIONS = "sessions (key, opened_at_ms, used_at_ms) VALUES (:key, 9e12, 9e12)"


def fill_up(engine: Engine) -> None:
    """Let no further row fit, as on a full disk."""

    @event.listens_for(engine, "checkout")
    def checkout(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite's limit: no more pages than there are

    for table, length in ((SESSIONS, 64), (CLASSES, 40), (LEARNERS, 1)):
        with pytest.raises(OperationalError, match="full"), engine.connect() as connection:
            for number in range(10_000):
                connection.execute(text(f"INSERT INTO {table}"), {"key": f"{number:0{length}}", "number": number})
                connection.commit()


def lock(engine: Engine) -> None:
    """Let another program hold a write lock for a long time."""
    other = sqlite3.connect(engine.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    event.listen(engine, "checkout", lambda *_: other.total_changes)  # keeps it open


@pytest.mark.parametrize(
    ("code", "trouble", "key"),
    [("en", fill_up, "error_store_full"), ("hi", lock, "error_store_locked"), ("mr", fill_up, "error_store_full")],
)
def test_a_page_that_cannot_write_says_why(
    teacher: FlaskClient, visitor: FlaskClient, store: Store, code: str, trouble: Callable[[Engine], None], key: str
) -> None:
    """Also at log-in, which is stored."""
    for client in (teacher, visitor):
        client.get(f"/teacher/door?language={code}")
    store.set_setting(MAY_JOIN, "yes")
    trouble(store.engine)
    joined = visitor.post("/learners.json", json={"nickname": "Z" * 40, "picture": "kite", "language": code})
    assert (joined.status_code, joined.json) == (503, {"code": "not_kept"})
    told = [
        post(visitor, "door", "door", passphrase=PASSPHRASE),
        post(teacher, "classes/add", "settings", name="Z" * 40),
    ]
    for answer in told:
        assert answer.status_code == 503
        assert load_language(code).teacher[key] in answer.text
