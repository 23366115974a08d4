"""Everything that `make setup` installs has wheels for the platforms in README: no compiler is needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_requirements import PYTHONS, asked_for

pytestmark = pytest.mark.slow

PLATFORMS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}
# Plain Python, which vosk needs: it has no wheel, but needs no compiler.
WITHOUT_WHEEL = "srt"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_requirement_has_a_wheel(platform: str, python: str, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("\n".join(map(str, asked_for("install_requires"))), "utf-8")
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            "--quiet",
            "--no-python-downloads",
            "--python",
            sys.executable,
            "--python-version",
            python,
            "--python-platform",
            platform,
            "--only-binary",
            ":all:",
            "--no-binary",
            WITHOUT_WHEEL,
            "--output-file",
            tmp_path / "found.txt",
            wanted,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | MACOS,
    )
    if "error sending request" in found.stderr and not os.environ.get("CI"):
        pytest.skip("the registry cannot be reached")
    assert found.returncode == 0, found.stderr
    assert "\nvosk==" in (tmp_path / "found.txt").read_text("utf-8")
