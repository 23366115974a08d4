"""Starting the server: what is refused, and with which advice."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.server import ROOT, free_port

pytestmark = pytest.mark.gateway


def failing_start(*options: str) -> str:
    """Run `run.py`, which must refuse to start; returns what it said."""
    result = subprocess.run([sys.executable, "run.py", *options], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    return ["--port", str(free_port()), "--data", str(tmp_path / "data")]


def test_a_port_that_is_served_already_is_refused(options: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        assert "choose another --port" in failing_start(*options, "--port", str(taken.getsockname()[1]))


def test_a_missing_model_is_named(options: list[str], tmp_path: Path) -> None:
    assert "no numbers network" in failing_start(*options, "--numbers-model", str(tmp_path / "no.onnx"))


@pytest.mark.parametrize("kept_bytes", [0, 100, 1_000_000])
def test_a_truncated_model_is_refused(options: list[str], tmp_path: Path, kept_bytes: int) -> None:
    model = tmp_path / "half.onnx"
    model.write_bytes((ROOT / "server" / "engines" / "numbers.onnx").read_bytes()[:kept_bytes])
    assert "fetch it again" in failing_start(*options, "--numbers-model", str(model))


def test_an_unwritable_data_folder_is_refused(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "choose another one with --data" in failing_start(*options, "--data", str(tmp_path / "file" / "data"))


def test_missing_prompts_are_refused(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    assert "make prompts" in failing_start(*options, "--prompts", str(tmp_path / "prompts"))


def test_vosk_without_a_model_says_what_to_give(options: list[str]) -> None:
    assert "--vosk-model" in failing_start(*options, "--engine", "vosk")


@pytest.mark.parametrize(("option", "value"), [("--port", "0"), ("--port", "x"), ("--max-sessions", "0"), ("--thinking-s", "-1"),
                                               ("--engine", "magic"), ("--vosk-model", "hi"), ("--languages", "/no/such/folder")])
def test_nonsense_settings_are_refused(option: str, value: str) -> None:
    assert failing_start(option, value)
