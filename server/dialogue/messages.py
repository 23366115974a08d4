"""What can happen to a dialogue (`Event`), and what it does (`Effect`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..drill.attempt import Attempt
from ..drill.course import Tally
from ..drill.facts import Fact
from ..drill.knowledge import Status
from ..understanding.interpretation import Interpretation
from ..understanding.lexicon import Spoken
from .state import Phase

# What can happen


@dataclass(frozen=True, slots=True)
class Started:
    """Sound and microphone of the page are ready."""

    asleep: bool = False
    """Whether nobody is there yet. The drill invites, and waits for "start"."""


@dataclass(frozen=True, slots=True)
class Playing:
    """The first clip of `say` begins to sound."""

    say: int


@dataclass(frozen=True, slots=True)
class Played:
    """The clips of `say` have been played."""

    say: int
    heard_ms: int = 0
    """How much audio of the stream has been heard by then."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """A voice began."""

    onset_ms: int
    """Where in the stream."""


@dataclass(frozen=True, slots=True)
class InterimResult:
    """The utterance goes on, or pauses."""

    interpretation: Interpretation
    """Of the utterance so far."""
    silence_ms: int
    """How long the present pause lasts; 0 while the voice goes on."""
    spoken_ms: int
    """From the start of the utterance to its latest voice."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The utterance is over."""

    interpretation: Interpretation
    """The final one."""
    damaged: bool = False
    """Whether parts of the sound never arrived."""
    voice_ms: int = 0
    """From the onset to the end of the voice."""
    longest_pause_ms: int = 0
    """The longest pause within the voice."""
    echo_share: float = 0.0
    """How much of the sound was the tablet's own, 0 to 1."""
    onset_ms: int | None = None
    """Where the learner's voice began in the stream, if it is known better than at the start."""


@dataclass(frozen=True, slots=True)
class EchoMeasured:
    """How the microphone hears the prompts."""

    delay_ms: int
    """How late."""
    level_db: float
    """How loud, against what was played."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """An answer on the keypad."""

    answer: int
    say: int | None = None
    """The prompt whose question it answers, if known."""


@dataclass(frozen=True, slots=True)
class Commanded:
    """A button was tapped."""

    command: Spoken
    say: int | None = None
    """The latest prompt at that moment, if known."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone; it may come back."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The learner has come back with the token of this drill."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. Due at the dialogue's `deadline_ms`."""

    has_sound: bool = False
    """Whether sound arrives just now, however late: it has not stopped arriving then."""


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
    """A recorded prompt."""

    url: str
    """Where the page fetches it."""
    text: str
    """What it says."""
    duration_ms: int


Expects = Literal["answer", "command", "nothing"]


@dataclass(frozen=True, slots=True)
class Say:
    """Play `clips` one after the other."""

    id: int
    """Counts the prompts of a drill."""
    clips: tuple[Clip, ...]
    fact: Fact
    """The question on the screen."""
    expects: Expects
    """What the learner may say after it."""
    question_at_ms: int
    """When `fact` appears on the screen, from the first clip on."""
    number: int
    """Which question of the drill it is."""
    count: int | None
    """How many questions the drill has; None without an end."""
    correct: int
    """Right answers so far."""
    total: int
    """What `correct` is out of."""
    gap_ms: int = 0
    """Silence before the first clip."""
    answer_ms: int | None = None
    """The time to begin an answer, if the page shows a clock."""
    told: bool = True
    """Whether the learner hears before the end which answers were right."""
    time_gone: float | None = None
    """Which part of a timed session is over, 0 to 1."""

    @property
    def duration_ms(self) -> int:
        """Of the clips, without the gap."""
        return sum(clip.duration_ms for clip in self.clips)


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop playing a prompt: the learner answers over it."""

    say: int


@dataclass(frozen=True, slots=True)
class Listening:
    """Whether the drill hears the microphone from now on."""

    open: bool


@dataclass(frozen=True, slots=True)
class InterimTranscript:
    """The number that is confidently heard so far; None if there is none."""

    value: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one turn."""

    turn: int
    """A turn that is judged again after an appeal keeps its number."""
    attempt: Attempt
    correct: int
    """Right answers so far."""
    total: int
    """What `correct` is out of."""
    told: bool = True
    """Whether the learner is told the verdict."""


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The drill is in another phase."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class Finished:
    """The result of the drill."""

    correct: int
    """Right answers."""
    total: int
    """What `correct` is out of."""
    tallies: tuple[tuple[Fact, Tally], ...]
    """Right and wrong answers of each fact."""
    stronger: tuple[Fact, ...] = ()
    """Facts that are known better than before."""
    placed: Mapping[Fact, Status] = field(default_factory=dict)
    """How each fact stands, after a placement."""
    unheard: tuple[Fact, ...] = ()
    """Facts of which no answer was understood."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """Store the drill's steps, and the answer among these effects: the drill has moved on."""

    at_ms: int
    """UTC, since 1970."""


Effect = Say | Interrupt | Listening | InterimTranscript | Judged | PhaseChanged | Finished
