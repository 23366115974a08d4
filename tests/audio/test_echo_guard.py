"""The echo guard's findings for prompts that come back, for learners, and for both at once."""

import numpy as np
import pytest

from server.audio.echo_guard import EchoGuard, Examined
from tests.support.recordings import clip_samples, number_samples

RATE_KHZ = 16
BEGAN_MS = 1000
NOISE = 10.0


def reverberation(seconds: float, random: np.random.Generator) -> np.ndarray:
    """Return the response of a room with this reverberation time (-60 dB), at unchanged power."""
    size = int(seconds * 1000 * RATE_KHZ)
    response = random.normal(size=size) * 10 ** (-3 * np.arange(size) / size)
    response *= 0.7 / np.linalg.norm(response)
    response[0] = 1.0
    return response / np.linalg.norm(response)


class Room:
    """A microphone that hears what is put into it, and a guard that hears the microphone."""

    def __init__(self, seed: int, ms: int = 7000) -> None:
        self.random = np.random.default_rng(seed)
        self.sound = self.random.normal(size=ms * RATE_KHZ) * NOISE
        self.guard = EchoGuard()

    def add(self, samples: np.ndarray, at_ms: int, level_db: float = 0.0) -> None:
        begin = at_ms * RATE_KHZ
        self.sound[begin : begin + len(samples)] += samples * 10 ** (level_db / 20)

    def examine(self, begin_ms: int, end_ms: int) -> Examined:
        pcm = np.clip(self.sound[: end_ms * RATE_KHZ], -32768, 32767).astype("<i2").tobytes()
        for first in range(0, len(pcm), 1920):
            self.guard.hear(pcm[first : first + 1920])
        return self.guard.examine(begin_ms, end_ms)


def prompt(language: str, left: int, right: int) -> np.ndarray:
    return np.concatenate([clip_samples(language, "praise-1"), clip_samples(language, f"question-{left}-{right}")])


def echo(samples: np.ndarray, room_seconds: float, random: np.random.Generator) -> np.ndarray:
    return np.convolve(samples, reverberation(room_seconds, random)) if room_seconds else samples.astype(float)


CASES = [
    ("en", 7, 8, 0, -6, 0.0),
    ("en", 3, 4, 240, -20, 0.4),
    ("hi", 2, 6, 600, -10, 0.6),
    ("hi", 9, 9, 1000, -25, 0.0),
    ("mr", 2, 1, 300, -6, 0.3),
    ("mr", 5, 8, 900, -15, 0.5),
]


@pytest.mark.parametrize(("language", "left", "right", "delay_ms", "level_db", "room_seconds"), CASES)
def test_a_prompt_that_comes_back_is_an_echo(
    language: str, left: int, right: int, delay_ms: int, level_db: float, room_seconds: float
) -> None:
    room, played = Room(left * right), prompt(language, left, right)
    room.add(echo(played, room_seconds, room.random), BEGAN_MS + delay_ms, level_db)
    room.guard.play(played, BEGAN_MS)
    over_ms = BEGAN_MS + delay_ms + len(played) // RATE_KHZ
    examined = room.examine(over_ms - 700, over_ms + 400)
    assert examined.is_echo and examined.cleaned is None
    assert examined.delay_ms == pytest.approx(delay_ms, abs=30) and examined.level_db == pytest.approx(level_db, abs=3)


@pytest.mark.parametrize(("language", "left", "right", "delay_ms", "level_db", "room_seconds"), CASES)
def test_a_learner_over_the_echo_is_what_remains(
    language: str, left: int, right: int, delay_ms: int, level_db: float, room_seconds: float
) -> None:
    """The learner is as loud as the echo and begins 300 ms before its end."""
    room, played = Room(left * right), prompt(language, left, right)
    answer = number_samples("hi" if language == "mr" else "mr", left * right)
    over_ms = BEGAN_MS + delay_ms + len(played) // RATE_KHZ
    room.add(echo(played, room_seconds, room.random), BEGAN_MS + delay_ms, level_db)
    room.add(answer, over_ms - 300, level_db)
    room.guard.play(played, BEGAN_MS)
    begin_ms, end_ms = over_ms - 800, over_ms + len(answer) // RATE_KHZ + 100
    examined = room.examine(begin_ms, end_ms)
    assert not examined.is_echo and examined.cleaned is not None and examined.voice_from_ms is not None
    assert len(examined.cleaned) == (end_ms - begin_ms) * RATE_KHZ * 2
    # A clip begins with some silence and soft consonants.
    assert 0 <= examined.voice_from_ms - (over_ms - 300) < 220
    said = np.zeros((end_ms - begin_ms) * RATE_KHZ)
    said[500 * RATE_KHZ : 500 * RATE_KHZ + len(answer)] = answer * 10 ** (level_db / 20)
    left_over = np.frombuffer(examined.cleaned, "<i2") - said
    assert 10 * np.log10(np.sum(said**2) / np.sum(left_over**2)) > 10


@pytest.mark.parametrize("language", ["en", "hi", "mr"])
@pytest.mark.parametrize("onset_ms", [-600, -200, 250])
def test_a_learner_without_an_echo_is_left_unchanged(language: str, onset_ms: int) -> None:
    room, played = Room(onset_ms % 7), prompt(language, 6, 7)
    over_ms = BEGAN_MS + len(played) // RATE_KHZ
    room.add(number_samples("hi" if language == "mr" else "mr", 42), over_ms + onset_ms)
    room.guard.play(played, BEGAN_MS)
    assert room.examine(over_ms + onset_ms - 300, over_ms + onset_ms + 1000) == Examined()


def test_nothing_sounds_nothing_is_examined() -> None:
    room = Room(1)
    room.add(number_samples("mr", 42), 3000)
    assert room.examine(2700, 4000) == Examined()
    room.guard.play(prompt("mr", 6, 7), 100)
    room.guard.stop(200)
    assert room.examine(2700, 4000) == Examined()


def test_a_prompt_that_is_cut_short_earlier_than_thought_adds_nothing() -> None:
    """An interrupted prompt goes on for an uncertain time, and a learner answers meanwhile."""
    room, played, answer = Room(1), prompt("en", 6, 7), number_samples("mr", 42)
    cut_ms = len(played) // RATE_KHZ - 500
    room.add(played[: cut_ms * RATE_KHZ], BEGAN_MS + 200, -6)
    over_ms = BEGAN_MS + 200 + cut_ms
    room.add(answer, over_ms + 50, -6)
    room.guard.play(played, BEGAN_MS)
    room.guard.stop(BEGAN_MS + cut_ms + 400)
    begin_ms, end_ms = over_ms - 400, over_ms + len(answer) // RATE_KHZ + 100
    examined = room.examine(begin_ms, end_ms)
    said = np.zeros((end_ms - begin_ms) * RATE_KHZ)
    said[450 * RATE_KHZ : 450 * RATE_KHZ + len(answer)] = answer * 0.5
    assert examined.cleaned is not None and not examined.is_echo
    left_over = np.frombuffer(examined.cleaned, "<i2") - said
    assert 10 * np.log10(np.sum(said**2) / np.sum(left_over**2)) > 15


def test_a_path_is_measured_with_one_prompt() -> None:
    room, played = Room(1), prompt("hi", 6, 7)
    room.guard.play(played, BEGAN_MS)
    room.add(played, BEGAN_MS + 240, -12)
    room.examine(0, BEGAN_MS + len(played) // RATE_KHZ + 400)
    measured = room.guard.measure()
    assert measured is not None and measured == room.guard.path
    assert measured.delay_ms == pytest.approx(240, abs=10) and measured.level_db == pytest.approx(-12, abs=1)


def test_a_room_without_an_echo_has_no_path() -> None:
    room, played = Room(1), prompt("hi", 6, 7)
    room.guard.play(played, BEGAN_MS)
    room.examine(0, BEGAN_MS + len(played) // RATE_KHZ + 400)
    assert room.guard.measure() is None and room.guard.path is None


def test_a_page_that_sends_nothing_during_prompts_is_anchored_by_their_end() -> None:
    """The stream stands still while the prompt plays; only its late end is heard."""
    room, played = Room(1), prompt("mr", 6, 7)
    room.add(played[-600 * RATE_KHZ :], 2000, -10)
    room.guard.play(played, 2000)
    room.guard.ended(2020)
    assert room.examine(2000, 3000).is_echo
