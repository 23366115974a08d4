"""Whether an answer is right, from the probabilities of all numbers and not only the likeliest."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    UNSURE = "unsure"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """Probabilities from 0 to 1.

    correct_at: the expected number is accepted from this probability on. It may be low, because most answers are right.
    wrong_at: another number must be this probable, and the expected one below expected_below, before an answer
    counts as wrong: marking a right answer wrong is the dearest mistake, and so is to take a neighbour's word for an
    answer; asking again is a cheap one. again_at: as wrong_at, for a number that is said again.

    Of little cost (right marked wrong 100, wrong marked right 50, no answer judged 100, unsure 3; 4 in 5 utterances are
    answers, 4 in 5 of them right) over 2,217 answers, human and of voices that the network never heard, in quiet,
    babble, rooms and over the telephone, and 5,760 words and noises (`training.thresholds`): 0.05 % of the right ones
    marked wrong (no human one), 0.06 % of the likely wrong ones right, 0.82 % of the words and noises judged, 2.2 % of
    the right ones and 23 % of the wrong ones asked again. Least is 0.99 for wrong_at, which asks 32 % of these again.
    """

    correct_at: float = 0.2
    wrong_at: float = 0.98
    again_at: float = 0.9
    expected_below: float = 0.0005

    def __post_init__(self) -> None:
        if not 0 < self.expected_below < self.correct_at <= 1 or not 0.5 < self.again_at <= self.wrong_at <= 1:
            raise ValueError("need 0 < expected_below < correct_at <= 1 and 0.5 < again_at <= wrong_at <= 1")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`heard`: the number that was understood, None where none was; `confidence`: its probability."""

    verdict: Verdict
    heard: int | None = None
    confidence: float = 0.0


def judge(
    numbers: Mapping[int, float],
    expected: int,
    settings: JudgingSettings = JudgingSettings(),
    said: Container[int] = (),
) -> Judgement:
    """Judge an utterance given the posterior probability of each number; an empty mapping is `unsure`.

    `said`: what seems to have been said to the same question before.
    """
    p_expected = numbers.get(expected, 0.0)
    if p_expected >= settings.correct_at:
        return Judgement(Verdict.CORRECT, expected, p_expected)
    rival = max((number for number in numbers if number != expected), key=numbers.__getitem__, default=None)
    if rival is None:
        return Judgement(Verdict.UNSURE)
    wrong_at = settings.again_at if rival in said else settings.wrong_at
    if numbers[rival] >= wrong_at and p_expected < settings.expected_below:
        return Judgement(Verdict.WRONG, rival, numbers[rival])
    return Judgement(Verdict.UNSURE, None, max(numbers[rival], p_expected))
