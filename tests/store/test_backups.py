"""Backups are checked when they are made, and a restore can be undone."""

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from server.store import backups, database
from server.store.backups import back_up, put_back
from server.store.copies import overwrite
from server.store.database import FILE_NAME, make_engine, migrate, open_database
from server.store.errors import StoreError
from server.store.store import Store
from tests.store.making import a_learner, made_older, practise, tables_in

Damage = Callable[[Path], None]


def a_school(folder: Path, answers: int = 400) -> Path:
    """Make a data folder with a child that has this many answers; returns its database."""
    folder.mkdir(exist_ok=True)
    engine = open_database(None, folder)
    store = Store(engine)
    practise(store, a_learner(store), [(7, 8, 56)] * answers)
    engine.dispose()
    return folder / FILE_NAME


def answers_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(opened.execute("SELECT count(*) FROM attempts").fetchone()[0])


def zeros_in_the_middle(file: Path) -> None:
    with open(file, "r+b") as opened:
        opened.seek(file.stat().st_size // 2 // 4096 * 4096)
        opened.write(bytes(4 * 4096))


def rubbish_in_the_middle(file: Path) -> None:
    with open(file, "r+b") as opened:
        opened.seek(file.stat().st_size // 2 // 4096 * 4096)
        opened.write(bytes(range(1, 256)) * 32)


def cut_short(file: Path) -> None:
    with open(file, "r+b") as opened:
        opened.truncate(file.stat().st_size * 2 // 3)


def by_sql(*statements: str) -> Damage:
    def damage(file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as opened:
            for statement in statements:
                opened.execute(statement)

    return damage


def no_database(file: Path) -> None:
    file.write_bytes(b"no database " * 1000)


def empty(file: Path) -> None:
    file.write_bytes(b"")


UNSOUND = {
    "zeros": zeros_in_the_middle,
    "rubbish": rubbish_in_the_middle,
    "cut": cut_short,
    "no database": no_database,
    "empty": empty,
    "a table is missing": by_sql("DROP TABLE attempts"),
    "an answer of nobody": by_sql("DELETE FROM drills"),
    "of tomorrow": by_sql("UPDATE alembic_version SET version_num = 'of tomorrow'"),
    "of somebody else": by_sql("DROP TABLE alembic_version"),
}


@pytest.mark.parametrize("damage", UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_backup_is_refused_before_anything_is_touched(tmp_path: Path, damage: Damage) -> None:
    file = a_school(tmp_path / "data")
    backup = a_school(tmp_path / "other", 300)
    damage(backup)
    files = {path: path.read_bytes() for path in file.parent.iterdir()}
    with pytest.raises(StoreError, match="cannot be put back"):
        put_back(backup, file.parent)
    assert {path: path.read_bytes() for path in file.parent.iterdir()} == files
    assert answers_in(file) == 400


def test_what_was_there_before_is_kept_beside(tmp_path: Path) -> None:
    file = a_school(tmp_path / "data", 7)
    backup = a_school(tmp_path / "other", 5)
    kept = put_back(backup, file.parent)
    assert kept and kept.parent == file.parent and kept.stat().st_mode & 0o077 == 0
    assert (answers_in(file), answers_in(kept)) == (5, 7)
    again = put_back(kept, file.parent)
    assert again and again != kept and (answers_in(file), answers_in(again)) == (7, 5)


def test_a_new_folder_has_nothing_to_keep(tmp_path: Path) -> None:
    backup = a_school(tmp_path / "other", 5)
    (tmp_path / "data").mkdir()
    assert put_back(backup, tmp_path / "data") is None
    assert answers_in(tmp_path / "data" / FILE_NAME) == 5
    assert (tmp_path / "data" / FILE_NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [zeros_in_the_middle, rubbish_in_the_middle, cut_short, no_database])
def test_a_backup_takes_the_place_of_a_broken_database(tmp_path: Path, damage: Damage) -> None:
    file = a_school(tmp_path / "data")
    damage(file)
    broken = file.read_bytes()
    kept = put_back(a_school(tmp_path / "other", 5), file.parent)
    assert answers_in(file) == 5
    assert kept and kept.stat().st_size == len(broken)


@pytest.mark.parametrize("broken_before", [False, True])
def test_what_fails_midway_is_undone(tmp_path: Path, broken_before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_school(tmp_path / "data", 7)
    if broken_before:
        no_database(file)
    before = file.read_bytes()
    tries = []

    def fails_once(target: Path, content: Path) -> None:
        tries.append(content)
        overwrite(target, content)
        if len(tries) == 1:
            zeros_in_the_middle(target)

    monkeypatch.setattr(backups, "overwrite", fails_once)
    with pytest.raises(StoreError, match="cannot be put back"):
        put_back(a_school(tmp_path / "other"), file.parent)
    assert len(tries) == 2
    assert file.read_bytes() == before if broken_before else answers_in(file) == 7


@pytest.mark.parametrize("damage", [zeros_in_the_middle, rubbish_in_the_middle])
def test_a_damaged_database_makes_no_backup(tmp_path: Path, damage: Damage) -> None:
    file = a_school(tmp_path / "data")
    damage(file)
    target = tmp_path / "backup"
    target.write_text("an older backup")
    engine = make_engine(f"sqlite:///{file}")
    with pytest.raises(StoreError, match="damaged|malformed"):
        back_up(engine, target)
    assert target.read_text() == "an older backup"
    assert {path.name for path in tmp_path.iterdir()} == {"data", "backup"}


def test_a_backup_is_on_the_disk_before_it_has_its_name(tmp_path: Path, disk_steps: list[tuple[str, str]]) -> None:
    engine = make_engine(f"sqlite:///{a_school(tmp_path / 'data', 1)}")
    disk_steps.clear()
    back_up(engine, tmp_path / "backup")
    assert disk_steps == [("sync", ".backup.partial"), ("name", "backup"), ("sync", tmp_path.name)]


def test_an_upgrade_copies_the_file_first_and_keeps_the_newest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = itertools.count(1)
    monkeypatch.setattr(database, "datetime", SimpleNamespace(now=lambda: datetime(2026, 11, next(days))))
    file = a_school(tmp_path / "data", 7)
    migrate(make_engine(f"sqlite:///{file}"))
    assert not list(file.parent.glob("*before-upgrade*"))
    names = set()
    for _ in range(database.UPGRADES_KEPT + 2):
        made_older(file)
        older = tables_in(file)
        caplog.clear()
        with caplog.at_level("INFO", "server.store.database"):
            open_database(None, file.parent).dispose()
        newest = max(file.parent.glob("*before-upgrade*"))
        assert str(newest) in caplog.text
        assert answers_in(newest) == 7 and tables_in(newest) == older
        names.add(newest)
    kept = set(file.parent.glob("*before-upgrade*"))
    assert len(names) == database.UPGRADES_KEPT + 2 and len(kept) == database.UPGRADES_KEPT and newest in kept


def test_the_copy_of_an_upgrade_stays_though_the_clock_was_ahead_once(tmp_path: Path) -> None:
    file = a_school(tmp_path / "data", 7)
    for year in range(2030, 2034):
        (file.parent / f"{file.name}.before-upgrade-{year}0101-000000").touch()
    made_older(file)
    open_database(None, file.parent).dispose()
    copies = list(file.parent.glob("*before-upgrade*"))
    assert len(copies) == database.UPGRADES_KEPT and [path.stat().st_size > 0 for path in copies].count(True) == 1


def test_a_file_that_cannot_be_copied_is_not_upgraded(tmp_path: Path) -> None:
    file = a_school(tmp_path / "data")
    made_older(file)
    before = tables_in(file)
    zeros_in_the_middle(file)
    with pytest.raises(StoreError, match="cannot be copied"):
        migrate(make_engine(f"sqlite:///{file}"))
    assert tables_in(file) == before


def test_an_older_backup_is_brought_up_to_date(tmp_path: Path) -> None:
    backup = a_school(tmp_path / "other", 5)
    made_older(backup)
    file = a_school(tmp_path / "data", 7)
    put_back(backup, file.parent)
    assert answers_in(file) == 5 and "unfinished" in tables_in(file)
    assert not list(file.parent.glob("*before-upgrade*"))
