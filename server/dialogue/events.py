"""What can happen to a dialogue."""

from dataclasses import dataclass

from ..understanding.interpretation import Interpretation
from ..understanding.lexicon import Spoken


@dataclass(frozen=True, slots=True)
class Started:
    """The learner tapped Start; sound and microphone are ready. `asleep`: nobody is there yet, but may say "start"."""

    asleep: bool = False


@dataclass(frozen=True, slots=True)
class Playing:
    """The first clip of `say` begins to sound."""

    say: int


@dataclass(frozen=True, slots=True)
class Played:
    """The clips of `say` have been played. `heard_ms`: how much audio of the stream has been heard at that moment."""

    say: int
    heard_ms: int = 0


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """A voice began `onset_ms` into the stream."""

    onset_ms: int


@dataclass(frozen=True, slots=True)
class InterimResult:
    """The utterance goes on, or pauses (`silence_ms` > 0); `interpretation` so far, `spoken_ms` without the pause."""

    interpretation: Interpretation
    silence_ms: int
    spoken_ms: int


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The utterance is over; `interpretation` is final.

    damaged: parts of it never arrived. voice_ms: from its onset to the end of the voice. longest_pause_ms: within that.
    echo_share: how much of the sound was the tablet's own. onset_ms: where the learner's voice began in the stream,
    where that is known better than at the start.
    """

    interpretation: Interpretation
    damaged: bool = False
    voice_ms: int = 0
    longest_pause_ms: int = 0
    echo_share: float = 0.0
    onset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class EchoMeasured:
    """How late, and how loud against what was played, the microphone hears the prompts."""

    delay_ms: int
    level_db: float


@dataclass(frozen=True, slots=True)
class Tapped:
    """An answer on the keypad, to the question of `say` where that is known."""

    answer: int
    say: int | None = None


@dataclass(frozen=True, slots=True)
class Commanded:
    """A button, tapped while `say` was the last prompt where that is known."""

    command: Spoken
    say: int | None = None


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone; it may come back."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The learner is back, with the token of this drill."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; due when the dialogue's `deadline_ms` has come."""

    has_sound: bool = False
    """Whether more sound arrives just now, however late: then none has stopped arriving."""


Event = (
    Started
    | Playing
    | Played
    | SpeechStarted
    | InterimResult
    | SpeechEnded
    | EchoMeasured
    | Tapped
    | Commanded
    | Disconnected
    | Resumed
    | Tick
)
