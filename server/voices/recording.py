"""Turn a recording of a prompt into a clip: find the speech, judge its quality, cut and level it."""

from dataclasses import dataclass

import numpy as np

from ..audio.trim import lasting_db, spoken_frames
from .errors import VoiceError
from .sound import PEAK, SPEECH_RMS, resampled, speech_rms, trimmed

# As in the standard clips.
RATE_HZ = 24_000
# Frequencies below this are rumble: steps, wind, and the offset of a cheap sound card.
LOWEST_HZ = 60
# Speech below QUIET_DB (0 is full scale), or a background less than CLEAR_DB below the speech, gets a hint.
QUIET_DB = -45.0
CLEAR_DB = 20.0
# If no sound that lasts for a vowel is louder than this and stands out from the background by this, there is no speech.
SILENT_DB, STANDS_OUT_DB = -62.0, 6.0
# Speech reaches down to this below its loudest part. A separate sound that is never within BREATH_DB of it is a breath.
FAINTEST_DB, BREATH_DB = 40.0, 15.0
# Clipping: at least this many stretches of a quarter of a millisecond at full scale.
FULL_SCALE, FULL_STRETCHES = 0.985, 5
# A recording this much longer than the standard clip says something else.
MOST_TIMES_AS_LONG, AND_MS = 2, 1500
# A recording this close to its result is a finished clip.
SLACK_MS, SLACK_DB = 40, 1.0
# Louder peaks are rounded off: a voice at the common loudness has some beyond full scale.
KNEE = 0.6

_FRAME = RATE_HZ // 100
_VOWEL_FRAMES = 5
# Parts further apart than this are separate. A separate part shorter than _CLICK_FRAMES is a click of the mouse.
_PAUSE_FRAMES, _CLICK_FRAMES = 20, 6
# Frames that suffice to measure the room.
_ROOM_FRAMES = 30


@dataclass(frozen=True, slots=True)
class Take:
    """A clip at RATE_HZ, in the common loudness."""

    samples: np.ndarray
    """Mono, float, -1..1."""
    hint: str | None
    """too_loud, too_quiet, too_noisy or too_long; None: all well."""

    @property
    def duration_ms(self) -> int:
        return round(1000 * len(self.samples) / RATE_HZ)


def make_take(samples: np.ndarray, rate_hz: int, usual_ms: int) -> Take:
    """Make a clip of a recording (mono, -1..1). `usual_ms`: the length of the standard clip.

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
    """Tell whether it is a finished clip, as from another Paadas: it must not get worse by travelling."""
    is_cut = abs(len(samples) - cut_length) * 1000 <= SLACK_MS * RATE_HZ
    return rate_hz == RATE_HZ and is_cut and abs(_decibels(gain)) <= SLACK_DB and np.abs(samples).max() <= PEAK


def _without_rumble(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    spectrum = np.fft.rfft(samples)
    spectrum *= np.clip(np.fft.rfftfreq(len(samples), 1 / rate_hz) / LOWEST_HZ - 0.5, 0, 1)
    return np.fft.irfft(spectrum, len(samples))


def _levels(sound: np.ndarray) -> np.ndarray:
    """Return the level of each 10 ms in dB."""
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)


def _spoken_frames(levels: np.ndarray) -> tuple[int, int] | None:
    """Return the first frame of the speech and the one after its last; None without speech."""
    if len(levels) < _VOWEL_FRAMES:
        return None
    loudest = lasting_db(levels, _VOWEL_FRAMES)
    if loudest < SILENT_DB or loudest - np.percentile(levels, 10) < STANDS_OUT_DB:
        return None
    threshold = max(loudest - FAINTEST_DB, _threshold_db(levels, loudest))
    return spoken_frames(levels, threshold, loudest - BREATH_DB, _PAUSE_FRAMES, _CLICK_FRAMES)


def _threshold_db(levels: np.ndarray, loudest: float) -> float:
    """Return the level above which sound is no longer the room, which may be restless."""
    room = _room(levels)
    if room is None:
        # A clip without any room: its quietest parts are speech.
        return min(float(np.percentile(levels, 10)) + STANDS_OUT_DB, loudest - 20)
    low, middle = np.percentile(room, (10, 50))
    return min(float(middle + 2 * (middle - low)) + 3, _midway(levels), loudest - 12)


def _room(levels: np.ndarray) -> np.ndarray | None:
    """Return the levels before and after the speech; None if there are too few."""
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
    """Bend peaks above the knee towards PEAK, which none passes."""
    size = np.abs(samples)
    bent = KNEE + (PEAK - KNEE) * np.tanh((size - KNEE) / (PEAK - KNEE))
    return np.where(size > KNEE, np.sign(samples) * bent, samples).astype(np.float32)


def _decibels(ratio: float) -> float:
    return float(20 * np.log10(max(ratio, 1e-9)))
