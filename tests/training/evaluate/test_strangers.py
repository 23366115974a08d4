"""The speakers of Asterisk's prompts: which recordings make a number, and which hold none."""

import wave
from pathlib import Path

import numpy as np
import pytest

from server.audio import SAMPLE_RATE
from training.evaluate import strangers


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        (0, ["0"]),
        (17, ["17"]),
        (60, ["60"]),
        (56, ["50", "6"]),
        (300, ["3", "hundred"]),
        (207, ["2", "hundred", "7"]),
        (399, ["3", "hundred", "90", "9"]),
    ],
)
def test_a_number_is_put_together_of_what_was_recorded(number: int, parts: list[str]) -> None:
    assert strangers.parts(number) == parts


def test_english_numbers_are_no_strangers_and_foreign_ones_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "FOLDER", tmp_path)
    seconds = {
        f"{strangers.ENGLISH}/digits/5.wav": 0.3,
        f"{strangers.ENGLISH}/for.wav": 0.4,
        f"{strangers.ENGLISH}/phonetic/9_p.wav": 0.5,
        f"{strangers.ENGLISH}/vm-forward.wav": 0.6,
        "fr_CA_f_June/digits/5.wav": 0.7,
        "fr_CA_f_June/too-long.wav": 3,
    }
    for name, length_s in seconds.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        tone = 10_000 * np.sin(0.1 * np.arange(int(length_s * SAMPLE_RATE)))
        with wave.open(str(tmp_path / name), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(tone.astype("<i2").tobytes())
    assert sorted(round(len(samples) / SAMPLE_RATE, 1) for samples in strangers.strangers()) == [0.6, 0.7]
