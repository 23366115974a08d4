"""The corpus: clips of synthetic speakers, one file for each."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .phrases import Phrase

# Of the held-out speakers, those before this one measure, the others calibrate.
FIRST_CALIBRATING = 100
FOLDER = Path(__file__).parent / "build"
# Silence that is kept on either side of the speech.
MARGIN_MS = 60


@dataclass(frozen=True, slots=True)
class Clip:
    """A phrase said by `speaker`: 16 kHz int16, cut to the speech with a little silence around it."""

    phrase: Phrase
    speaker: str
    samples: np.ndarray


def save(path: Path, clips: list[Clip]) -> None:
    """Write a speaker's file. It is renamed when it is whole: an interrupted run leaves no half file."""
    index = [[*_fields(clip), len(clip.samples)] for clip in clips]
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        samples = np.concatenate([clip.samples for clip in clips]) if clips else np.zeros(0, np.int16)
        np.savez(file, index=np.array(json.dumps(index, ensure_ascii=False)), samples=samples)
    partial.rename(path)


def _fields(clip: Clip) -> tuple[str, str, str, str]:
    return clip.phrase.language, clip.phrase.text, clip.phrase.says, clip.speaker


def load(folder: Path) -> list[Clip]:
    """Load every clip of every speaker in `folder`."""
    clips = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as file:
            samples, begin = file["samples"], 0
            for language, text, says, speaker, size in json.loads(str(file["index"])):
                clips.append(Clip(Phrase(language, text, says), speaker, samples[begin : begin + size]))
                begin += size
    return clips


def held_out() -> tuple[list[Clip], list[Clip]]:
    """Return the held-out clips: those that measure, and those that calibrate."""
    clips = load(FOLDER / "held-out")
    calibrates = [int(clip.speaker.rsplit("-", 1)[1]) >= FIRST_CALIBRATING for clip in clips]
    return (
        [clip for clip, calibrating in zip(clips, calibrates, strict=True) if not calibrating],
        [clip for clip, calibrating in zip(clips, calibrates, strict=True) if calibrating],
    )
