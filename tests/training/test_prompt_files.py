"""The recorded prompts that are in the repository: complete, and saying what the language files say."""

import json
from pathlib import Path

import pytest

from server.languages import available, load_language

PROMPTS = Path(__file__).parent.parent.parent / "audio_prompts"


@pytest.mark.parametrize("code", available())
def test_every_clip_is_recorded_with_the_present_text(code: str) -> None:
    language = load_language(code)
    folder = PROMPTS / code / language.voice
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["format"], manifest["language"], manifest["voice"]) == (1, code, language.voice)
    assert {clip: entry["text"] for clip, entry in manifest["clips"].items()} == language.clip_texts()
    assert all((folder / entry["file"]).stat().st_size > 500 for entry in manifest["clips"].values())
    assert {path.name for path in folder.glob("*.mp3")} == {entry["file"] for entry in manifest["clips"].values()}


@pytest.mark.parametrize("code", available())
def test_a_language_takes_little_room(code: str) -> None:
    assert sum(path.stat().st_size for path in (PROMPTS / code).rglob("*.mp3")) < 2_500_000
