"""The set-up of Chromium's kiosk: valid shell, valid policies, and a unit that systemd understands."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import NotInstalled, do_without
from tests.support.server import ROOT

FOLDER = ROOT / "deploy/kiosk"
ADDRESS = "https://paadas.school:5443"


def test_the_script_is_sound_shell() -> None:
    script = FOLDER / "setup.sh"
    subprocess.run(["bash", "-n", script], check=True, timeout=20)
    subprocess.run(["sh", "-n", script], check=True, timeout=20)
    checker = shutil.which("shellcheck") or shutil.which("shellcheck", path=str(ROOT / ".venv/bin"))
    if checker is None:
        do_without(NotInstalled("there is no shellcheck on this machine"))
    checked = subprocess.run([checker, script], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout


def test_the_script_refuses_what_cannot_work() -> None:
    def complaint(*arguments: str) -> str:
        ran = subprocess.run([FOLDER / "setup.sh", *arguments], capture_output=True, text=True, timeout=20)
        assert ran.returncode == 1
        return ran.stderr

    if subprocess.run(["id", "-u"], capture_output=True, text=True, timeout=20).stdout.strip() != "0":
        assert "as root" in complaint("root")
        return
    assert "usage" in complaint()
    assert "there is no user" in complaint("nobody-of-that-name")
    assert "microphone" in complaint("root", "http://192.168.1.5:5000")
    assert "is no address" in complaint("root", "https://paadas.school/$(id)")


def test_the_policies_give_the_microphone_to_our_page_alone() -> None:
    policies = json.loads((FOLDER / "policies.json").read_text("utf-8").replace("@ADDRESS@", ADDRESS))
    assert policies["AudioCaptureAllowedUrls"] == policies["AutoplayAllowlist"] == policies["URLAllowlist"] == [ADDRESS]
    assert policies["URLBlocklist"] == ["*"] and policies["VideoCaptureAllowed"] is False


def test_every_part_goes_to_the_address_that_was_given() -> None:
    for part in ("policies.json", "paadas-kiosk.service"):
        text = (FOLDER / part).read_text("utf-8")
        assert "@ADDRESS@" in text and "http:" not in text and "https:" not in text
        assert part in (FOLDER / "setup.sh").read_text("utf-8")


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze on this machine: apt install systemd")
    unit = tmp_path / "paadas-kiosk.service"
    text = (FOLDER / "paadas-kiosk.service").read_text("utf-8").replace("@ADDRESS@", ADDRESS)
    # Not every machine has the browser.
    unit.write_text(text.replace("/usr/bin/chromium", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60
    )
    complaints = [line for line in checked.stderr.splitlines() if "paadas" in line]
    assert complaints == [], checked.stderr


UNIT, ENTRY = ".config/systemd/user/paadas-kiosk.service", ".config/autostart/paadas-kiosk.desktop"
USER = "nobody"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The home of a user who may reach it, whatever the permissions of the tests' own folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can set a kiosk up")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        home = Path(folder) / "home"
        home.mkdir()
        shutil.chown(home, USER)
        yield home


@pytest.fixture
def set_up(home: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the script for the owner of `home`, with a copy of /etc/chromium of its own."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, does in {
        "getent": f"echo {USER}:x:65534:65534::{home}:/bin/sh",
        "chromium": "true",
        "curl": "true",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o755)
    alone = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /etc/chromium && exec "$@"', "sh"]
    if not Path("/etc/chromium").is_dir() or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("no folder can be hidden from the rest of this machine")

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*alone, FOLDER / "setup.sh", *options],
            capture_output=True,
            text=True,
            timeout=20,
            env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"},
        )

    return run


def test_the_script_puts_both_files_in_place_and_takes_them_away(home: Path, set_up: Callable[..., Any]) -> None:
    for address in (ADDRESS, "https://elsewhere.school"):
        assert set_up(USER, address).returncode == 0
        assert f"{address}/kiosk" in (home / UNIT).read_text("utf-8")
    for name in (UNIT, ENTRY):
        assert (home / name).owner() == USER and (home / name).stat().st_mode & 0o777 == 0o644
        assert (home / name).parent.owner() == USER and len(list((home / name).parent.iterdir())) == 1
    assert set_up("--remove", USER).returncode == 0
    assert not (home / UNIT).exists() and not (home / ENTRY).exists()


@pytest.mark.parametrize("action", [(USER, ADDRESS), ("--remove", USER)], ids=["set up", "remove"])
@pytest.mark.parametrize(
    "planted", [UNIT, ENTRY, ".config", ".config/systemd", ".config/systemd/user", ".config/autostart"]
)
def test_a_link_in_the_home_leads_root_nowhere(
    home: Path, set_up: Callable[..., Any], tmp_path: Path, planted: str, action: tuple[str, ...]
) -> None:
    """A file that USER may not write stays as it was, whichever part of its path is a link."""
    of_root = home.parent / "of-root"
    for name in (UNIT, ENTRY):
        file = of_root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("of root")
    before = {path: (path.stat().st_uid, path.stat().st_mode) for path in of_root.rglob("*")}
    link = home / planted
    subprocess.run(["runuser", "-u", USER, "--", "mkdir", "-p", link.parent], check=True)
    subprocess.run(["runuser", "-u", USER, "--", "ln", "-s", of_root / planted, link], check=True)
    set_up(*action)
    assert {path: (path.stat().st_uid, path.stat().st_mode) for path in of_root.rglob("*")} == before
    assert [(of_root / name).read_text("utf-8") for name in (UNIT, ENTRY)] == ["of root", "of root"]
