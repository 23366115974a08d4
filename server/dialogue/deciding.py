"""What an utterance comes to: a command to obey, or an answer and whether it is right."""

from collections.abc import Container

from ..drill.facts import Fact
from ..drill.judging import Judgement, JudgingSettings, Verdict, judge
from ..speech.belief import Belief
from ..speech.lexicon import Spoken
from .settings import LONGEST_CALL_MS, WAKING_AT, WRONG_NONE_WEIGHT


def decide(
    belief: Belief, asked: Fact, mistaken: Fact | None, settings: JudgingSettings, damaged: bool = False,
    said: Container[int] = (), begun: int | None = None, none_weight: float = 1.0,
) -> Spoken | Judgement:
    """`mistaken`: the fact whose last answer was judged wrong, which can be contested. `damaged`: see SpeechEnded.
    `said`: see `judge`. `begun`: the beginning of the answer that was said before. `none_weight`: see
    `Belief.weighed`."""
    if belief.command is Spoken.APPEAL and mistaken is not None:
        # Unsure is not wrong here either: only who clearly claims another number is refused, and asked again. Whatever
        # number it is, "I said" tells that it is said again.
        claim = judge(belief.numbers, mistaken.answer, settings, said=belief.numbers)
        return Spoken.REPEAT if claim.verdict is Verdict.WRONG else Spoken.APPEAL
    if belief.command is not None and belief.command is not Spoken.APPEAL:
        return belief.command
    belief = belief.completing(begun, asked.answer)
    judgement = judge(belief.weighed(none_weight).numbers, asked.answer, settings, said)
    if judgement.verdict is not Verdict.CORRECT:
        # A number that is said again needs less to be wrong already.
        least_weight = 1.0 if belief.best[0] in said else WRONG_NONE_WEIGHT
        weighed = belief.weighed(max(none_weight, least_weight))
        judgement = judge(weighed.numbers, asked.answer, settings, said)
    # What is missing may have been the right answer, or the rest of it. A smaller number after a beginning is no whole
    # answer: "hundred ... eight".
    is_rest = begun is not None and judgement.heard is not None and judgement.heard < begun
    incomplete = damaged or is_rest or belief.beginning is not None
    return Judgement(Verdict.UNSURE) if incomplete and judgement.verdict is Verdict.WRONG else judgement


def begins(belief: Belief, voice_ms: int) -> bool:
    """Whether somebody who was invited wants to practise. In a room of talk, numbers, and tablets that say "or say:
    start", only that word counts, by itself.
    """
    return belief.command is Spoken.START and voice_ms <= LONGEST_CALL_MS


def wakes(belief: Belief) -> bool:
    """Whether somebody goes on with a drill that fell asleep."""
    return belief.best[1] >= WAKING_AT or belief.command in (Spoken.START, Spoken.REPEAT)
