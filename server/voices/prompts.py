"""Load recorded prompts from disk."""

import json
from pathlib import Path

from ..dialogue.messages import Clip
from ..languages import Language, LanguageError

_ADVICE = "run `make prompts`, or record them"


def load_clips(prompts_dir: Path, language: Language) -> dict[str, Clip]:
    """Return the clips of the language's voice, by id. Raises LanguageError if a clip of the dialogue is missing."""
    folder = prompts_dir / language.code / language.voice
    try:
        recorded = json.loads((folder / "manifest.json").read_text("utf-8"))["clips"]
    except (OSError, ValueError, KeyError) as error:
        raise LanguageError(f"no usable manifest.json in {folder}: {_ADVICE} ({error})") from None
    texts = language.clip_texts()
    there = {clip_id for clip_id, clip in recorded.items() if (folder / clip["file"]).is_file()}
    missing = sorted(set(texts) - there)
    if missing:
        raise LanguageError(f"{folder} lacks {len(missing)} clips ({', '.join(missing[:5])}...): {_ADVICE}")
    base = f"/audio/{language.code}/{language.voice}"
    return {
        clip_id: Clip(_address(base, folder / recorded[clip_id]["file"]), text, recorded[clip_id]["duration_ms"])
        for clip_id, text in texts.items()
    }


def _address(base: str, file: Path) -> str:
    """Return the address of a file, which changes with its content: browsers may cache it for ever."""
    known = file.stat()
    return f"{base}/{file.name}?v={known.st_size:x}-{int(known.st_mtime):x}"
