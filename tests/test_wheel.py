"""The wheel is complete: it serves a drill without Node.js and without the repository."""

import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.playing import run, started, tap
from tests.support.server import ROOT, free_port, serving

pytestmark = [pytest.mark.slow, pytest.mark.gateway]

# The sources of a wheel. A build writes beside them, so it gets a copy.
SOURCES = (
    "server",
    "client",
    "audio_prompts",
    "node_modules/socket.io-client",
    "node_modules/@fontsource",
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
UV = [sys.executable, "-m", "uv", "--quiet"]


def call(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, folder / name)
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", cwd=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with only the wheel and what `make setup` installs."""
    folder = tmp_path_factory.mktemp("environment")
    call(*UV, "venv", "--python", sys.executable, folder / "venv", cwd=folder)
    install: list[str | Path] = [*UV, "pip", "install", "--python", folder / "venv"]
    call(*install, "--no-deps", "--require-hashes", "--requirement", ROOT / "requirements" / "runtime.txt", cwd=folder)
    call(*install, "--no-deps", wheel, cwd=folder)
    call(*UV, "pip", "check", "--python", folder / "venv", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(environment: Path) -> Iterator[str]:
    """Run a server that has only its environment and a user's home; yields its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    bare = {"HOME": str(environment), "PATH": str(environment / "venv" / "bin")}
    with serving(url, "--port", str(port), program=["paadas"], cwd=environment, env=bare):
        yield url


def test_it_plays_a_drill(installed: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(installed, language="mr", tables=[7], questions=1)
        assert (await tap(learner))["verdict"] == "correct"
        await learner.socket.disconnect()

    run(scenario())


def test_it_serves_all_that_a_page_asks_for(installed: str) -> None:
    texts = [
        path.read_text("utf-8") for path in (ROOT / "client").rglob("*") if path.suffix in (".html", ".css", ".js")
    ]
    paths = {path for text in texts for path in re.findall(r"/(?:client|vendor)/[\w./-]+\.\w+", text)}
    assert any("socket.io" in path for path in paths) and any("devanagari" in path for path in paths)
    for path in sorted(paths | {"/", "/kiosk", "/teacher", "/voices", "/languages.json"}):
        with urllib.request.urlopen(f"{installed}{path}", timeout=10) as answer:
            assert answer.read(), path


def test_what_it_keeps_lies_in_the_home_of_its_user(installed: str, environment: Path) -> None:
    (kept,) = environment.glob("**/paadas.sqlite3")
    assert not kept.is_relative_to(environment / "venv")
