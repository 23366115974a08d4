"""The listener with the real detector: each voice opens it once, noises do not, and a voice's end is noticed soon."""

import numpy as np
import pytest

from server.audio import FRAME_BYTES
from server.audio.detector import WebRtcDetector
from server.audio.highpass import HighPass
from server.audio.listener import Listener
from server.audio.segmenter import VoiceStarted
from tests.support.recordings import PROMPTS, number_samples

pytestmark = pytest.mark.engine

RATE = 16_000


def room(ms: int, seed: int = 4) -> np.ndarray:
    """A quiet room: noise at -64 dBFS."""
    return np.random.default_rng(seed).normal(0, 20, RATE * ms // 1000)


def in_room(sound: np.ndarray) -> np.ndarray:
    return np.concatenate([room(1000), sound + room(1000 * len(sound) // RATE)[: len(sound)], room(1500)])


def pcm(samples: np.ndarray) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


def openings(samples: np.ndarray) -> list[VoiceStarted]:
    listener = Listener(WebRtcDetector())
    listener.arm(True)
    return [event for event in listener.hear(pcm(samples)) if isinstance(event, VoiceStarted)]


def voice(language: str, number: int) -> np.ndarray:
    if not list(PROMPTS.glob(f"{language}/*/number-100.*")):
        pytest.skip(f"no recordings in {PROMPTS / language}")
    samples = number_samples(language, number).astype(float)
    loud = np.flatnonzero(np.abs(samples) > 300)
    samples = samples[loud[0] : loud[-1]]
    return samples[: len(samples) // 16 * 16]


@pytest.mark.parametrize("level", [1.0, 0.1])
@pytest.mark.parametrize(("language", "number"), [("en", 6), ("en", 8), ("mr", 56), ("mr", 2), ("hi", 10), ("hi", 49)])
def test_a_number_opens_it_once_and_whole(language: str, number: int, level: float) -> None:
    opened = openings(in_room(voice(language, number) * level))
    assert len(opened) == 1
    assert opened[0].onset_ms < 1300
    # All audio before the opening that the recogniser gets starts no later than the first sound.
    assert opened[0].onset_ms - 1000 < len(opened[0].audio) / 32


@pytest.mark.parametrize(("language", "number"), [("en", 6), ("mr", 56), ("hi", 49)])
def test_it_notices_the_end_soon(language: str, number: int) -> None:
    sound = in_room(voice(language, number))
    audio = pcm(sound)
    voiced = WebRtcDetector().voiced(HighPass().filter(audio[: len(audio) // FRAME_BYTES * FRAME_BYTES]))
    last_voiced_ms = (max(np.flatnonzero(voiced)) + 1) * 20
    ended_ms = 1000 * len(sound) / RATE - 1500
    assert last_voiced_ms - ended_ms <= 100


def test_silence_hum_and_clicks_do_not_open_it() -> None:
    t = np.arange(4 * RATE) / RATE
    clicks, random = np.zeros(len(t)), np.random.default_rng(4)
    for start in range(0, len(t), RATE // 2):
        clicks[start : start + 100] = random.normal(0, 8000, 100)
    hum = sum(2000 / harmonic**1.5 * np.sin(2 * np.pi * 50 * harmonic * t) for harmonic in range(1, 6))
    for sound in (np.zeros(len(t)), room(4000), in_room(clicks), hum + room(4000)):
        assert openings(sound) == []
