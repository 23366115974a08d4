"""The wire protocol, version 1: what may come in, and how each effect goes out."""

import json
from collections.abc import Callable, Container, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ..dialogue.effects import Clip, Effect, Finished, Judged, Listening, PartlyHeard, PhaseChanged, Say
from ..drill.facts import LINES, LONGER_LINES, TABLES, Fact
from ..drill.judging import Verdict
from ..drill.modes import CALM, MODES, SESSION_MINUTES
from ..speech import SAMPLE_RATE

T = TypeVar("T")

PROTOCOL = 1
CHUNK_MS = 60
AUDIO_FORMAT = {"rate": SAMPLE_RATE, "format": "s16le", "channels": 1, "chunk_ms": CHUNK_MS}
LARGEST_ANSWER = 9999
SENTENCE_ENDS = (".", "?", "!", "।", ":", "…")
SMALLEST_SEED, LARGEST_SEED = -(2**63), 2**63 - 1


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


def outgoing(effect: Effect, digits: str) -> tuple[str, dict[str, Any]]:
    """The event name and payload of an effect; `digits` is the script of the learner's language."""
    match effect:
        case Say():
            return "say", _say(effect, digits)
        case Listening(is_open):
            return "listening", {"open": is_open}
        case PartlyHeard(value):
            return "heard", {"partial": True, "value": value, "text": "" if value is None else str(value)}
        case Judged():
            return "verdict", _verdict(effect)
        case PhaseChanged(phase):
            return "phase", {"name": str(phase)}
        case Finished(correct, total, tallies, stronger, placed):
            facts = [_fact(fact) | {"correct": tally.correct, "wrong": tally.wrong} for fact, tally in tallies]
            return "finished", {
                "score": {"correct": correct, "total": total}, "facts": facts,
                "stronger": [_fact(fact) for fact in stronger],
                "placed": [_fact(fact) | {"status": str(status)} for fact, status in placed.items()],
            }


def _fact(fact: Fact) -> dict[str, int]:
    return {"left": fact.left, "right": fact.right, "answer": fact.answer}


def _say(say: Say, digits: str) -> dict[str, Any]:
    return {
        "id": say.id,
        "clips": [clip.url for clip in say.clips],
        "text": _text(say.clips),
        "duration_ms": say.duration_ms,
        "gap_ms": say.gap_ms,
        "answer_ms": say.answer_ms,
        "show": {"left": say.fact.left, "right": say.fact.right, "answer": None, "digits": digits},
        "expects": say.expects,
        "question_at_ms": say.question_at_ms,
        "question": {"number": say.number, "count": say.count},
        "score": {"correct": say.correct, "total": say.total},
        "told": say.told,
        "time_gone": say.time_gone,
    }


def _text(clips: Sequence[Clip]) -> str:
    """What is said, to be read: a clip that is no sentence of its own, a number, is set off from the next."""
    *first, last = (clip.text for clip in clips)
    return " ".join([*(text if text.endswith(SENTENCE_ENDS) else f"{text} ·" for text in first), last])


def _verdict(judged: Judged) -> dict[str, Any]:
    judgement = judged.judgement
    return {
        "turn": judged.turn,
        "left": judged.fact.left,
        "right": judged.fact.right,
        "answer": judged.fact.answer if judged.told and judgement.verdict in (Verdict.CORRECT, Verdict.WRONG) else None,
        "heard": judgement.heard,
        "verdict": str(judgement.verdict),
        "confidence": round(judgement.confidence, 4),
        "response_ms": judged.response_ms,
        "score": {"correct": judged.correct, "total": judged.total},
        "appealable": judged.told and judgement.verdict is Verdict.WRONG,
        "told": judged.told,
    }
