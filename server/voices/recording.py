"""A recording of a prompt: where in it somebody speaks, what it is worth, and the clip that becomes of it."""

from dataclasses import dataclass

import numpy as np

from ..audio.trim import lasting_db, spoken_frames
from .errors import VoiceError
from .sound import PEAK, SPEECH_RMS, resampled, speech_rms, trimmed

# As the standard clips.
RATE_HZ = 24_000
# Below this is rumble: steps, wind, and the offset of a cheap sound card.
LOWEST_HZ = 60
# A hint is given for speech below QUIET_DB (0 is full scale), and for a background less than CLEAR_DB below the speech.
QUIET_DB = -45.0
CLEAR_DB = 20.0
# Nothing that lasts for a vowel is louder than this, or stands out from the background by so much: nobody spoke.
SILENT_DB, STANDS_OUT_DB = -62.0, 6.0
# Speech fades away so far below its loudest; what stands apart and is never within BREATH_DB of it is a breath.
FAINTEST_DB, BREATH_DB = 40.0, 15.0
# Peaks that are cut off: so many stretches of at least a quarter of a millisecond at full scale.
FULL_SCALE, FULL_STRETCHES = 0.985, 5
# So much longer than the standard clip, and something else was said.
MOST_TIMES_AS_LONG, AND_MS = 2, 1500
# What differs by no more from what would be made of it is a clip already.
SLACK_MS, SLACK_DB = 40, 1.0
# Louder peaks than this are rounded off: a voice at the common loudness has some beyond full scale.
KNEE = 0.6

_FRAME = RATE_HZ // 100
_VOWEL_FRAMES = 5
# Parts further apart than this stand alone; alone, what is shorter is a click of the mouse.
_PAUSE_FRAMES, _CLICK_FRAMES = 20, 6
# So many frames tell what the room is like.
_ROOM_FRAMES = 30


@dataclass(frozen=True, slots=True)
class Take:
    """A clip at RATE_HZ, in the common loudness. hint: too_loud, too_quiet, too_noisy or too_long, None: all well."""

    samples: np.ndarray
    hint: str | None

    @property
    def duration_ms(self) -> int:
        return round(1000 * len(self.samples) / RATE_HZ)


def make_take(samples: np.ndarray, rate_hz: int, usual_ms: int) -> Take:
    """What becomes of a recording (mono, -1..1). usual_ms: how long the standard clip lasts.

    Raises VoiceError: nothing_heard.
    """
    sound = resampled(_without_rumble(samples, rate_hz), rate_hz, RATE_HZ)
    levels = _levels(sound)
    spoken = _spoken_frames(levels)
    if spoken is None:
        raise VoiceError("nothing_heard")
    cut = trimmed(sound, RATE_HZ, (spoken[0] * _FRAME, spoken[1] * _FRAME))
    gain = SPEECH_RMS / speech_rms(cut, RATE_HZ)
    take = samples if _is_in_order(samples, rate_hz, len(cut), gain) else _limited(cut * gain)
    longest_ms = MOST_TIMES_AS_LONG * usual_ms + AND_MS
    room, hint = _room(levels), None
    if _is_cut_off(samples, rate_hz):
        hint = "too_loud"
    elif _decibels(SPEECH_RMS / gain) < QUIET_DB:
        hint = "too_quiet"
    elif room is not None and _decibels(SPEECH_RMS / gain) - float(np.median(room)) < CLEAR_DB:
        hint = "too_noisy"
    elif len(take) * 1000 > longest_ms * RATE_HZ:
        hint = "too_long"
    return Take(take.astype(np.float32), hint)


def _is_in_order(samples: np.ndarray, rate_hz: int, cut_length: int, gain: float) -> bool:
    """Whether it is a clip already, as one that comes from another Paadas: it does not get worse by travelling."""
    is_cut = abs(len(samples) - cut_length) * 1000 <= SLACK_MS * RATE_HZ
    return rate_hz == RATE_HZ and is_cut and abs(_decibels(gain)) <= SLACK_DB and np.abs(samples).max() <= PEAK


def _without_rumble(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    spectrum = np.fft.rfft(samples)
    spectrum *= np.clip(np.fft.rfftfreq(len(samples), 1 / rate_hz) / LOWEST_HZ - 0.5, 0, 1)
    return np.fft.irfft(spectrum, len(samples))


def _levels(sound: np.ndarray) -> np.ndarray:
    """Level of each 10 ms in dB."""
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)


def _spoken_frames(levels: np.ndarray) -> tuple[int, int] | None:
    """The first frame of the speech and the one after its last; None where nobody speaks."""
    if len(levels) < _VOWEL_FRAMES:
        return None
    loudest = lasting_db(levels, _VOWEL_FRAMES)
    if loudest < SILENT_DB or loudest - np.percentile(levels, 10) < STANDS_OUT_DB:
        return None
    threshold = max(loudest - FAINTEST_DB, _threshold_db(levels, loudest))
    return spoken_frames(levels, threshold, loudest - BREATH_DB, _PAUSE_FRAMES, _CLICK_FRAMES)


def _threshold_db(levels: np.ndarray, loudest: float) -> float:
    """What is louder than this is no longer the room, which may be restless."""
    room = _room(levels)
    if room is None:
        # A clip without any room: its quietest parts are speech.
        return min(float(np.percentile(levels, 10)) + STANDS_OUT_DB, loudest - 20)
    low, middle = np.percentile(room, (10, 50))
    return min(float(middle + 2 * (middle - low)) + 3, _midway(levels), loudest - 12)


def _room(levels: np.ndarray) -> np.ndarray | None:
    """The levels before and after the speech; None where there are too few to tell."""
    voiced = np.flatnonzero(levels > _midway(levels))
    outside = np.r_[levels[: voiced[0]], levels[voiced[-1] + 1 :]]
    return outside if len(outside) >= _ROOM_FRAMES else None


def _midway(levels: np.ndarray) -> float:
    return (float(np.percentile(levels, 10)) + lasting_db(levels, _VOWEL_FRAMES)) / 2


def _is_cut_off(samples: np.ndarray, rate_hz: int) -> bool:
    shortest = rate_hz // 4000
    edges = np.diff(np.r_[0, (np.abs(samples) >= FULL_SCALE).astype(np.int8), 0])
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(np.count_nonzero(lengths >= shortest)) >= FULL_STRETCHES


def _limited(samples: np.ndarray) -> np.ndarray:
    """Peaks above the knee are bent towards PEAK, which none passes."""
    size = np.abs(samples)
    bent = KNEE + (PEAK - KNEE) * np.tanh((size - KNEE) / (PEAK - KNEE))
    return np.where(size > KNEE, np.sign(samples) * bent, samples).astype(np.float32)


def _decibels(ratio: float) -> float:
    return float(20 * np.log10(max(ratio, 1e-9)))
