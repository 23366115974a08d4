"""The probes' findings on parts that really are in trouble."""

import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from server.asr.errors import EngineError
from server.asr.numbers.engine import NumbersEngine, NumbersRecogniser
from server.live.health import OK, Health, Probe
from server.live.probes import (
    database_trouble,
    disk_trouble,
    integrity_trouble,
    make_health,
    parts_found,
    recogniser_trouble,
)
from server.store.database import FILE_NAME, make_engine, open_database
from server.store.store import Store
from tests.store.making import a_drill, a_learner, an_entry
from tests.support.disk import small_disk

PAGE_BYTES = 4096
STORE = ("commits", "database", "integrity")


def at_once(run: Callable[..., object], *given: object) -> object:
    return run(*given)


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    """The database of a child who has practised; its server has gone."""
    engine = open_database(None, tmp_path)
    store = Store(engine)
    drill = a_drill(a_learner(store))
    store.write([drill, *(an_entry(drill, turn) for turn in range(1, 2000))])
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return make_engine(f"sqlite:///{tmp_path / FILE_NAME}", busy_ms=10)


def test_nothing_ails_a_sound_server(database: Engine, tmp_path: Path) -> None:
    before = (tmp_path / FILE_NAME).read_bytes()
    assert recogniser_trouble({"mr": NumbersEngine()}) is None
    assert [database_trouble(database), integrity_trouble(database), disk_trouble(tmp_path)] == [None, None, None]
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_recogniser_that_fails_gives_back_what_it_was_lent() -> None:
    class Broken(NumbersEngine):
        lent = 0

        def lease(self, language: str) -> Any:
            self.lent += 1
            recogniser = super().lease(language)
            recogniser.finish = lambda: self.listen(None, language)
            return recogniser

        def listen(self, *_: object) -> Any:
            raise EngineError("engine_failed", "the network is gone")

        def release(self, language: str, recogniser: object) -> None:
            self.lent -= 1

    sound, engine = NumbersEngine(), Broken()
    with pytest.raises(EngineError):
        recogniser_trouble({"en": sound, "mr": sound, "hi": engine})
    assert engine.lent == 0


def test_each_engine_is_asked_once() -> None:
    asked = []

    class Noting(NumbersEngine):
        def lease(self, language: str) -> NumbersRecogniser:
            asked.append((self, language))
            return super().lease(language)

    first, second = Noting(), Noting()
    recogniser_trouble({"en": first, "mr": first, "hi": second})
    assert sorted(map(id, {engine for engine, _ in asked})) == sorted(map(id, (first, second))) and len(asked) == 2


def test_a_locked_database(database: Engine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert database_trouble(database) == "store_locked"
        assert integrity_trouble(database) is None, "reading need not wait"
    assert database_trouble(database) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:PAGE_BYTES],
        lambda content: content[: 8 * PAGE_BYTES] + bytes(4 * PAGE_BYTES) + content[12 * PAGE_BYTES :],
        lambda content: content[: -10 * PAGE_BYTES] + b"rubbish!" * 1024 + content[-8 * PAGE_BYTES :],
        lambda content: b"no database " * 1000,
    ],
    ids=["cut short", "zeroed pages", "rubbish", "another file"],
)
def test_a_damaged_file(database: Engine, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(damage(file.read_bytes()))
    assert integrity_trouble(database) == "store_damaged"


def test_a_database_that_is_gone(database: Engine, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).unlink()
    assert database_trouble(database) == "store_failed"


def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 256) as disk:
        assert disk_trouble(disk) is None
        ballast = disk / "ballast"
        with pytest.raises(OSError), open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        assert disk_trouble(disk) == "full"
        ballast.unlink()
        assert disk_trouble(disk) is None and not list(disk.iterdir())


@pytest.mark.parametrize(
    ("number", "found"), [(errno.EROFS, "read_only"), (errno.EIO, "failed"), (errno.EDQUOT, "full")]
)
def test_a_disk_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, found: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "as a worn out card does")

    monkeypatch.setattr("server.live.probes.TemporaryFile", refuse)
    assert disk_trouble(tmp_path) == found


def test_what_ails_answers_is_told_as_one(database: Engine, tmp_path: Path) -> None:
    """Answers already wait, or would have to."""
    health = make_health(at_once, at_once, lambda task: task(), {"mr": NumbersEngine()}, database, tmp_path)
    assert set(parts_found(health, None)) == {"recogniser", "store", "disk", "loop"}
    health = Health({name: Probe(lambda: None, lambda task: task()) for name in STORE}, lambda: 0.0)
    health.look()
    assert parts_found(health, None)["store"] == OK and parts_found(health, "store_full")["store"] == "store_full"
    for ailing in STORE:
        answers = {name: "bad" if name == ailing else None for name in STORE}
        probes = {name: Probe(partial(answers.get, name), lambda task: task()) for name in answers}
        health = Health(probes, lambda: 0.0)
        health.look()
        assert parts_found(health, None)["store"] == "bad"
