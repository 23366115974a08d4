"""Silent prompts, for servers whose voice does not matter."""

import json
import wave
from pathlib import Path

from server.languages import Language, available, load_language


def make_all_silent(folder: Path) -> Path:
    """Write silent voice packs of all languages to `folder` and return it."""
    for code in available():
        make_silent_prompts(folder, load_language(code))
    return folder


def make_silent_prompts(folder: Path, language: Language, duration_ms: int = 50) -> None:
    """Write a voice pack for `language` in which every clip is the same silence."""
    voice = folder / language.code / language.voice
    voice.mkdir(parents=True)
    with wave.open(str(voice / "silence.wav"), "wb") as clip:
        clip.setparams((1, 2, 16_000, 0, "NONE", ""))
        clip.writeframes(bytes(16 * duration_ms * 2))
    clips = {
        clip_id: {"file": "silence.wav", "text": text, "duration_ms": duration_ms}
        for clip_id, text in language.clip_texts().items()
    }
    (voice / "manifest.json").write_text(json.dumps({"format": 1, "clips": clips}), "utf-8")
