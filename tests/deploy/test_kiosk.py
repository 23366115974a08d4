"""What sets up Chromium's kiosk: sound shell, sound policies, and a unit that systemd understands."""

import json
import shutil
import subprocess
from pathlib import Path

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
    # The browser is not on every machine.
    unit.write_text(text.replace("/usr/bin/chromium", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60
    )
    complaints = [line for line in checked.stderr.splitlines() if "paadas" in line]
    assert complaints == [], checked.stderr
