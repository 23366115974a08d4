"""The echo guard: what of an utterance is our own prompt, as the microphone heard it."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from . import SAMPLE_BYTES, SAMPLE_RATE
from .echo_path import EARLY_TAPS, HOP, find, joined, separate

# How much of the microphone is kept (samples), and looked at.
KEPT = 9 * SAMPLE_RATE
EXAMINED_MS = 5000
# A prompt may sound this much before and after the position given for it: the position is a guess, and a loudspeaker
# without wires is up to a second late.
EARLIEST_MS, LATEST_MS = -150, 1300
# Longer prompts are cut: the end of an utterance is compared with what was played just before.
LONGEST_PLAY_MS = 20_000
# A match of speech with speech that is not its echo stands out less than this, with few exceptions (`find`).
SIGNIFICANT = 22.0
# Where playing ended is believed to be elsewhere only from this difference on: a report travels, too.
ANCHOR_TOLERANCE_MS = 500
# Voice: this much of a window is louder than the noise and than what may be left of the echo.
VOICE_MS, VOICE_WINDOW_MS = 100, 200
ABOVE_NOISE, ABOVE_SHADOW = 6.0, 3.0
# What is left so far below the loud parts of the echo is of no use, and mostly of the echo (-27 dB).
FAINT = 0.002
# A prompt that comes back is heard for so long before an utterance, so much above the quietest moments; what is below
# -70 dB of full scale is silence.
HEARD_MS = 300
ABOVE_QUIET = 6.0
SILENCE = 1e-7
# Two measurements of one path differ by less: where a prompt begins is a guess.
AGREES_MS = 400
# An echo of less than this share of the utterance's power needs no cleaning.
NEGLIGIBLE = 0.003
# What is nothing but echo is explained at least so far.
EXPLAINED = 0.3


@dataclass(frozen=True, slots=True)
class Examined:
    """What the guard says of an utterance.

    is_echo: it holds nothing but prompt.
    share: how much of its power the prompt explains.
    delay_ms, level_db: of the echo, against the position given to `play` and the samples played. None: no echo.
    cleaned: the utterance without the echo (int16), where there is voice in it. None: nothing to clean.
    voice_from_ms: stream position where the voice in `cleaned` begins.
    """

    is_echo: bool = False
    share: float = 0.0
    delay_ms: int | None = None
    level_db: float | None = None
    cleaned: bytes | None = None
    voice_from_ms: int | None = None


@dataclass(frozen=True, slots=True)
class EchoPath:
    """How late, and how loud against the samples played, this tablet hears itself."""

    delay_ms: int
    level_db: float


@dataclass(slots=True)
class _Play:
    """`samples` sound from `at` until `until`; audio before `since` was heard before it. In samples of the stream."""

    samples: np.ndarray
    at: int
    since: int
    until: int


class EchoGuard:
    """Knows what one tablet plays and hears. Positions are milliseconds of the microphone's stream.

    Holds at most 0.3 MB of microphone audio and 0.6 MB of each of the two latest prompts.
    """

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._kept = self._heard = 0
        self._plays: deque[_Play] = deque(maxlen=2)
        self._paths: deque[EchoPath] = deque(maxlen=5)

    @property
    def path(self) -> EchoPath | None:
        """The median of the latest measurements, once two of them agree."""
        if len(self._paths) < 2:
            return None
        delay_ms = float(np.median([path.delay_ms for path in self._paths]))
        return EchoPath(round(delay_ms), round(float(np.median([path.level_db for path in self._paths])), 1))

    def play(self, samples: np.ndarray, at_ms: float) -> None:
        """These samples (int16, 16 kHz) sound from this position on; what was still to come is not played."""
        self.stop(at_ms)
        at = _samples(at_ms)
        samples = samples[: _samples(LONGEST_PLAY_MS)]
        self._plays.append(_Play(samples, at, at, at + len(samples)))

    def stop(self, at_ms: float) -> None:
        """From this position on nothing sounds."""
        if self._plays:
            self._plays[-1].until = min(self._plays[-1].until, max(_samples(at_ms), self._plays[-1].at))

    def began(self, at_ms: float) -> None:
        """The page says that the latest prompt begins to sound at this position."""
        if self._plays:
            play = self._plays[-1]
            moved = _samples(at_ms) - play.at
            play.at, play.until = play.at + moved, play.until + moved

    def ended(self, at_ms: float) -> None:
        """The page says that playing ended at this position."""
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
        """What of the utterance between these positions is echo. Its audio must have been heard."""
        begin, end = _samples(begin_ms), min(_samples(end_ms), self._heard)
        begin = max(begin, end - KEPT)
        play = self._sounding(begin, end)
        if play is None:
            return Examined()
        # Where the stream stood still while the prompt played, nothing before is of its echo.
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
        """How the latest prompt came back, None if it did not. For its end; costs as much as an examination."""
        if not self._plays:
            return None
        play = self._plays[-1]
        last = min(self._heard, play.until + _samples(LATEST_MS))
        examined = self.examine(play.at * 1000 / SAMPLE_RATE, last * 1000 / SAMPLE_RATE)
        return None if examined.delay_ms is None else self._paths[-1]

    def _was_quiet(self, play: _Play, begin: int) -> bool:
        """Whether nothing was heard while the prompt played, though even a late echo of its beginning had time."""
        first, last = max(play.at, play.since, self._heard - KEPT), min(begin, play.until)
        if last - first < _samples(LATEST_MS + HEARD_MS):
            return False
        frames = self._microphone(first, last)[: (last - first) // HOP * HOP].reshape(-1, HOP)
        powers = (frames**2).mean(axis=1)
        return float(np.percentile(powers, 98)) < ABOVE_QUIET * float(np.percentile(powers, 10)) + SILENCE

    def _match(self, microphone: np.ndarray, start: int) -> tuple[int, float]:
        """By how many samples the echo is late, and how far that match stands out."""
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
        """The earliest play that may be heard within these positions."""
        for play in self._plays:
            if play.at + _samples(EARLIEST_MS) < end and play.until + _samples(LATEST_MS + 100) > begin:
                return play
        return None

    def _microphone(self, first: int, last: int) -> np.ndarray:
        """Of full scale 1."""
        kept = np.frombuffer(b"".join(self._chunks), "<i2")
        since = self._heard - self._kept
        return kept[first - since : last - since].astype(np.float32) / 32768

    def _reference(self, first: int, last: int) -> np.ndarray:
        """What was played between these positions, 0 where nothing was."""
        wanted = np.zeros(last - first, np.float32)
        for play in self._plays:
            begin, end = max(first, play.at), min(last, play.until)
            if begin < end:
                wanted[begin - first : end - first] = play.samples[begin - play.at : end - play.at]
        return wanted / 32768


def _samples(ms: float) -> int:
    return round(ms * SAMPLE_RATE / 1000)


def _onset(voiced: np.ndarray) -> int | None:
    """The first frame of a voice."""
    size, needed = (ms * SAMPLE_RATE // 1000 // HOP for ms in (VOICE_WINDOW_MS, VOICE_MS))
    if len(voiced) < size:
        return None
    counts = np.convolve(voiced, np.ones(size, int), "valid")
    found = np.flatnonzero(counts >= needed)
    return int(found[0] + np.flatnonzero(voiced[found[0] :])[0]) if len(found) else None
