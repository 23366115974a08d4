"""The teacher's sessions, on both databases."""

import pytest
from sqlalchemy import text

from server.store.sessions import Sessions
from server.store.store import Store


def test_they_are_opened_used_and_ended(store: Store) -> None:
    sessions = Sessions(store.engine)
    for number, key in enumerate("abc"):
        sessions.open(key, 100 * number, oldest_ms=0)
    sessions.use("b", 500)
    assert [sessions.times_ms(key) for key in "abcd"] == [(0, 0), (100, 500), (200, 200), None]
    sessions.end("c")
    sessions.end("nobody's")
    sessions.open("d", 600, oldest_ms=100)
    assert [sessions.times_ms(key) is not None for key in "abcd"] == [False, True, False, True]
    sessions.end()
    assert [sessions.times_ms(key) for key in "abcd"] == [None] * 4


def test_a_use_that_cannot_be_written_is_no_trouble(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    sessions = Sessions(store.engine)
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE sessions"))
    sessions.use("a", 1)
    assert "cannot be kept" in caplog.text
