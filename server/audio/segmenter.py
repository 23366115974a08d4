"""Decide where an utterance starts and ends, from one boolean per frame. Time is counted in audio."""

from collections import deque
from dataclasses import dataclass

from . import FRAME_MS


@dataclass(frozen=True, slots=True)
class SegmenterSettings:
    """When an utterance starts and ends, in milliseconds of audio. Chosen with the detector (docs/experiments.md)."""

    start_voiced_ms: int = 120
    """Voice within `start_window_ms` that starts an utterance; clicks and knocks are shorter."""
    start_window_ms: int = 200
    """The window of the start rule."""
    pre_roll_ms: int = 500
    """Audio that an utterance starts with: the window and what came before it. The first sound is never lost."""
    reach_back_ms: int = 1500
    """Audio that is kept of a voice that began before an utterance was allowed to start."""
    resume_voiced_ms: int = 60
    """Voice in a row that ends a pause; a click is shorter and does not prolong the turn."""
    default_silence_ms: int = 1200
    """Silence that ends an utterance unless `Segmenter.silence_limit_ms` says otherwise."""
    cap_ms: int = 8000
    """The longest utterance."""

    def __post_init__(self) -> None:
        rising = (
            FRAME_MS,
            self.start_voiced_ms,
            self.start_window_ms,
            self.pre_roll_ms,
            self.reach_back_ms,
            self.cap_ms - 1,
        )
        if list(rising) != sorted(rising):
            raise ValueError("need start_voiced_ms <= start_window_ms <= pre_roll_ms <= reach_back_ms < cap_ms")


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """An utterance has started."""

    onset_ms: int
    """Where the voice began, in milliseconds of the stream."""
    audio: bytes
    """From the pre-roll up to now."""
    cut: bool = False
    """The voice is older than the audio that was kept."""


@dataclass(frozen=True, slots=True)
class VoiceContinued:
    """One more frame of an open utterance."""

    audio: bytes
    """The frame, 20 ms."""
    voiced: bool
    """The detector's word on this frame alone: a short sound within a pause does not end the silence."""
    silence_ms: int
    """Time since the last voice; 0 while speaking."""
    spoken_ms: int
    """Length of the utterance up to the last voice, with the pre-roll."""


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The utterance has ended: the silence was long enough, or the utterance too long."""


SegmenterEvent = VoiceStarted | VoiceContinued | VoiceStopped


class Segmenter:
    """Turns frames with a voiced flag into utterances.

    `silence_limit_ms`, the silence that ends the present utterance, may be set at any time: the caller knows what has
    been said so far. With `armed` False the pre-roll goes on, but no utterance starts.
    """

    def __init__(self, settings: SegmenterSettings = SegmenterSettings()) -> None:
        self._settings = settings
        self._recent: deque[tuple[bytes, bool]] = deque(maxlen=settings.reach_back_ms // FRAME_MS)
        self._window: deque[bool] = deque(maxlen=settings.start_window_ms // FRAME_MS)
        self.heard_ms = 0
        self.armed = False
        self._close()

    @property
    def open(self) -> bool:
        return self._open

    def process(self, frame: bytes, voiced: bool) -> list[SegmenterEvent]:
        """Take the next frame of 20 ms and return the events that it causes."""
        self.heard_ms += FRAME_MS
        return self._continue(frame, voiced) if self._open else self._wait(frame, voiced)

    def reset(self) -> None:
        """Drop the open utterance, if any, and the pre-roll: what follows is unrelated."""
        self._forget()
        self._close()

    def skip(self, duration_ms: int) -> None:
        """Pass over this much audio: an open utterance and the pre-roll end before it."""
        self.heard_ms += duration_ms
        self.reset()

    def _forget(self) -> None:
        self._recent.clear()
        self._window.clear()

    def _close(self) -> None:
        self._open = False
        self._silence_ms = self._voice_run_ms = self._open_ms = 0
        self.silence_limit_ms = self._settings.default_silence_ms

    def _wait(self, frame: bytes, voiced: bool) -> list[SegmenterEvent]:
        self._recent.append((frame, voiced))
        self._window.append(voiced)
        if not self.armed or sum(self._window) * FRAME_MS < self._settings.start_voiced_ms:
            return []
        flags = [flag for _, flag in self._recent]
        first = self._first_of_voice(flags)
        margin = (self._settings.pre_roll_ms - self._settings.start_window_ms) // FRAME_MS
        begin = max(0, min(first - margin, len(flags) - self._settings.pre_roll_ms // FRAME_MS))
        frames = [data for data, _ in self._recent][begin:]
        self._forget()
        self._open, self._open_ms = True, len(frames) * FRAME_MS
        onset_ms = self.heard_ms - (len(flags) - first) * FRAME_MS
        return [VoiceStarted(onset_ms, b"".join(frames), cut=first == 0)]

    def _first_of_voice(self, flags: list[bool]) -> int:
        """Return the frame in which the present voice began: a whole silent window precedes it."""
        first = len(flags)
        for at in range(len(flags) - 1, -1, -1):
            if flags[at]:
                first = at
            elif first - at >= self._settings.start_window_ms // FRAME_MS:
                break
        return first

    def _continue(self, frame: bytes, voiced: bool) -> list[SegmenterEvent]:
        self._open_ms += FRAME_MS
        self._silence_ms += FRAME_MS
        self._voice_run_ms = self._voice_run_ms + FRAME_MS if voiced else 0
        if self._voice_run_ms >= self._settings.resume_voiced_ms or (voiced and self._silence_ms == FRAME_MS):
            self._silence_ms = 0
        spoken_ms = self._open_ms - self._silence_ms
        events: list[SegmenterEvent] = [VoiceContinued(frame, voiced, self._silence_ms, spoken_ms)]
        if self._silence_ms >= self.silence_limit_ms or self._open_ms >= self._settings.cap_ms:
            events.append(VoiceStopped())
            self._close()
        return events
