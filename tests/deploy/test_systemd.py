"""The systemd unit: systemd understands it, and its options exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli import main
from server.live.health import STUCK_AFTER_MS
from server.supervisor import STOP_WITHIN_S
from server.worker import LAST_WORD_S
from tests.support.server import ROOT

UNIT = (ROOT / "deploy/systemd/paadas.service").read_text("utf-8")


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze on this machine: apt install systemd")
    unit = tmp_path / "paadas.service"
    # The program is here, not in /opt.
    unit.write_text(UNIT.replace("/opt/paadas/.venv/bin/python", sys.executable).replace("User=paadas", "User=root"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60
    )
    complaints = [line for line in checked.stderr.splitlines() if "paadas" in line]
    assert (checked.returncode, complaints) == (0, []), checked.stderr


def test_the_unit_sets_only_variables_that_are_read() -> None:
    known = {parameter.envvar for parameter in main.params}
    named = set(re.findall(r"PAADAS_\w+", UNIT))
    assert {"PAADAS_DATA", "PAADAS_LAN"} <= named <= known


def test_the_unit_waits_for_what_the_server_tells() -> None:
    """tests/test_watchdog.py tests what the server tells."""
    options = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#"))
    assert (options["Type"], options["Restart"], options["StartLimitIntervalSec"]) == ("notify", "always", "0")
    # The server reports each second; a stuck part is known after STUCK_AFTER_MS.
    assert int(options["WatchdogSec"]) > 2 * STUCK_AFTER_MS / 1000
    assert "AF_UNIX" in options["RestrictAddressFamilies"].split()
    assert {"MemoryMax", "TasksMax", "LimitNOFILE"} <= set(options)


def test_a_stop_is_for_the_supervisor_which_lets_the_workers_drain() -> None:
    assert "\nKillMode=mixed\n" in UNIT
    stop_s = int(re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[0])
    assert LAST_WORD_S < STOP_WITHIN_S < stop_s


def test_a_reload_is_what_a_supervisor_takes_for_a_rolling_restart() -> None:
    """tests/test_workers.py has what comes of it."""
    assert "ExecReload=/bin/kill -HUP $MAINPID" in UNIT
