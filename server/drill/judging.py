"""Judge an answer from the probabilities of all numbers, not only the likeliest."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of an answer."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNSURE = "unsure"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """Probabilities, 0 to 1, at which an answer is judged.

    Marking a right answer wrong is the costliest mistake, and so is judging a neighbour's words; asking again is cheap.
    The values were chosen on recordings of people (`training.evaluate people`, docs/experiments.md).
    """

    correct_at: float = 0.15
    """The expected number is accepted from here on. Low, because most answers are right."""
    wrong_at: float = 0.97
    """An answer is wrong if the other numbers together reach this and the expected one stays below `expected_below`."""
    again_at: float = 0.9
    """As `wrong_at`, for a number that is said again."""
    expected_below: float = 0.001
    """See `wrong_at`."""

    def __post_init__(self) -> None:
        if not 0 < self.expected_below < self.correct_at <= 1 or not 0.5 < self.again_at <= self.wrong_at <= 1:
            raise ValueError("need 0 < expected_below < correct_at <= 1 and 0.5 < again_at <= wrong_at <= 1")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and its grounds."""

    verdict: Verdict
    heard: int | None = None
    """The number that was understood; None without one."""
    confidence: float = 0.0
    """Its probability."""


def judge(
    numbers: Mapping[int, float],
    expected: int,
    settings: JudgingSettings = JudgingSettings(),
    said: Container[int] = (),
) -> Judgement:
    """Judge an utterance by the posterior probability of each number. An empty mapping is `unsure`.

    `said`: the numbers that earlier tries at the same question seemed to be.
    """
    p_expected = numbers.get(expected, 0.0)
    if p_expected >= settings.correct_at:
        return Judgement(Verdict.CORRECT, expected, p_expected)
    rival = max((number for number in numbers if number != expected), key=numbers.__getitem__, default=None)
    if rival is None:
        return Judgement(Verdict.UNSURE)
    wrong_at = settings.again_at if rival in said else settings.wrong_at
    # Which other number it was need not be sure.
    if sum(numbers.values()) - p_expected >= wrong_at and p_expected < settings.expected_below:
        return Judgement(Verdict.WRONG, rival, numbers[rival])
    return Judgement(Verdict.UNSURE, None, max(numbers[rival], p_expected))
