"""The echo guard: finds our own prompt in an utterance and removes it."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from . import SAMPLE_BYTES, SAMPLE_RATE
from .echo_path import EARLY_TAPS, HOP, find, joined, separate

# Microphone audio that is kept (samples), and the most that is examined.
KEPT = 9 * SAMPLE_RATE
EXAMINED_MS = 5000
# A prompt may sound this much before or after its given position: the position is a guess, and a wireless loudspeaker
# is up to a second late.
EARLIEST_MS, LATEST_MS = -150, 1300
# Longer prompts are cut: an utterance's end is compared with what was played just before.
LONGEST_PLAY_MS = 20_000
# Speech that is not the prompt's echo matches it with less prominence than this, with few exceptions (`find`).
SIGNIFICANT = 22.0
# A reported end of playing counts only beyond this difference: the report itself travels.
ANCHOR_TOLERANCE_MS = 500
# Voice: this much of a window is louder than the noise and than the remains of the echo.
VOICE_MS, VOICE_WINDOW_MS = 100, 200
ABOVE_NOISE, ABOVE_SHADOW = 6.0, 3.0
# Sound this far below the loud parts of the echo (-27 dB) is useless, and mostly echo.
FAINT = 0.002
# A prompt is audible if it exceeds the quietest moments by this factor for this long before an utterance. Power below
# SILENCE (-70 dB of full scale) is silence.
HEARD_MS = 300
ABOVE_QUIET = 6.0
SILENCE = 1e-7
# Two measurements of the same path differ by less than this: where a prompt begins is a guess.
AGREES_MS = 400
# An echo of less than this share of the utterance's power needs no cleaning.
NEGLIGIBLE = 0.003
# A prompt explains at least this share of an utterance that is nothing but echo.
EXPLAINED = 0.3


@dataclass(frozen=True, slots=True)
class Examined:
    """What the guard finds in an utterance."""

    is_echo: bool = False
    """The utterance holds only the prompt."""
    share: float = 0.0
    """The share of its power that the prompt explains, 0..1."""
    delay_ms: int | None = None
    """The echo's delay against the position given to `play`; None without an echo."""
    level_db: float | None = None
    """The echo's level against the samples played; None without an echo."""
    cleaned: bytes | None = None
    """The utterance without the echo (int16) if a voice remains; None: nothing to clean."""
    voice_from_ms: int | None = None
    """Stream position where the voice in `cleaned` begins."""


@dataclass(frozen=True, slots=True)
class EchoPath:
    """The path of sound from this tablet's loudspeaker to its microphone."""

    delay_ms: int
    """From the position given to `play` to the echo."""
    level_db: float
    """The echo's level against the samples played."""


@dataclass(slots=True)
class _Play:
    """One prompt as it is played. Positions are samples of the microphone's stream."""

    samples: np.ndarray
    """What sounds, int16, 16 kHz."""
    at: int
    """Where it begins to sound."""
    since: int
    """Audio before this position was heard before the prompt."""
    until: int
    """Where it ends."""


class EchoGuard:
    """The record of what one tablet plays and hears. Positions are milliseconds of the microphone's stream.

    It holds at most 0.3 MB of microphone audio and 0.6 MB of each of the two latest prompts.
    """

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._kept = self._heard = 0
        self._plays: deque[_Play] = deque(maxlen=2)
        self._paths: deque[EchoPath] = deque(maxlen=5)

    @property
    def path(self) -> EchoPath | None:
        """The median of the latest measurements, if at least two agree."""
        if len(self._paths) < 2:
            return None
        delay_ms = float(np.median([path.delay_ms for path in self._paths]))
        return EchoPath(round(delay_ms), round(float(np.median([path.level_db for path in self._paths])), 1))

    def play(self, samples: np.ndarray, at_ms: float) -> None:
        """These samples (int16, 16 kHz) sound from this position on. The rest of an earlier prompt is not played."""
        self.stop(at_ms)
        at = _samples(at_ms)
        samples = samples[: _samples(LONGEST_PLAY_MS)]
        self._plays.append(_Play(samples, at, at, at + len(samples)))

    def stop(self, at_ms: float) -> None:
        """Nothing sounds from this position on."""
        if self._plays:
            self._plays[-1].until = min(self._plays[-1].until, max(_samples(at_ms), self._plays[-1].at))

    def began(self, at_ms: float) -> None:
        """The page reports that the latest prompt begins to sound at this position."""
        if self._plays:
            play = self._plays[-1]
            moved = _samples(at_ms) - play.at
            play.at, play.until = play.at + moved, play.until + moved

    def ended(self, at_ms: float) -> None:
        """The page reports that playing ended at this position."""
        if self._plays and abs(_samples(at_ms) - self._plays[-1].until) > _samples(ANCHOR_TOLERANCE_MS):
            play = self._plays[-1]
            moved = _samples(at_ms) - play.until
            play.at, play.until = play.at + moved, play.until + moved

    def hear(self, pcm: bytes) -> None:
        """Take the next audio of the microphone."""
        self._chunks.append(pcm)
        self._heard += len(pcm) // SAMPLE_BYTES
        self._kept += len(pcm) // SAMPLE_BYTES
        while self._kept - len(self._chunks[0]) // SAMPLE_BYTES >= KEPT:
            self._kept -= len(self._chunks.popleft()) // SAMPLE_BYTES

    def examine(self, begin_ms: float, end_ms: float) -> Examined:
        """Find the echo in the utterance between these positions, whose audio must have been heard."""
        begin, end = _samples(begin_ms), min(_samples(end_ms), self._heard)
        begin = max(begin, end - KEPT)
        play = self._sounding(begin, end)
        if play is None:
            return Examined()
        # If the stream stood still while the prompt played, earlier audio is not its echo.
        before = _samples(-EARLIEST_MS) if play.at >= play.since else 0
        start = max(play.since - before, end - _samples(EXAMINED_MS))
        start = max(min(begin, start), self._heard - KEPT, 0)
        begin = max(begin, start)
        if self._was_quiet(play, begin):
            return Examined()
        microphone = self._microphone(start, end)
        lag, prominence = self._match(microphone, start)
        if prominence < SIGNIFICANT:
            return Examined()
        return self._separated(microphone, start, begin, lag)

    def measure(self) -> EchoPath | None:
        """Measure the latest prompt's echo at its end; None if there is none. Costs as much as `examine`."""
        if not self._plays:
            return None
        play = self._plays[-1]
        last = min(self._heard, play.until + _samples(LATEST_MS))
        examined = self.examine(play.at * 1000 / SAMPLE_RATE, last * 1000 / SAMPLE_RATE)
        return None if examined.delay_ms is None else self._paths[-1]

    def _was_quiet(self, play: _Play, begin: int) -> bool:
        """Tell whether only silence was heard while the prompt played, long enough for even a late echo."""
        first, last = max(play.at, play.since, self._heard - KEPT), min(begin, play.until)
        if last - first < _samples(LATEST_MS + HEARD_MS):
            return False
        frames = self._microphone(first, last)[: (last - first) // HOP * HOP].reshape(-1, HOP)
        powers = (frames**2).mean(axis=1)
        return float(np.percentile(powers, 98)) < ABOVE_QUIET * float(np.percentile(powers, 10)) + SILENCE

    def _match(self, microphone: np.ndarray, start: int) -> tuple[int, float]:
        """Return the echo's delay in samples and the prominence of that match."""
        first = start - _samples(LATEST_MS)
        reference = self._reference(first, start + len(microphone) - _samples(EARLIEST_MS))
        if not reference.any():
            return 0, 0.0
        position, prominence = find(microphone, reference)
        return start - first - position, prominence

    def _separated(self, microphone: np.ndarray, start: int, begin: int, lag: int) -> Examined:
        late = start - lag + EARLY_TAPS * HOP
        reference = self._reference(late, late + len(microphone))
        parts = separate(microphone, reference)
        from_frame = (begin - start) // HOP
        faint = ABOVE_NOISE * parts.noise + FAINT * float(np.percentile(parts.echo, 90))
        voiced = parts.left > faint + ABOVE_SHADOW * parts.shadow
        onset = _onset(voiced[from_frame:])
        echo, left = float(parts.echo[from_frame:].sum()), float(parts.left[from_frame:].sum())
        share = echo / (echo + left + 1e-9)
        if share < (EXPLAINED if onset is None else NEGLIGIBLE):
            return Examined()
        path = self._measured(float(parts.echo.sum()), float(parts.played.sum()), lag)
        if onset is None:
            return Examined(True, share, path.delay_ms, path.level_db)
        audio = joined(parts.spectra, len(microphone))[begin - start :]
        cleaned = np.clip(np.rint(audio * 32768), -32768, 32767).astype("<i2").tobytes()
        voice_from_ms = round((begin + onset * HOP) * 1000 / SAMPLE_RATE)
        return Examined(False, share, path.delay_ms, path.level_db, cleaned, voice_from_ms)

    def _measured(self, echo: float, played: float, lag: int) -> EchoPath:
        path = EchoPath(round(lag * 1000 / SAMPLE_RATE), round(10 * math.log10((echo + 1e-9) / (played + 1e-9)), 1))
        if self._paths and abs(path.delay_ms - self._paths[-1].delay_ms) > AGREES_MS:
            self._paths.clear()
        self._paths.append(path)
        return path

    def _sounding(self, begin: int, end: int) -> _Play | None:
        """Return the earliest play that may be heard within these positions."""
        for play in self._plays:
            if play.at + _samples(EARLIEST_MS) < end and play.until + _samples(LATEST_MS + 100) > begin:
                return play
        return None

    def _microphone(self, first: int, last: int) -> np.ndarray:
        """Return the microphone's samples between these positions, full scale 1."""
        kept = np.frombuffer(b"".join(self._chunks), "<i2")
        since = self._heard - self._kept
        return kept[first - since : last - since].astype(np.float32) / 32768

    def _reference(self, first: int, last: int) -> np.ndarray:
        """Return what was played between these positions, full scale 1; 0 where nothing was."""
        wanted = np.zeros(last - first, np.float32)
        for play in self._plays:
            begin, end = max(first, play.at), min(last, play.until)
            if begin < end:
                wanted[begin - first : end - first] = play.samples[begin - play.at : end - play.at]
        return wanted / 32768


def _samples(ms: float) -> int:
    return round(ms * SAMPLE_RATE / 1000)


def _onset(voiced: np.ndarray) -> int | None:
    """Return the first frame of a voice."""
    size, needed = (ms * SAMPLE_RATE // 1000 // HOP for ms in (VOICE_WINDOW_MS, VOICE_MS))
    if len(voiced) < size:
        return None
    counts = np.convolve(voiced, np.ones(size, int), "valid")
    found = np.flatnonzero(counts >= needed)
    return int(found[0] + np.flatnonzero(voiced[found[0] :])[0]) if len(found) else None
