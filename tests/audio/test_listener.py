"""The listener without a real detector: properties that hold for any size of chunks."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server.audio import FRAME_BYTES, FRAME_MS
from server.audio.highpass import HighPass
from server.audio.listener import Framer, Listener
from server.audio.segmenter import (
    Segmenter,
    SegmenterEvent,
    SegmenterSettings,
    VoiceContinued,
    VoiceStarted,
    VoiceStopped,
)

SETTINGS = SegmenterSettings(default_silence_ms=200, cap_ms=2000)
# Runs of voice and of silence, in frames: closer to speech than independent random frames.
FLAGS = st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=12).map(
    lambda runs: [voiced for voiced, size in runs for _ in range(size)]
)
CUTS = st.lists(st.integers(0, 10_000), max_size=20)


class Scripted:
    """A detector that answers from a list and ignores the audio."""

    def __init__(self, flags: Sequence[bool]) -> None:
        self._flags = iter(flags)

    def voiced(self, frames: bytes) -> list[bool]:
        return [next(self._flags, False) for _ in range(len(frames) // FRAME_BYTES)]


def numbered(frames: int) -> bytes:
    """Return audio in which every frame differs."""
    return b"".join(number.to_bytes(2, "little") * (FRAME_BYTES // 2) for number in range(frames))


def cut(audio: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(audio) + 1) for place in places), len(audio)]
    return [audio[start:end] for start, end in pairwise(edges)]


def hear(flags: Sequence[bool], chunks: Sequence[bytes]) -> list[SegmenterEvent]:
    listener = Listener(Scripted(flags), SETTINGS)
    listener.arm(True)
    return [event for chunk in chunks for event in listener.hear(chunk)]


@given(FLAGS, CUTS)
def test_the_cuts_make_no_difference(flags: list[bool], places: list[int]) -> None:
    audio = numbered(len(flags))
    assert hear(flags, cut(audio, places)) == hear(flags, [audio])


@given(FLAGS)
def test_utterances_are_stretches_of_the_stream(flags: list[bool]) -> None:
    """Each sample comes once and in order, and no sample is in two utterances."""
    audio = numbered(len(flags))
    utterances: list[bytes] = []
    is_open = False
    for event in hear(flags, [audio]):
        match event:
            case VoiceStarted(_, pre_roll):
                assert not is_open
                utterances.append(pre_roll)
                is_open = True
            case VoiceContinued(frame):
                assert is_open
                utterances[-1] += frame
            case VoiceStopped():
                assert is_open
                is_open = False
    at = 0
    for utterance in utterances:
        at = audio.index(utterance, at) + len(utterance)


@given(FLAGS)
def test_the_onset_is_voiced_and_inside_the_pre_roll(flags: list[bool]) -> None:
    heard_ms = 0
    for event in hear(flags, [numbered(len(flags))]):
        if isinstance(event, VoiceStarted):
            begins = int.from_bytes(event.audio[:2], "little")
            assert flags[event.onset_ms // FRAME_MS]
            assert begins * FRAME_MS <= event.onset_ms < begins * FRAME_MS + len(event.audio) // FRAME_BYTES * FRAME_MS
            assert event.onset_ms >= heard_ms
            heard_ms = event.onset_ms


@given(FLAGS)
def test_an_utterance_ends_after_silence_or_at_the_cap(flags: list[bool]) -> None:
    silence_ms = frames = 0
    for event in hear(flags, [numbered(len(flags))]):
        match event:
            case VoiceStarted(_, audio):
                frames = len(audio) // FRAME_BYTES
            case VoiceContinued():
                frames += 1
                silence_ms = event.silence_ms
                assert event.spoken_ms + silence_ms == frames * FRAME_MS <= SETTINGS.cap_ms
                assert silence_ms <= SETTINGS.default_silence_ms
            case VoiceStopped():
                assert silence_ms == SETTINGS.default_silence_ms or frames * FRAME_MS == SETTINGS.cap_ms


@given(FLAGS)
def test_nothing_opens_unless_armed(flags: list[bool]) -> None:
    listener = Listener(Scripted(flags), SETTINGS)
    assert list(listener.hear(numbered(len(flags)))) == []
    assert listener.heard_ms == len(flags) * FRAME_MS


def test_short_bursts_do_not_open_it() -> None:
    burst = SETTINGS.start_voiced_ms // FRAME_MS - 1
    flags = ([True] * burst + [False] * 10) * 20
    assert hear(flags, [numbered(len(flags))]) == []


def test_a_click_does_not_prolong_a_pause_but_a_voice_does() -> None:
    def end_ms(during_pause: int) -> int:
        flags = [True] * 10 + [False] * 5 + [True] * during_pause + [False] * 30
        events = hear(flags, [numbered(len(flags))])
        return next(number for number, event in enumerate(events) if isinstance(event, VoiceStopped))

    assert end_ms(0) == end_ms(1) == end_ms(2) < end_ms(3)


def test_what_was_heard_before_an_interruption_is_gone() -> None:
    listener = Listener(Scripted([True] * 100), SETTINGS)
    listener.arm(True)
    audio = numbered(100)
    list(listener.hear(audio[: 4 * FRAME_BYTES + 100]))
    listener.interrupt()
    started = next(iter(listener.hear(audio[50 * FRAME_BYTES :])))
    assert isinstance(started, VoiceStarted)
    assert started.audio == audio[50 * FRAME_BYTES :][: len(started.audio)]


def test_the_silence_limit_counts_at_once() -> None:
    segmenter = Segmenter(SETTINGS)
    segmenter.armed = True
    frame = bytes(FRAME_BYTES)
    for _ in range(10):
        segmenter.process(frame, True)
    segmenter.silence_limit_ms = 0
    assert segmenter.process(frame, True)[-1] == VoiceStopped()
    assert not segmenter.open and segmenter.silence_limit_ms == SETTINGS.default_silence_ms


@given(st.binary(max_size=5000), CUTS)
def test_frames_are_whole_and_lose_nothing(audio: bytes, places: list[int]) -> None:
    framer = Framer()
    pieces = [framer.whole(chunk) for chunk in cut(audio, places)]
    assert all(len(piece) % FRAME_BYTES == 0 for piece in pieces)
    assert b"".join(pieces) == audio[: len(audio) // FRAME_BYTES * FRAME_BYTES]


def recursion(samples: np.ndarray) -> np.ndarray:
    """A second-order Butterworth high-pass at 150 Hz, sample by sample, as in textbooks."""
    k = math.tan(math.pi * 150 / 16_000)
    scale = 1 / (1 + math.sqrt(2) * k + k * k)
    back_1, back_2 = 2 * (k * k - 1) * scale, (1 - math.sqrt(2) * k + k * k) * scale
    x_1 = x_2 = y_1 = y_2 = 0.0
    filtered = []
    for x in samples.tolist():
        y = scale * (x - 2 * x_1 + x_2) - back_1 * y_1 - back_2 * y_2
        x_1, x_2, y_1, y_2 = x, x_1, y, y_1
        filtered.append(y)
    return np.clip(np.rint(filtered), -32768, 32767)


@given(CUTS, st.sampled_from([3, 300, 30_000]), st.integers(0, 2**32 - 1))
def test_the_high_pass_is_the_recursion_wherever_the_sound_is_cut(places: list[int], loudest: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    # From loud to silent and back: loud samples must not spoil faint ones.
    samples = (random.integers(-loudest, loudest + 1, 5000) * np.repeat(random.random(10) < 0.5, 500)).astype("<i2")
    high_pass = HighPass()
    pieces = cut(samples.tobytes(), [place // 2 * 2 for place in places])
    actual = np.frombuffer(b"".join(high_pass.filter(piece) for piece in pieces), "<i2")
    # Rounding may fall to either side.
    assert np.abs(recursion(samples) - actual).max() <= 1
    assert np.mean(recursion(samples) != actual) < 0.001


def test_the_high_pass_takes_hum_and_leaves_voices() -> None:
    def gain_db(hz: float) -> float:
        high_pass = HighPass()
        tone = (8000 * np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000)).astype("<i2").tobytes()
        settled = np.frombuffer(high_pass.filter(tone), "<i2")[8000:].astype(float)
        return float(20 * np.log10(max(settled.std(), 1e-3) / (8000 / 2**0.5)))

    assert gain_db(50) < -18
    assert abs(gain_db(150) + 3) < 0.2
    assert abs(gain_db(400)) < 0.2 and abs(gain_db(3000)) < 0.2
