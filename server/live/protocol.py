"""The wire protocol, version 1: every message of both directions.

docs/protocol.md is made from this module (`python -m tests.support.generated_docs`).
"""

from collections.abc import Callable, Container
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ..audio import SAMPLE_RATE
from ..chant.progress import Mark
from ..drill.facts import LINES, LONGER_LINES, MULTIPLIERS, TABLES
from ..drill.facts import Fact as AskedFact
from ..drill.judging import Verdict as Verdicts
from ..drill.knowledge import Status
from ..drill.modes import CALM, CHANT, MODES, SESSION_MINUTES

T = TypeVar("T")


PROTOCOL = 1
CHUNK_MS = 60
LARGEST_ANSWER = 9999
SMALLEST_SEED, LARGEST_SEED = -(2**63), 2**63 - 1


class ErrorCode(StrEnum):
    """Why a message was refused, or what is wrong with a drill."""

    BAD_ARGUMENTS = "bad_arguments"
    """The message is malformed; nothing has changed."""
    BAD_AUDIO = "bad_audio"
    """The chunk is no audio of the agreed form; it is dropped."""
    BAD_RATE = "bad_rate"
    """The audio is not at 16 kHz; it is dropped."""
    UNKNOWN_SAY = "unknown_say"
    """No prompt has this id; nothing has changed."""
    TOO_FAST = "too_fast"
    """There are too many messages, and some were dropped; or too many drills begin at this address just now."""
    NOT_STARTED = "not_started"
    """No drill has been started on this connection, or no question is open."""
    UNKNOWN_LANGUAGE = "unknown_language"
    """`start` is refused: the language is not served."""
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    """`start` is refused: the page speaks another version."""
    UNKNOWN_LEARNER = "unknown_learner"
    """`start` is refused: the learner was deleted."""
    BUSY = "busy"
    """`start` is refused: all places are taken, or the server is overloaded."""
    TAKEN_OVER = "taken_over"
    """The drill goes on elsewhere: do not reconnect automatically."""
    ENGINE_FAILED = "engine_failed"
    """The recogniser failed; the drill goes on by touch."""
    INTERNAL = "internal"
    """A step failed; the drill goes on."""
    STORE_FULL = "store_full"
    """The disk is full: answers wait to be written; the drill goes on."""
    STORE_LOCKED = "store_locked"
    """The database is locked: answers wait to be written; the drill goes on."""
    STORE_FAILED = "store_failed"
    """The database fails, or has lost this drill: answers wait to be written, or are not kept; the drill goes on."""


class Refused(Exception):
    """A message that cannot be honoured; `detail` is for developers."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Raises ValueError where `code` is no ErrorCode."""
        super().__init__(detail or code)
        self.code = ErrorCode(code)
        self.detail = detail


# From the page


class _Incoming(BaseModel):
    """Strict: no number is made from a string, NaN is no number, True is no 1. Unknown fields are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True)


def one_of(known: Container[T]) -> Callable[[T], T]:
    """A validator that lets pass what is in `known`."""

    def check(value: T) -> T:
        if value not in known:
            raise ValueError("not one of those on offer")
        return value

    return check


Table = Annotated[int, Field(ge=TABLES[0], le=TABLES[-1])]
Line = Annotated[int, Field(ge=MULTIPLIERS[0], le=MULTIPLIERS[-1])]
SayId = Annotated[int, Field(ge=0, le=2**53)]


class Start(_Incoming):
    """Begin a drill, or resume the one of `token`. Acknowledged with `started`, with `{ok: true, wait: true}` where
    others are first (`started` or `error` follows), or with `{ok: false}` and an error."""

    protocol: Literal[1] = 1
    """The version that the page speaks."""
    language: Annotated[str, Field(max_length=16)]
    """One of /languages.json."""
    tables: Annotated[list[Table], Field(min_length=1, max_length=len(TABLES))]
    """The tables to practise."""
    lines: Annotated[int, AfterValidator(one_of((LINES, LONGER_LINES)))] = LINES
    """How far the tables go: 10 or 12. Answers larger than the recogniser understands are not asked."""
    only_lines: Annotated[list[Line], Field(min_length=1, max_length=len(MULTIPLIERS))] | None = None
    """Ask only these lines of each table, else all. `chant` and drills with their own tables ignore it."""
    from_line: Line = 1
    """`chant` only: where a recitation goes on that the server has lost, after a restart or at another process."""
    mode: Literal["browser", "kiosk"] = "browser"
    """Where the page runs."""
    questions: Annotated[int, Field(ge=1, le=1000)] | None = None
    """When to end, unless the drill has an end of its own."""
    drill: Annotated[str, AfterValidator(one_of((*MODES, CHANT)))] = CALM.name
    """The way to practise; `chant`: the learner recites the first of the tables, and the tablet follows."""
    minutes: Annotated[int, AfterValidator(one_of(SESSION_MINUTES))] | None = None
    """When to end, unless the drill has an end of its own: 2, 5 or 10."""
    learner: Annotated[int, Field(ge=0, le=2**53)] | Annotated[str, Field(max_length=64)] | None = None
    """The learner who practises; without it a guest."""
    voice: Annotated[str, Field(max_length=64)] | None = None
    """A voice pack of /languages.json. The usual voice replaces one that is gone."""
    token: Annotated[str, Field(max_length=64)] | None = None
    """The drill to resume."""
    seed: Annotated[int, Field(ge=SMALLEST_SEED, le=LARGEST_SEED)] | None = None
    """Repeats an order of questions."""
    asleep: bool = False
    """Kiosk only: invite, and wait for "start" or a tap."""

    @model_validator(mode="after")
    def _only_a_kiosk_sleeps(self) -> "Start":
        if self.asleep and self.mode != "kiosk":
            raise ValueError("only a kiosk begins asleep")
        return self


class Audio(NamedTuple):
    """A chunk of the microphone; three arguments, not one object."""

    seq: object
    """Counts the chunks from 0."""
    captured_ms: object
    """When the chunk was captured, by any clock of the page that only goes forward."""
    pcm: object
    """20 to 200 ms of int16 little-endian mono at 16 kHz."""


class Playing(_Incoming):
    """The first clip of a prompt begins to sound; sent where `duplex` is "full"."""

    say: SayId
    """The id of the prompt."""


class Played(_Incoming):
    """The clips of a prompt have been played."""

    say: SayId
    """The id of the prompt."""


class Tap(_Incoming):
    """An answer on the keypad, judged like speech."""

    answer: Annotated[int, Field(ge=0, le=LARGEST_ANSWER)]
    """The number."""
    say: SayId | None = None
    """The question that was on the screen. A tap about an older one does not count."""


class Command(_Incoming):
    """A button."""

    name: Literal["repeat", "skip", "stop", "appeal"]
    """What to do; `appeal`: the last answer was misheard."""
    say: SayId | None = None
    """The prompt that was the latest."""


# From the server


class Outgoing(BaseModel):
    """A message from the server, or a part of one."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class AudioFormat(Outgoing):
    """The sound that the server expects."""

    rate: int = SAMPLE_RATE
    """Samples a second."""
    format: Literal["s16le"] = "s16le"
    """Signed, 16 bits, little-endian."""
    channels: int = 1
    """Mono."""
    chunk_ms: int = CHUNK_MS
    """How much sound a chunk should hold."""


class Started(Outgoing):
    """The drill has begun: the acknowledgement of `start`, and an event where it had to wait."""

    ok: Literal[True] = True
    token: str
    """Resumes this drill."""
    resumed: bool
    """Whether it was going on before."""
    audio: AudioFormat = AudioFormat()
    """The sound that is wanted."""
    duplex: Literal["full", "half"]
    """Whether sound is wanted while a prompt plays."""


class Fact(Outgoing):
    """A multiplication fact."""

    left: int
    right: int
    answer: int

    @classmethod
    def of(cls, fact: AskedFact) -> "Fact":
        return cls(left=fact.left, right=fact.right, answer=fact.answer)


class Shown(Outgoing):
    """The question on the screen, without its answer."""

    left: int
    right: int
    answer: None = None
    """Never told here."""
    digits: str
    """The script of the digits: "latn" or "deva"."""


class Place(Outgoing):
    """The place of a question in the drill."""

    number: int
    """Which question it is."""
    count: int | None
    """Of how many; null where the drill has no such end."""


class Score(Outgoing):
    """Right answers out of those that count."""

    correct: int
    total: int


class Say(Outgoing):
    """Play clips one after the other."""

    id: int
    """Counts the prompts."""
    clips: list[str]
    """Where to fetch them."""
    text: str
    """What is said, to be read."""
    duration_ms: int
    """How long the clips take, without the gap."""
    gap_ms: int
    """Quiet time before the first clip."""
    answer_ms: int | None
    """The time to begin an answer, where a clock is to be shown."""
    show: Shown
    """The question."""
    expects: Literal["answer", "command", "nothing"]
    """What may follow; `command`: the drill is asleep."""
    question_at_ms: int
    """From when on the question is to be shown."""
    question: Place
    score: Score
    told: bool
    """Whether right and wrong are told before the end."""
    time_gone: float | None
    """Which part of a session that ends by the clock is over, 0 to 1."""


class Interrupt(Outgoing):
    """The learner answers over a prompt: stop playing it and send no `played`."""

    say: int
    """The id of the prompt."""


class Listening(Outgoing):
    """Whether an answer is listened to."""

    open: bool


class Heard(Outgoing):
    """What is understood while the voice goes on."""

    partial: Literal[True] = True
    value: int | None
    """The number so far."""
    text: str
    """The same, to be read."""


class Verdict(Outgoing):
    """What became of an answer."""

    turn: int
    """Counts the answers; one that is judged again keeps its number."""
    left: int
    right: int
    answer: int | None
    """The right answer, where it is told."""
    heard: int | None
    """The number that was understood."""
    verdict: Verdicts
    confidence: float
    """Its probability."""
    response_ms: int | None
    """From the end of the question to the onset of the voice."""
    score: Score
    appealable: bool
    """Whether the learner may say that it was misheard."""
    told: bool
    """Whether the learner may know before the end."""
    server_ms: float | None = None
    """How long the server took, from the chunk that ended the answer."""


class Rung(Fact):
    """A line of the table."""

    mark: Mark
    """How it went."""


class Ladder(Outgoing):
    """The table that is recited, sent whenever one of its lines changes."""

    lines: list[Rung]
    """All lines, in order."""
    current: int | None
    """The index of the line that is being said, or comes next; null at the end."""
    digits: str
    """The script of the digits: "latn" or "deva"."""


class Phase(Outgoing):
    """The state of the drill."""

    name: str
    """A state of the [diagram](architecture.md#states-of-a-drill)."""


class Tally(Fact):
    """A fact and its answers in this drill."""

    correct: int
    wrong: int


class Placed(Fact):
    """A fact and its status after a placement."""

    status: Status


class Finished(Outgoing):
    """The drill is over."""

    score: Score
    facts: list[Tally]
    """The facts that were answered."""
    stronger: list[Fact]
    """The facts that are known better than before."""
    placed: list[Placed]
    """How each fact stands, after a placement."""
    unheard: list[Fact]
    """The facts of which no answer was understood."""


class Error(Outgoing):
    """A message was refused, or something is wrong with the drill."""

    code: ErrorCode
    message: str
    """For people, in their language."""
    detail: str
    """For developers."""


CLIENT_EVENTS: dict[str, type[Any]] = {
    "start": Start,
    "audio": Audio,
    "playing": Playing,
    "played": Played,
    "tap": Tap,
    "command": Command,
}
SERVER_EVENTS: dict[str, type[Outgoing]] = {
    "started": Started,
    "say": Say,
    "interrupt": Interrupt,
    "listening": Listening,
    "heard": Heard,
    "verdict": Verdict,
    "ladder": Ladder,
    "phase": Phase,
    "finished": Finished,
    "error": Error,
}
