"""The choice of a recogniser for each language."""

import sys
from pathlib import Path

import pytest

from server.asr.errors import EngineError
from server.asr.loading import load_engines
from server.languages import load_language
from server.settings import Settings


def test_a_machine_that_vosk_does_not_run_on_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "vosk", None)
    for module in ("vosk", "vosk_models"):
        monkeypatch.delitem(sys.modules, f"server.asr.{module}", raising=False)
    languages = {"en": load_language("en")}
    with pytest.raises(EngineError, match="--vosk-model needs vosk, which is not installed") as refused:
        load_engines("vosk", languages, Settings().numbers_model, {"en": "vosk-model-small-en-us-0.15"}, tmp_path)
    assert refused.value.code == "vosk_missing"


def test_it_does_without_vosk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "vosk", None)
    languages = {"en": load_language("en")}
    assert set(load_engines("auto", languages, Settings().numbers_model, {}, tmp_path)) == {"en"}
