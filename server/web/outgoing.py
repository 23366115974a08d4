"""How each effect goes out: event names and payloads of the wire protocol, version 1."""

from collections.abc import Sequence
from typing import Any

from ..dialogue.effects import Clip, Effect, Finished, Interrupt, Judged, Listening, PartlyHeard, PhaseChanged, Say
from ..drill.facts import Fact
from ..drill.judging import Verdict

SENTENCE_ENDS = (".", "?", "!", "।", ":", "…")


def outgoing(effect: Effect, digits: str) -> tuple[str, dict[str, Any]]:
    """The event name and payload of an effect; `digits` is the script of the learner's language."""
    match effect:
        case Say():
            return "say", _say(effect, digits)
        case Interrupt(say):
            return "interrupt", {"say": say}
        case Listening(is_open):
            return "listening", {"open": is_open}
        case PartlyHeard(value):
            return "heard", {"partial": True, "value": value, "text": "" if value is None else str(value)}
        case Judged():
            return "verdict", _verdict(effect)
        case PhaseChanged(phase):
            return "phase", {"name": str(phase)}
        case Finished(correct, total, tallies, stronger, placed, unheard):
            facts = [_fact(fact) | {"correct": tally.correct, "wrong": tally.wrong} for fact, tally in tallies]
            return "finished", {
                "score": {"correct": correct, "total": total}, "facts": facts,
                "stronger": [_fact(fact) for fact in stronger],
                "placed": [_fact(fact) | {"status": str(status)} for fact, status in placed.items()],
                "unheard": [_fact(fact) for fact in unheard],
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
    attempt = judged.attempt
    is_told = judged.told and attempt.verdict in (Verdict.CORRECT, Verdict.WRONG)
    return {
        "turn": judged.turn,
        "left": attempt.fact.left,
        "right": attempt.fact.right,
        "answer": attempt.fact.answer if is_told else None,
        "heard": attempt.heard,
        "verdict": str(attempt.verdict),
        "confidence": round(attempt.confidence, 4),
        "response_ms": attempt.response_ms,
        "score": {"correct": judged.correct, "total": judged.total},
        "appealable": judged.told and attempt.verdict is Verdict.WRONG,
        "told": judged.told,
    }
