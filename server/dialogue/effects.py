"""What a dialogue asks the outside to do: each Effect is one message to the learner's page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..drill.attempt import Attempt
from ..drill.facts import Fact
from ..drill.knowledge import Status
from ..drill.score import Tally
from .phases import Phase


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
