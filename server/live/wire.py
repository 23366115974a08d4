"""Read the messages of the protocol, and turn effects into messages."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..chant.messages import Ladder
from ..dialogue import messages
from ..dialogue.messages import Clip, Effect
from ..drill.judging import Verdict
from . import protocol

Message = TypeVar("Message", bound=BaseModel)

SENTENCE_ENDS = (".", "?", "!", "।", ":", "…")
_NAMES = {kind: name for name, kind in protocol.SERVER_EVENTS.items()}


def outgoing(effect: Effect | Ladder, digits: str) -> protocol.Outgoing:
    """The message for an effect. `digits`: the script of the learner's language."""
    match effect:
        case messages.Say():
            return _say(effect, digits)
        case messages.Interrupt(say):
            return protocol.Interrupt(say=say)
        case messages.Listening(is_open):
            return protocol.Listening(open=is_open)
        case messages.InterimTranscript(value):
            return protocol.Heard(value=value, text="" if value is None else str(value))
        case messages.Judged():
            return _verdict(effect)
        case Ladder(lines, current):
            rungs = [protocol.Rung(**protocol.Fact.of(line.fact).model_dump(), mark=line.mark) for line in lines]
            return protocol.Ladder(lines=rungs, current=current, digits=digits)
        case messages.PhaseChanged(phase):
            return protocol.Phase(name=phase)
        case messages.Finished():
            return _finished(effect)


def event_of(message: protocol.Outgoing) -> tuple[str, dict[str, Any]]:
    """The name of the event and its payload."""
    return _NAMES[type(message)], message.model_dump(mode="json")


def _say(say: messages.Say, digits: str) -> protocol.Say:
    return protocol.Say(
        id=say.id,
        clips=[clip.url for clip in say.clips],
        text=_text(say.clips),
        duration_ms=say.duration_ms,
        gap_ms=say.gap_ms,
        answer_ms=say.answer_ms,
        show=protocol.Shown(left=say.fact.left, right=say.fact.right, digits=digits),
        expects=say.expects,
        question_at_ms=say.question_at_ms,
        question=protocol.Place(number=say.number, count=say.count),
        score=protocol.Score(correct=say.correct, total=say.total),
        told=say.told,
        time_gone=say.time_gone,
    )


def _text(clips: Sequence[Clip]) -> str:
    """The text of the clips. A clip that is no whole sentence, such as a number, is set off from the next."""
    *first, last = (clip.text for clip in clips)
    return " ".join([*(text if text.endswith(SENTENCE_ENDS) else f"{text} ·" for text in first), last])


def _verdict(judged: messages.Judged) -> protocol.Verdict:
    attempt = judged.attempt
    is_told = judged.told and attempt.verdict in (Verdict.CORRECT, Verdict.WRONG)
    return protocol.Verdict(
        turn=judged.turn,
        left=attempt.fact.left,
        right=attempt.fact.right,
        answer=attempt.fact.answer if is_told else None,
        heard=attempt.heard,
        verdict=attempt.verdict,
        confidence=round(attempt.confidence, 4),
        response_ms=attempt.response_ms,
        score=protocol.Score(correct=judged.correct, total=judged.total),
        appealable=judged.told and attempt.verdict is Verdict.WRONG,
        told=judged.told,
    )


def _finished(finished: messages.Finished) -> protocol.Finished:
    return protocol.Finished(
        score=protocol.Score(correct=finished.correct, total=finished.total),
        facts=[
            protocol.Tally(**protocol.Fact.of(fact).model_dump(), correct=tally.correct, wrong=tally.wrong)
            for fact, tally in finished.tallies
        ],
        stronger=[protocol.Fact.of(fact) for fact in finished.stronger],
        placed=[
            protocol.Placed(**protocol.Fact.of(fact).model_dump(), status=status)
            for fact, status in finished.placed.items()
        ],
        unheard=[protocol.Fact.of(fact) for fact in finished.unheard],
    )


class TolerantJson:
    """JSON for Socket.IO. Unreadable text becomes an unknown event, which gets an answer."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return ["unreadable"]


def read(kind: type[Message], arguments: tuple[object, ...]) -> Message:
    """The only argument of an event, as a message of this kind. Raises Refused: bad_arguments."""
    try:
        return kind.model_validate(_only_object(arguments))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
        raise protocol.Refused("bad_arguments", problems[:300]) from None


def read_start(arguments: tuple[object, ...]) -> protocol.Start:
    """Raises Refused: bad_arguments, unsupported_protocol."""
    version = _only_object(arguments).get("protocol")
    if type(version) is not int:
        raise protocol.Refused("bad_arguments", "protocol must be a whole number")
    if version != protocol.PROTOCOL:
        raise protocol.Refused("unsupported_protocol", f"this server speaks protocol {protocol.PROTOCOL}")
    return read(protocol.Start, arguments)


def read_audio(arguments: tuple[object, ...]) -> protocol.Audio:
    """Raises Refused: bad_arguments."""
    if len(arguments) != len(protocol.Audio._fields):
        raise protocol.Refused("bad_arguments", "audio needs seq, captured_ms and pcm")
    return protocol.Audio(*arguments)


def _only_object(arguments: tuple[object, ...]) -> dict[str, Any]:
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise protocol.Refused("bad_arguments", "one object is expected")
    return arguments[0]
