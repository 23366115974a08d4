"""The commands of the evaluation."""

import json
from pathlib import Path

import pytest

from tests.support.recordings import number_samples
from training.evaluate.__main__ import COMMANDS, main

from .test_outcomes import save


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_its_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    if command in ("conditions", "thresholds", "objections"):
        pytest.importorskip("parselmouth")
        pytest.importorskip("torch")
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"python -m training.evaluate {command}" in capsys.readouterr().out


@pytest.mark.engine
def test_a_folder_of_recordings_is_told_as_a_line_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(tmp_path / "56.wav", number_samples("mr", 56))
    main([str(tmp_path), "--language", "mr", "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert (figures["n"], figures["correct"]) == (1, 1) and "confusions" not in figures


def test_a_folder_without_clips_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--language", "mr"])
    assert "no wav files" in capsys.readouterr().err
