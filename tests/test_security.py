"""The security log."""

import logging
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import security


@pytest.fixture(autouse=True)
def kept(tmp_path: Path) -> Path:
    security.keep_in(tmp_path)
    return tmp_path


def test_an_event_is_a_line_in_the_log_and_in_the_file(kept: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "paadas.security"):
        security.note("login", address="192.168.1.7")
        security.note("wrong_try", secret="kiosk.pin", address="2001:db8::1")
    assert [record.getMessage() for record in caplog.records] == [
        "event=login address=192.168.1.7",
        "event=wrong_try secret=kiosk.pin address=2001:db8::1",
    ]
    assert [(event.name, event.address) for event in security.latest(kept, 50)] == [
        ("wrong_try", "2001:db8::1"),
        ("login", "192.168.1.7"),
    ]
    assert stat.S_IMODE((kept / security.FILE_NAME).stat().st_mode) == 0o600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_nothing_that_comes_from_outside_makes_a_line_of_its_own(kept: Path, address: str) -> None:
    security.note("login", address=address)
    (event,) = security.latest(kept, 1)
    assert (event.name, event.address) == (
        "login",
        address.encode("utf-8", "replace").decode() if not address.isprintable() else address,
    )


def test_the_files_are_bounded_and_the_newest_stay(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "LARGEST_BYTES", 4096)
    for number in range(500):
        security.note("login", address=f"10.0.{number >> 8}.{number & 255}")
        security.rotate(kept)
    files = list(kept.glob("security.log*"))
    assert len(files) == 1 + security.OLDER_FILES
    for file in files:
        # The last line may reach beyond it.
        assert file.stat().st_size <= security.LARGEST_BYTES + 100
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    newest = security.latest(kept, 50)
    assert len(newest) == 50 and newest[0].address == f"10.0.{499 >> 8}.{499 & 255}"


def test_damaged_lines_are_passed_over(kept: Path) -> None:
    security.note("login", address="10.0.0.1")
    with (kept / security.FILE_NAME).open("ab") as file:
        file.write(
            b"\n\x00\x00\xff\n2026-01-01T00:00:00+0000\n2026-01-01T00:00:00+0000 address=1\nevent=login\n2026-13-"
        )
    assert [event.name for event in security.latest(kept, 50)] == ["login"]


def test_a_disk_that_cannot_be_written_stops_nothing(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kept / security.FILE_NAME).mkdir()
    security.note("login", address="10.0.0.1")
    assert "Traceback" not in capsys.readouterr().err
