"""The recorded prompts: every clip of the dialogue exists, has the language file's text, and plays."""

import json
from pathlib import Path

import pytest
import soundfile

from server.languages import available, load_language
from server.settings import Settings
from server.voices.prompts import load_clips

PROMPTS = Settings().prompts_dir


@pytest.mark.parametrize("code", available())
def test_every_clip_is_there_and_up_to_date(code: str) -> None:
    language = load_language(code)
    clips = load_clips(PROMPTS, language)
    folder = PROMPTS / code / language.voice
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["format"], manifest["language"], manifest["voice"]) == (1, code, language.voice)
    recorded = manifest["clips"]
    assert {clip_id: clip["text"] for clip_id, clip in recorded.items()} == language.clip_texts(), "run `make prompts`"
    assert clips.keys() == recorded.keys()
    assert all((folder / clip["file"]).stat().st_size > 500 for clip in recorded.values())
    assert {path.name for path in folder.iterdir()} == {clip["file"] for clip in recorded.values()} | {"manifest.json"}


@pytest.mark.parametrize("code", available())
def test_every_clip_lasts_as_long_as_its_manifest_says(code: str) -> None:
    language = load_language(code)
    folder = PROMPTS / code / language.voice
    for clip in load_clips(PROMPTS, language).values():
        info = soundfile.info(folder / Path(clip.url).name.split("?")[0])
        assert info.channels == 1
        # MP3 pads the sound by at most two frames of 1152 samples.
        assert (
            clip.duration_ms - 1 <= 1000 * info.duration <= clip.duration_ms + 2 * 1152 / info.samplerate * 1000 + 1
        ), clip


@pytest.mark.parametrize("code", available())
def test_a_language_takes_little_room(code: str) -> None:
    assert sum(path.stat().st_size for path in (PROMPTS / code).rglob("*.mp3")) < 2_500_000
