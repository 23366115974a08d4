"""From recordings to clips: voices made of noise and tones, in quiet and noisy rooms."""

import numpy as np
import pytest

from server.voices.errors import VoiceError
from server.voices.recording import RATE_HZ, Take, make_take
from server.voices.sound import LEAD_MS, PEAK, SPEECH_RMS, TAIL_MS, speech_rms
from tests.support.recordings import RATE, number_samples

USUAL_MS = 900


def voice(seconds: float = 0.8, level: float = 0.1, rate_hz: int = RATE_HZ) -> np.ndarray:
    """A hum with syllables: a glottal comb whose loudness goes up and down four times a second."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    comb = sum(np.sin(2 * np.pi * 140 * harmonic * at) / harmonic for harmonic in range(1, 20))
    return level * comb * (0.55 - 0.45 * np.cos(2 * np.pi * 4 * at))


def room(seconds: float, level: float = 0.0005, rate_hz: int = RATE_HZ) -> np.ndarray:
    return level * np.random.default_rng(7).standard_normal(round(seconds * rate_hz))


def in_room(
    spoken: np.ndarray, before_s: float = 0.6, after_s: float = 1.2, level: float = 0.0005, rate_hz: int = RATE_HZ
) -> np.ndarray:
    sound = np.concatenate([np.zeros(round(before_s * rate_hz)), spoken, np.zeros(round(after_s * rate_hz))])
    return np.clip(sound + room(len(sound) / rate_hz, level, rate_hz)[: len(sound)], -1, 1).astype(np.float32)


def take(samples: np.ndarray, rate_hz: int = RATE_HZ, usual_ms: int = USUAL_MS) -> Take:
    return make_take(samples, rate_hz, usual_ms)


@pytest.mark.parametrize("before_s, after_s", [(0.6, 1.2), (3, 0.1), (0.05, 2), (0, 0)])
@pytest.mark.parametrize("level", [0.0005, 0.004])
def test_silence_at_both_ends_goes(before_s: float, after_s: float, level: float) -> None:
    made = take(in_room(voice(), before_s, after_s, level))
    assert made.hint is None
    assert made.duration_ms == pytest.approx(800 + LEAD_MS + TAIL_MS, abs=70)
    assert made.samples[0] == made.samples[-1] == 0


@pytest.mark.parametrize("rate_hz", [16_000, 24_000, 44_100, 48_000])
def test_every_rate_becomes_that_of_the_clips(rate_hz: int) -> None:
    made = take(in_room(voice(rate_hz=rate_hz), rate_hz=rate_hz), rate_hz)
    assert made.duration_ms == pytest.approx(800 + LEAD_MS + TAIL_MS, abs=70)
    spectrum = np.abs(np.fft.rfft(made.samples))
    assert np.fft.rfftfreq(len(made.samples), 1 / RATE_HZ)[spectrum.argmax()] == pytest.approx(140, abs=6)


@pytest.mark.parametrize("level", [0.008, 0.05, 0.2])
def test_all_become_as_loud_as_the_standard_clips(level: float) -> None:
    made = take(in_room(voice(level=level), level=level / 200))
    assert 20 * np.log10(speech_rms(made.samples, RATE_HZ) / SPEECH_RMS) == pytest.approx(0, abs=1)
    assert np.abs(made.samples).max() <= PEAK


def test_a_pause_between_two_sentences_stays() -> None:
    twice = np.concatenate([voice(), np.zeros(round(0.7 * RATE_HZ)), voice()])
    assert take(in_room(twice), usual_ms=2300).duration_ms == pytest.approx(2300 + LEAD_MS + TAIL_MS, abs=70)


@pytest.mark.parametrize("place_s", [0.1, 2.3])
def test_the_click_of_the_button_is_not_part_of_it(place_s: float) -> None:
    sound = in_room(voice(), before_s=1)
    sound[round(place_s * RATE_HZ) :][:200] += np.where(np.arange(200) % 20 < 10, 0.8, -0.8)
    assert take(sound).duration_ms == pytest.approx(800 + LEAD_MS + TAIL_MS, abs=70)


def test_a_restless_room_is_cut_away() -> None:
    """As in home recordings: the background varies by 10 dB and more, far below the voice."""
    sound = in_room(voice(level=0.3), before_s=1, after_s=1.5, level=0.01)
    random = np.random.default_rng(7)
    restless = np.repeat(10 ** random.uniform(-0.35, 0.35, 34), RATE_HZ // 10)[: len(sound)]
    sound = sound + 0.01 * restless[: len(sound)] * random.standard_normal(len(sound))
    assert take(np.clip(sound, -1, 1).astype(np.float32)).duration_ms == pytest.approx(800 + LEAD_MS + TAIL_MS, abs=120)


def test_a_breath_after_the_word_is_no_part_of_it() -> None:
    breath = 0.012 * np.random.default_rng(7).standard_normal(round(0.3 * RATE_HZ))
    sound = np.concatenate([voice(level=0.2), np.zeros(RATE_HZ // 2), breath])
    assert take(in_room(sound)).duration_ms == pytest.approx(800 + LEAD_MS + TAIL_MS, abs=70)


def test_rumble_neither_counts_nor_stays() -> None:
    sound = in_room(voice(level=0.05))
    sound += 0.3 * np.sin(2 * np.pi * 8 * np.arange(len(sound)) / RATE_HZ).astype(np.float32) + 0.1
    made = take(sound)
    assert made.hint is None and made.duration_ms == pytest.approx(800 + LEAD_MS + TAIL_MS, abs=70)


@pytest.mark.parametrize(
    "hint, sound",
    [
        ("too_loud", np.clip(in_room(voice(level=0.1)) * 12, -1, 1)),
        ("too_quiet", in_room(voice(level=0.002), level=0.00001)),
        ("too_noisy", in_room(voice(level=0.05), level=0.012)),
        ("too_long", in_room(voice(5))),
        (None, in_room(voice())),
        (None, voice(0.8).astype(np.float32)),  # already cut: nothing is left of the room
        (None, np.clip(in_room(voice(level=0.1)) / np.abs(in_room(voice(level=0.1))).max(), -1, 1)),
    ],
)
def test_hints(hint: str | None, sound: np.ndarray) -> None:
    assert take(sound).hint == hint


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(RATE_HZ, np.float32),
        np.zeros(10, np.float32),
        np.ones(RATE_HZ, np.float32),
        room(2, 0.0005),
        room(2, 0.05),
        0.2 * np.sin(2 * np.pi * 50 * np.arange(2 * RATE_HZ) / RATE_HZ),
        np.eye(1, RATE_HZ, 5000)[0],
    ],
    ids=["silence", "next to nothing", "offset", "a quiet room", "a loud room", "hum", "a click"],
)
def test_a_recording_without_speech_is_refused(sound: np.ndarray) -> None:
    with pytest.raises(VoiceError) as error:
        take(sound)
    assert error.value.code == "nothing_heard"


def test_a_clip_that_is_in_order_stays_as_it_is() -> None:
    once = take(in_room(voice()))
    again = take(once.samples)
    assert np.array_equal(again.samples, once.samples) and again.hint is None


@pytest.mark.parametrize("language", ["en", "hi", "mr"])
def test_real_words_keep_their_beginning_and_end(language: str) -> None:
    """The standard voice in a room with a fan: the cut is as long as the clip made from clean speech."""
    for number in (2, 6, 8, 17, 60, 78):
        clip = number_samples(language, number) / 32768
        made = make_take(in_room(clip, level=0.0015, rate_hz=RATE), RATE, USUAL_MS)
        assert made.hint is None
        assert made.duration_ms == pytest.approx(1000 * len(clip) / RATE, abs=150), number
