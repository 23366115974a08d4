"""Older voices, cut from recordings or averaged over them: those of flite and festival, from Debian's packages.

They sound unlike Kokoro and espeak. One of them is the only voice made from an Indian's speech.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from .ipa import NUKTA, VIRAMA, with_viramas

FLITE = ("awb", "rms", "slt", "kal16")
FESTIVAL = {
    "en": ("cmu_us_slt_arctic_hts", "kal_diphone", "ked_diphone"),
    # The same speaker, who says Marathi with his Hindi sounds.
    "hi": ("hindi_NSK_diphone",),
    "mr": ("marathi_NSK_diphone",),
}
_PACKAGES = (
    "flite",
    "festival",
    "festvox-hi-nsk",
    "festvox-mr-nsk",
    "festvox-us-slt-hts",
    "festvox-kallpc16k",
    "festvox-kdlpc16k",
)

Spoken = tuple[np.ndarray, int]
"""Samples, -1..1, and their rate in Hz."""


def require() -> None:
    """Raise FileNotFoundError if the programs are missing."""
    if not all(map(shutil.which, ("flite", "festival"))):
        raise FileNotFoundError(f"older voices are missing: apt-get install {' '.join(_PACKAGES)}")


def by_flite(voice: str, text: str, slowness: float, pitch_hz: float) -> Spoken:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(
            [
                "flite",
                "-voice",
                voice,
                "--setf",
                f"duration_stretch={slowness:.2f}",
                "--setf",
                f"int_f0_target_mean={pitch_hz:.0f}",
                "-t",
                text,
                "-o",
                str(path),
            ],
            check=True,
            capture_output=True,
        )
        return soundfile.read(path, dtype="float32")


def by_festival(voice: str, language: str, texts: Sequence[str], slowness: float) -> list[Spoken | None]:
    """Speak each text; None for one that the voice cannot say. It stops there and is started again for the rest."""
    spoken: list[Spoken | None] = []
    while len(spoken) < len(texts):
        spoken += _in_one_go(voice, [_spelt(text, language) for text in texts[len(spoken) :]], slowness)
        if len(spoken) < len(texts):
            spoken.append(None)
    return spoken


def _in_one_go(voice: str, texts: Sequence[str], slowness: float) -> list[Spoken | None]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{at}.wav" for at in range(len(texts))]
        orders = [f"(voice_{voice})", f"(Parameter.set 'Duration_Stretch {slowness:.2f})"]
        orders += [
            f'(utt.save.wave (utt.synth (Utterance Text "{text}")) "{path}")'
            for text, path in zip(texts, paths, strict=False)
        ]
        script = Path(folder) / "orders.scm"
        script.write_text("\n".join(orders), "utf-8")
        subprocess.run(["festival", "-b", str(script)], capture_output=True)
        return [soundfile.read(path, dtype="float32") for path in paths if path.exists()]


# Letters that the Indian voices lack, with their nearest ones.
_UNKNOWN = {NUKTA: "", "\u0901": "\u0902", "\u0903": f"ह{VIRAMA}", "\u200d": ""}


def _spelt(text: str, language: str) -> str:
    if language == "en":
        return text
    spelt = " ".join(with_viramas(word, language) for word in text.split())
    for letter, nearest in _UNKNOWN.items():
        spelt = spelt.replace(letter, nearest)
    return spelt
