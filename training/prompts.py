"""Make the spoken prompts of the languages: `python -m training.prompts [--language mr] [--force]`.

Every clip of a language is spoken in one breath, never joined, and written to audio_prompts/<language>/<voice>/. Only
clips that are missing or whose text has changed are made, unless --force is given.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from tqdm import tqdm

from server.languages import Language, available, load_language
from server.voices.sound import polish

from .intonation import ask
from .ipa import to_ipa
from .mp3 import to_mp3
from .retakes import RETAKES, SPEED, Retake
from .voices import SAMPLE_RATE_HZ, Kokoro, load_style

FOLDER = Path(__file__).parent.parent / "audio_prompts"
FORMAT = 1


def make_prompts(language: Language, folder: Path, kokoro: Kokoro, force: bool = False) -> None:
    """Bring `folder` in line with the language: make missing and changed clips, remove other files."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = language.clip_texts()
    kept = {} if force else {clip: entry for clip, entry in _known(folder).items() if entry["text"] == texts.get(clip)}
    for stray in {path.stem for path in folder.glob("*.mp3")} - set(texts):
        (folder / f"{stray}.mp3").unlink()
    style = load_style(language.voice)
    for clip, text in tqdm(sorted(texts.items()), desc=f"{language.name} ({language.voice})", unit="clip"):
        file = f"{clip}.mp3"
        if clip in kept and (folder / file).exists():
            continue
        retake = RETAKES.get((language.code, clip), Retake())
        phonemes = retake.phonemes or to_ipa(_ended(text), language.code)
        samples = kokoro.speak(phonemes, style, retake.speed or SPEED[language.code])
        if text.endswith("?"):
            samples = ask(samples, SAMPLE_RATE_HZ)
        samples = polish(samples, SAMPLE_RATE_HZ)
        (folder / file).write_bytes(to_mp3(samples, SAMPLE_RATE_HZ))
        kept[clip] = {"file": file, "text": text, "duration_ms": round(1000 * len(samples) / SAMPLE_RATE_HZ)}
        # After every clip: an interrupted run resumes where it stopped.
        _write_manifest(folder, language, kept)
    _write_manifest(folder, language, kept)


def _ended(text: str) -> str:
    """End a bare word with a full stop: it is spoken as a statement."""
    return text if text[-1] in ".।?!:" else f"{text}."


def _known(folder: Path) -> dict[str, dict[str, Any]]:
    manifest = folder / "manifest.json"
    return json.loads(manifest.read_text("utf-8"))["clips"] if manifest.exists() else {}


def _write_manifest(folder: Path, language: Language, clips: dict[str, dict[str, Any]]) -> None:
    manifest = {"format": FORMAT, "language": language.code, "voice": language.voice, "clips": clips}
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "manifest.json").write_text(f"{text}\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=available(), action="append", help="only this one; may be repeated")
    parser.add_argument("--force", action="store_true", help="make every clip again")
    arguments = parser.parse_args()
    codes = arguments.language or available()
    if silent := sorted(set(codes) - set(SPEED)):
        parser.error(f"no voice here speaks {', '.join(silent)}: record the clips (docs/languages.md)")
    kokoro = Kokoro()
    for code in codes:
        language = load_language(code)
        make_prompts(language, FOLDER / code / language.voice, kokoro, arguments.force)


if __name__ == "__main__":
    main()
