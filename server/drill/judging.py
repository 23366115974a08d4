"""Whether an answer is right, from the recogniser's whole belief and not only its favourite."""

from collections.abc import Mapping
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
    counts as wrong: marking a right answer wrong is the dearest mistake, asking again a cheap one.

    Of least cost (right marked wrong 100, wrong marked right 50, unsure 3; 4 in 5 answers right) over 2,217 answers,
    human and of voices that the network never heard, in quiet, babble, rooms and over the telephone
    (`training.thresholds`), then a step towards caution: 0.05 % of the right ones marked wrong (no human one),
    0.04 % of the likely wrong ones right, 2.4 % of the right ones and 11 % of the wrong ones asked again.
    """

    correct_at: float = 0.2
    wrong_at: float = 0.9
    expected_below: float = 0.0005

    def __post_init__(self) -> None:
        if not 0 < self.expected_below < self.correct_at <= 1 or not 0.5 < self.wrong_at <= 1:
            raise ValueError("need 0 < expected_below < correct_at <= 1 and 0.5 < wrong_at <= 1")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`heard`: the number that was understood, None where none was; `confidence`: its probability."""

    verdict: Verdict
    heard: int | None = None
    confidence: float = 0.0


def judge(numbers: Mapping[int, float], expected: int, settings: JudgingSettings = JudgingSettings()) -> Judgement:
    """Judge an utterance given the posterior probability of each number; an empty mapping is `unsure`."""
    p_expected = numbers.get(expected, 0.0)
    if p_expected >= settings.correct_at:
        return Judgement(Verdict.CORRECT, expected, p_expected)
    rival = max((number for number in numbers if number != expected), key=numbers.__getitem__, default=None)
    if rival is None:
        return Judgement(Verdict.UNSURE)
    if numbers[rival] >= settings.wrong_at and p_expected < settings.expected_below:
        return Judgement(Verdict.WRONG, rival, numbers[rival])
    return Judgement(Verdict.UNSURE, None, max(numbers[rival], p_expected))
