"""What may come in: the messages of the wire protocol, version 1, and why one is refused."""

import json
from collections.abc import Callable, Container
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..drill.facts import LINES, LONGER_LINES, TABLES
from ..drill.modes import CALM, MODES, SESSION_MINUTES
from ..speech import SAMPLE_RATE

T = TypeVar("T")
Message = TypeVar("Message", bound=BaseModel)

PROTOCOL = 1
CHUNK_MS = 60
AUDIO_FORMAT = {"rate": SAMPLE_RATE, "format": "s16le", "channels": 1, "chunk_ms": CHUNK_MS}
LARGEST_ANSWER = 9999
SMALLEST_SEED, LARGEST_SEED = -(2**63), 2**63 - 1


class Refused(Exception):
    """A message that cannot be honoured; `code` is the protocol's word for the reason, `detail` is for developers."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail


class _Message(BaseModel):
    """Strict: no number is made from a string, NaN is no number, True is no 1. Unknown fields are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


Table = Annotated[int, Field(ge=TABLES[0], le=TABLES[-1])]


def one_of(known: Container[T]) -> Callable[[T], T]:
    """A validator that lets pass what is in `known`."""

    def check(value: T) -> T:
        if value not in known:
            raise ValueError("not one of those on offer")
        return value

    return check


class Start(_Message):
    """drill: the name of a mode. questions, minutes: when to end, unless the mode has an end of its own.
    lines: how far the tables go; answers larger than the recogniser understands are not asked.
    voice: the id of a voice pack; one that is not there any more is no reason not to practise.
    asleep: nobody is there yet, as happens to a kiosk; whoever comes says "start", or taps.
    """

    language: Annotated[str, Field(max_length=16)]
    tables: Annotated[list[Table], Field(min_length=1, max_length=len(TABLES))]
    lines: Annotated[int, AfterValidator(one_of((LINES, LONGER_LINES)))] = LINES
    mode: Literal["browser", "kiosk"] = "browser"
    questions: Annotated[int, Field(ge=1, le=1000)] | None = None
    drill: Annotated[str, AfterValidator(one_of(MODES))] = CALM.name
    minutes: Annotated[int, AfterValidator(one_of(SESSION_MINUTES))] | None = None
    learner: Annotated[int, Field(ge=0, le=2**53)] | Annotated[str, Field(max_length=64)] | None = None
    voice: Annotated[str, Field(max_length=64)] | None = None
    token: Annotated[str, Field(max_length=64)] | None = None
    seed: Annotated[int, Field(ge=SMALLEST_SEED, le=LARGEST_SEED)] | None = None
    asleep: bool = False

    @model_validator(mode="after")
    def _only_a_kiosk_sleeps(self) -> "Start":
        if self.asleep and self.mode != "kiosk":
            raise ValueError("only a kiosk begins asleep")
        return self


SayId = Annotated[int, Field(ge=0, le=2**53)]


class Played(_Message):
    say: SayId


class Playing(_Message):
    """The first clip of this prompt begins to sound."""

    say: SayId


class Tap(_Message):
    """`say`, where it is given: the question that was on the screen. A tap about an older one is too late to count."""

    say: SayId | None = None
    answer: Annotated[int, Field(ge=0, le=LARGEST_ANSWER)]


class Command(_Message):
    name: Literal["repeat", "skip", "stop", "appeal"]
    say: SayId | None = None


class TolerantJson:
    """JSON for Socket.IO: what cannot be read becomes an event that nobody knows, so that it gets an answer."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return ["unreadable"]


def read(kind: type[Message], arguments: tuple[object, ...]) -> Message:
    """The one object that came with an event, as a message of this kind. Raises Refused: bad_arguments."""
    try:
        return kind.model_validate(_only_object(arguments))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
        raise Refused("bad_arguments", problems[:300]) from None


def read_start(arguments: tuple[object, ...]) -> Start:
    """Raises Refused: bad_arguments, unsupported_protocol."""
    protocol = _only_object(arguments).get("protocol")
    if type(protocol) is not int:
        raise Refused("bad_arguments", "protocol must be a whole number")
    if protocol != PROTOCOL:
        raise Refused("unsupported_protocol", f"this server speaks protocol {PROTOCOL}")
    return read(Start, arguments)


def _only_object(arguments: tuple[object, ...]) -> dict[str, Any]:
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise Refused("bad_arguments", "one object is expected")
    return arguments[0]
