"""The samples of clips."""

import logging
from pathlib import Path

import numpy as np
import pytest

from server.dialogue.messages import Clip
from server.languages import load_language
from server.settings import Settings
from server.voices.prompts import load_clips
from server.voices.sounds import ClipSounds
from server.voices.wav import write_wav
from tests.support.recordings import clip_samples

PROMPTS = Settings().prompts_dir


@pytest.fixture(scope="module")
def clips() -> dict[str, Clip]:
    return load_clips(PROMPTS, load_language("en"))


def test_a_prompt_sounds_as_its_file_does(clips: dict[str, Clip], tmp_path: Path) -> None:
    asked = clip_samples("en", "question-7-8").astype(float)
    both = ClipSounds(PROMPTS, tmp_path).samples([clips["praise-1"], clips["question-7-8"]])
    assert both.dtype == np.int16 and len(both) == len(clip_samples("en", "praise-1")) + len(asked)
    difference = both[-len(asked) :] - asked
    # The resamplers differ near the highest frequencies.
    assert np.sum(difference**2) < 5e-3 * np.sum(asked**2)


def test_no_clips_are_no_sound(tmp_path: Path) -> None:
    assert len(ClipSounds(PROMPTS, tmp_path).samples([])) == 0


def test_a_recorded_voice_is_read_from_its_pack(tmp_path: Path) -> None:
    folder = tmp_path / "hi" / "0123abcd"
    folder.mkdir(parents=True)
    (folder / "number-3-aa.wav").write_bytes(write_wav(np.full(24_000, 0.5, np.float32), 24_000))
    samples = ClipSounds(PROMPTS, tmp_path).samples([Clip("/voices/hi/0123abcd/number-3-aa.wav", "तीन", 1000)])
    assert len(samples) == 16_000 and abs(int(samples[8000]) - 16_384) < 10


@pytest.mark.parametrize(
    "url",
    [
        "/audio/en/anaya/none.mp3",
        "/audio/../en/x.mp3",
        "/else/en/anaya/praise-1.mp3",
        "/audio",
        "/voices/hi/a/broken.wav",
    ],
)
def test_what_cannot_be_read_counts_as_silence(url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "hi" / "a").mkdir(parents=True)
    (tmp_path / "hi" / "a" / "broken.wav").write_bytes(b"RIFF none")
    with caplog.at_level(logging.WARNING):
        samples = ClipSounds(PROMPTS, tmp_path).samples([Clip(url, "", 250)])
    assert len(samples) == 4000 and not samples.any() and url in caplog.text


def test_what_is_kept_is_bounded(clips: dict[str, Clip], tmp_path: Path) -> None:
    """The oldest clip is read again, but its file is gone by then."""
    folder = tmp_path / "hi" / "a"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.wav").write_bytes(write_wav(np.full(16_000, 0.5, np.float32), 16_000))
    sounds = ClipSounds(PROMPTS, tmp_path, most_samples=32_000)
    spoken = [Clip(f"/voices/hi/a/{number}.wav", "", 1000) for number in range(3)]
    for clip in spoken:
        sounds.samples([clip])
    for file in folder.iterdir():
        file.unlink()
    assert [bool(sounds.samples([clip]).any()) for clip in reversed(spoken)] == [True, True, False]
