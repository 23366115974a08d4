"""What can happen to a dialogue (`Event`), and what it does (`Effect`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..drill.attempt import Attempt
from ..drill.facts import Fact
from ..drill.knowledge import Status
from ..drill.score import Tally
from ..understanding.interpretation import Interpretation
from ..understanding.lexicon import Spoken
from .state import Phase

# What can happen


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


# What is done: each Effect is one message to the learner's page


@dataclass(frozen=True, slots=True)
class Clip:
    """A recorded prompt: where the page fetches it, what it says, how long it lasts."""

    url: str
    text: str
    duration_ms: int


Expects = Literal["answer", "command", "nothing"]


@dataclass(frozen=True, slots=True)
class Say:
    """Play `clips` one after the other. `fact` is on screen from `question_at_ms` on: question `number` of `count`.

    gap_ms: quiet time before the first clip. answer_ms: the time to begin an answer, where a clock is to be shown.
    told: whether the learner may know before the end how it goes. time_gone: which part of a session that ends by the
    clock is over.
    """

    id: int
    clips: tuple[Clip, ...]
    fact: Fact
    expects: Expects
    question_at_ms: int
    number: int
    count: int | None
    correct: int
    total: int
    gap_ms: int = 0
    answer_ms: int | None = None
    told: bool = True
    time_gone: float | None = None

    @property
    def duration_ms(self) -> int:
        """How long the clips take, without the gap."""
        return sum(clip.duration_ms for clip in self.clips)


@dataclass(frozen=True, slots=True)
class Interrupt:
    """The learner answers over the prompt `say`: stop playing it."""

    say: int


@dataclass(frozen=True, slots=True)
class Listening:
    open: bool


@dataclass(frozen=True, slots=True)
class InterimTranscript:
    value: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one turn. A turn that is judged again, after an appeal, keeps its number. `told`: see Say."""

    turn: int
    attempt: Attempt
    correct: int
    total: int
    told: bool = True


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    phase: Phase


@dataclass(frozen=True, slots=True)
class Finished:
    """The result.

    stronger: the facts that are known better than before. placed: how each fact stands, after a placement.
    unheard: the facts of which no answer was understood.
    """

    correct: int
    total: int
    tallies: tuple[tuple[Fact, Tally], ...]
    stronger: tuple[Fact, ...] = ()
    placed: Mapping[Fact, Status] = field(default_factory=dict)
    unheard: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Progressed:
    """The drill stands elsewhere than before: where, and the answer that led there, is to be kept."""

    at_ms: int
    """Since 1970, UTC."""


Effect = Say | Interrupt | Listening | InterimTranscript | Judged | PhaseChanged | Finished
