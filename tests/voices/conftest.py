"""A voice service for each test, with the real prompts and the real recogniser."""

from pathlib import Path

import pytest

from server.asr.numbers.engine import NumbersEngine
from server.languages import load_language
from server.settings import Settings
from server.voices.packs import Packs
from server.voices.prompts import load_clips
from server.voices.service import VoiceService


@pytest.fixture(scope="session")
def engine() -> NumbersEngine:
    return NumbersEngine()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "voices"


@pytest.fixture
def voice_service(folder: Path, engine: NumbersEngine) -> VoiceService:
    languages = {code: load_language(code) for code in ("en", "mr")}
    prompts = Settings().prompts_dir
    standard = {code: load_clips(prompts, language) for code, language in languages.items()}
    return VoiceService(Packs(folder), languages, standard, dict.fromkeys(languages, engine))
