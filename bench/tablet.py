"""A tablet in virtual time: it plays what a real session says, and its microphone hears the echo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from server.dialogue import messages
from server.dialogue.messages import Clip, Interrupt, Judged, Say
from server.drill.judging import Verdict
from server.live.session import Heard, Session, Told

RATE = 16_000
CHUNK_MS = 60
CHUNK = RATE * CHUNK_MS // 1000
# From the server's message to the first sound: network and decoding.
STARTS_AFTER_MS = 90
NOISE_RMS = 12.0
LONGEST_S = 20


@dataclass(frozen=True, slots=True)
class Room:
    """The room's echo of the prompts."""

    delay_ms: int = 0
    """From loudspeaker to microphone."""
    level_db: float | None = None
    """Against the samples played; None without an echo."""
    reverberation_s: float = 0.0
    """Until the echo is 60 dB fainter."""

    def returned(self, samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Return what the microphone hears of `samples`, without the delay."""
        if self.level_db is None:
            return np.zeros(0)
        response = np.ones(1)
        if self.reverberation_s:
            size = round(self.reverberation_s * RATE)
            late = random.normal(size=size) * 10 ** (-3 * np.arange(size) / size)
            late[0] = 0
            response = 0.7 * late / np.linalg.norm(late)
            response[0] = 1
            response /= np.linalg.norm(response)
        size = len(samples) + len(response) - 1
        whole = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
        return whole * 10 ** (self.level_db / 20)


@dataclass
class Tablet:
    """Plays prompts and hears the room."""

    session: Session
    sounds: Callable[[Sequence[Clip]], np.ndarray]
    """Returns the samples of clips (int16, 16 kHz)."""
    room: Room = Room()
    seed: int = 0
    now_ms: float = 0.0
    happened: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self._coming = np.zeros(LONGEST_S * RATE)
        self._played: tuple[float, int] | None = None
        self.prompt_ends_ms = 0.0

    @property
    def verdicts(self) -> list[Verdict]:
        return [effect.attempt.verdict for effect in self.happened if isinstance(effect, Judged)]

    @property
    def say(self) -> Say:
        return [effect for effect in self.happened if isinstance(effect, Say)][-1]

    def tell(self, item: messages.Event | Heard) -> None:
        for effect in self.session.handle(item, self.now_ms):
            self.happened.append(effect)
            match effect:
                case Say():
                    self._play(effect)
                case Interrupt():
                    self._played = None
                    stops = STARTS_AFTER_MS * RATE // 1000 + self.room.delay_ms * RATE // 1000
                    self._coming[stops:] = 0

    def _play(self, say: Say) -> None:
        begins_ms = STARTS_AFTER_MS + say.gap_ms
        samples = self.sounds(say.clips).astype(float)
        self.prompt_ends_ms = self.now_ms + begins_ms + len(samples) * 1000 / RATE
        self._played = (self.prompt_ends_ms, say.id)
        self.add(self.room.returned(samples, self._random), begins_ms + self.room.delay_ms)

    def add(self, samples: np.ndarray, in_ms: float) -> None:
        """Add a sound in the room, `in_ms` from now."""
        begin = round(in_ms * RATE / 1000)
        samples = samples[: len(self._coming) - begin]
        self._coming[begin : begin + len(samples)] += samples

    def hear(self, duration_ms: float) -> None:
        """Let time pass; the microphone's audio goes to the session chunk by chunk."""
        end_ms = self.now_ms + duration_ms
        while self.now_ms < end_ms:
            chunk = self._coming[:CHUNK] + self._random.normal(0, NOISE_RMS, CHUNK)
            self._coming = np.concatenate([self._coming[CHUNK:], np.zeros(CHUNK)])
            self.now_ms += CHUNK_MS
            self.tell(Heard(np.clip(np.rint(chunk), -32768, 32767).astype("<i2").tobytes()))
            if self._played is not None and self.now_ms >= self._played[0]:
                say, self._played = self._played[1], None
                self.tell(messages.Played(say))
            elif self.now_ms >= self.session.dialogue.deadline_ms:
                self.tell(messages.Tick())
