"""The daily backups: one a day, older ones thinned out, never at the cost of answers."""

import shutil
import stat
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from server.store import daily
from server.store.daily import DailyBackups, kept_days
from server.store.database import open_database
from server.store.store import Store
from tests.store.making import a_learner

MONDAY = datetime(2026, 11, 30, 10)


@pytest.fixture
def backups(tmp_path: Path) -> DailyBackups:
    engine = open_database(None, tmp_path)
    a_learner(Store(engine))
    return DailyBackups(engine, tmp_path / "backups")


def days(backups: DailyBackups) -> list[str]:
    return sorted(file.name.removeprefix("paadas-").removesuffix(".sqlite3") for file in backups.folder.iterdir())


def made_on(backups: DailyBackups, *moments: datetime) -> None:
    for moment in moments:
        backups.make_if_due(moment)


def test_there_is_one_a_day_that_can_be_opened(backups: DailyBackups, tmp_path: Path) -> None:
    assert backups.last_at_ms() is None
    made_on(backups, MONDAY)
    (backup,) = backups.folder.iterdir()
    made_at_ns = backup.stat().st_mtime_ns
    made_on(backups, MONDAY + timedelta(hours=5))
    assert days(backups) == ["2026-11-30"] and backup.stat().st_mtime_ns == made_at_ns
    assert backups.last_at_ms() == made_at_ns // 1_000_000
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600 and stat.S_IMODE(backups.folder.stat().st_mode) == 0o700
    (tmp_path / "there").mkdir()
    shutil.copyfile(backup, tmp_path / "there" / "paadas.sqlite3")
    assert len(Store(open_database(None, tmp_path / "there")).learners()) == 1


def test_seven_days_and_four_weeks_stay(backups: DailyBackups) -> None:
    made_on(backups, *(MONDAY + timedelta(days=number) for number in range(60)))
    # 60 days from a Monday on; the last day is Thursday, 28 January.
    newest = [f"2027-01-{day}" for day in range(22, 29)]
    assert days(backups) == ["2027-01-10", "2027-01-17", *newest]


@pytest.mark.parametrize("every_days", [1, 2, 5, 7, 30])
def test_no_rhythm_of_a_school_keeps_more_than_eleven(every_days: int) -> None:
    newest_first = [date(2026, 11, 30) - timedelta(days=every_days * number) for number in range(40)]
    kept = kept_days(newest_first)
    assert set(newest_first[:7]) <= kept and 7 <= len(kept) <= 11
    assert len({day.isocalendar()[:2] for day in kept}) >= 4


def test_a_clock_that_was_ahead_leaves_no_backup_that_crowds_out_the_new_ones(backups: DailyBackups) -> None:
    made_on(backups, *(MONDAY + timedelta(days=365 + number) for number in range(7)))
    made_on(backups, *(MONDAY + timedelta(days=number) for number in range(8)))
    assert {f"2026-12-0{day}" for day in range(1, 8)} <= set(days(backups))
    assert len(days(backups)) <= 11


def test_the_oldest_go_where_all_together_are_too_large(backups: DailyBackups, monkeypatch: pytest.MonkeyPatch) -> None:
    made_on(backups, MONDAY)
    size = next(backups.folder.iterdir()).stat().st_size
    monkeypatch.setattr(daily, "LARGEST_BYTES", 3 * size)
    made_on(backups, *(MONDAY + timedelta(days=number) for number in range(1, 6)))
    assert days(backups) == ["2026-12-03", "2026-12-04", "2026-12-05"]
    monkeypatch.setattr(daily, "LARGEST_BYTES", 1)
    made_on(backups, MONDAY + timedelta(days=6))
    assert days(backups) == ["2026-12-06"]


def test_other_files_in_the_folder_are_left_alone(backups: DailyBackups) -> None:
    backups.folder.mkdir()
    others = {"paadas-2026-13-40.sqlite3", "mine.sqlite3", "paadas-2026-11-30.sqlite3.old"}
    for name in others:
        (backups.folder / name).touch()
    (backups.folder / ".paadas-2026-11-29.sqlite3.partial").touch()
    made_on(backups, *(MONDAY + timedelta(days=number) for number in range(20)))
    left = {file.name for file in backups.folder.iterdir()}
    assert others <= left and not any("partial" in name for name in left)


def test_a_full_disk_is_told_once_a_day_and_kept_free_for_answers(
    backups: DailyBackups, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(daily, "SPARE_BYTES", 10**18)
    made_on(backups, MONDAY, MONDAY, MONDAY)
    assert not list(backups.folder.iterdir())
    assert caplog.text.count("there is no backup of today") == 1
    made_on(backups, MONDAY + timedelta(days=1))
    assert caplog.text.count("there is no backup of today") == 2
    monkeypatch.undo()
    made_on(backups, MONDAY + timedelta(days=1))
    assert days(backups) == ["2026-12-01"]


def test_a_damaged_database_leaves_the_backups_that_are_there(
    backups: DailyBackups, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made_on(backups, *(MONDAY + timedelta(days=number) for number in range(7)))
    backups._engine.dispose()
    file = tmp_path / "paadas.sqlite3"
    file.write_bytes(file.read_bytes()[:8192] + bytes(4 * 4096) + file.read_bytes()[6 * 4096 :])
    made_on(backups, MONDAY + timedelta(days=7))
    assert len(days(backups)) == 7 and "there is no backup of today" in caplog.text
