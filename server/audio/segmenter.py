"""Where an utterance starts and ends, decided from one boolean per frame. Time is counted in audio."""

from collections import deque
from dataclasses import dataclass

from . import FRAME_MS


@dataclass(frozen=True, slots=True)
class SegmenterSettings:
    """Each in milliseconds of audio.

    start_voiced_ms of the last start_window_ms must be voiced for an utterance to start: shorter bursts are clicks and
    knocks. The pre-roll holds that window and what came before it, so that the first sound is never lost. A voice that
    was there before an utterance was allowed to start is fetched back, as far as reach_back_ms.
    Measured together with the detector (server/audio/detector.py): of 321 human clips all open, 314 with noise at 10
    dB; a longer rule loses short digits, a shorter one opens at knocks on the table.
    A pause ends only with resume_voiced_ms of voice in a row, so that a click cannot prolong a turn.
    """

    start_voiced_ms: int = 120
    start_window_ms: int = 200
    pre_roll_ms: int = 500
    reach_back_ms: int = 1500
    resume_voiced_ms: int = 60
    default_silence_ms: int = 1200
    cap_ms: int = 8000

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
    """`onset_ms`: where the voice began, in ms of audio of the stream; `audio`: from the pre-roll up to now.

    `cut`: the voice is older than what was kept.
    """

    onset_ms: int
    audio: bytes
    cut: bool = False


@dataclass(frozen=True, slots=True)
class VoiceContinued:
    """One more frame of an open utterance. `silence_ms`: how long no voice has been heard, 0 while speaking.

    `voiced` is the detector's word on this frame alone: a short sound within a pause does not end the silence.
    """

    audio: bytes
    voiced: bool
    silence_ms: int
    spoken_ms: int


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The silence was long enough, or the utterance too long."""


SegmenterEvent = VoiceStarted | VoiceContinued | VoiceStopped


class Segmenter:
    """Turns frames with a voiced flag into utterances.

    `silence_limit_ms` may be set at any time: how much silence ends the present utterance is not decided here but by
    whoever understands what has been said so far. `armed` False keeps the pre-roll going but lets no utterance start.
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
        """Take the next frame of 20 ms and say what it changes."""
        self.heard_ms += FRAME_MS
        return self._continue(frame, voiced) if self._open else self._wait(frame, voiced)

    def reset(self) -> None:
        """Drop the open utterance, if any, and the pre-roll: what follows has nothing to do with what was heard."""
        self._forget()
        self._close()

    def skip(self, duration_ms: int) -> None:
        """So much audio is passed over: an open utterance and the pre-roll end before it."""
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
        """The frame in which the present voice began: before it, a whole window is silent."""
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
