"""What verdicts cost, and which settings of the judge cost least on beliefs that were kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from server.dialogue.settings import WRONG_NONE_WEIGHT
from server.dialogue.turn import QUIET_SHARE, RIGHT_SHARE, AnswerPrior
from server.drill.judging import JudgingSettings

from .beliefs import Beliefs

# A right answer marked wrong is the dearest: the child learns a falsehood, or to distrust. Just so a neighbour's word
# that takes the question from who was about to answer. Asking again is cheap.
RIGHT_MARKED_WRONG, WRONG_MARKED_RIGHT, NOTHING_JUDGED, UNSURE = 100, 50, 100, 3
CORRECT_AT = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
WRONG_AT = (0.9, 0.95, 0.97, 0.98, 0.985, 0.99)
EXPECTED_BELOW = (0.0002, 0.0005, 0.001, 0.002)
NONE_WEIGHTS = (0.01, 0.03, 0.1, 0.3, 1.0)
WRONG_NONE_WEIGHTS = (0.1, 0.2, 0.5, 1.0)
TEMPERATURES = (0.8, 1.0, 1.25)


@dataclass(frozen=True, slots=True)
class Settings:
    """How beliefs become verdicts. The defaults are those of the first answer in a drill that a learner started."""

    judging: JudgingSettings = JudgingSettings()
    none_weight: float = AnswerPrior().none_weight
    """See `Interpretation.weighed`."""
    wrong_none_weight: float = WRONG_NONE_WEIGHT
    """The least of it before an answer counts as wrong."""
    temperature: float = 1.0
    """The inverse of the power that all probabilities are taken to."""


class Odds(NamedTuple):
    """All of the beliefs on which verdicts can depend."""

    expected: np.ndarray
    """Probability of the right answer."""
    others: np.ndarray
    """Of all other numbers together."""
    none: np.ndarray
    judged: np.ndarray
    """Whether there can be a verdict: commands are obeyed."""
    whole: np.ndarray
    """Whether it can be "wrong": not where the number may be the beginning of the right one."""


def odds(beliefs: Beliefs, temperature: float = 1.0) -> Odds:
    numbers, none = beliefs.numbers.astype(float), beliefs.none.astype(float)
    if temperature != 1.0:
        rest = np.clip(1 - none - numbers.sum(axis=1), 0, 1) ** (1 / temperature)
        numbers, none = numbers ** (1 / temperature), none ** (1 / temperature)
        together = np.maximum(numbers.sum(axis=1) + none + rest, 1e-12)
        numbers, none = numbers / together[:, np.newaxis], none / together
    rows = np.arange(len(beliefs))
    expected = numbers[rows, beliefs.asked]
    return Odds(expected, numbers.sum(axis=1) - expected, none, ~beliefs.is_command, ~beliefs.is_beginning)


def verdicts(heard: Odds, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are marked right, and which wrong, as by `dialogue.turn.decide`."""
    judging, weight = settings.judging, max(settings.none_weight, settings.wrong_none_weight)
    right = heard.judged & (heard.expected >= judging.correct_at * (1 - heard.none + settings.none_weight * heard.none))
    scale = 1 - heard.none + weight * heard.none
    surely = (heard.others >= judging.wrong_at * scale) & (heard.expected < judging.expected_below * scale)
    return right, surely & heard.judged & heard.whole & ~right


class Counts(NamedTuple):
    """Numbers, or arrays of them. Of the right answers, of the wrong ones, and of what was no answer."""

    right: Any
    right_heard: Any
    right_marked_wrong: Any
    right_unsure: Any
    wrong: Any
    wrong_marked_right: Any
    wrong_unsure: Any
    nothing: Any
    nothing_judged: Any

    def cost(self, answers: float = QUIET_SHARE) -> Any:
        """Of one utterance, where so great a share of them are answers."""
        right = (RIGHT_MARKED_WRONG * self.right_marked_wrong + UNSURE * self.right_unsure) / np.maximum(1, self.right)
        wrong = (WRONG_MARKED_RIGHT * self.wrong_marked_right + UNSURE * self.wrong_unsure) / np.maximum(1, self.wrong)
        nothing = NOTHING_JUDGED * self.nothing_judged / np.maximum(1, self.nothing)
        return answers * (RIGHT_SHARE * right + (1 - RIGHT_SHARE) * wrong) + (1 - answers) * nothing


def count(beliefs: Beliefs, right: np.ndarray, wrong: np.ndarray) -> Counts:
    """Rows marked right and wrong, by what they were."""
    is_right, is_wrong = beliefs.is_right, beliefs.is_wrong
    nothing, unsure = ~is_right & ~is_wrong, ~right & ~wrong
    return Counts(
        *(
            np.count_nonzero(which)
            for which in (
                is_right,
                is_right & beliefs.is_heard,
                is_right & wrong,
                is_right & unsure,
                is_wrong,
                is_wrong & right,
                is_wrong & unsure,
                nothing,
                nothing & ~unsure,
            )
        )
    )


def candidates() -> Iterator[Settings]:
    for correct_at, wrong_at, below, *weights in product(
        CORRECT_AT, WRONG_AT, EXPECTED_BELOW, NONE_WEIGHTS, WRONG_NONE_WEIGHTS, TEMPERATURES
    ):
        if weights[0] <= weights[1]:
            judging = JudgingSettings(correct_at, wrong_at, min(wrong_at, JudgingSettings().again_at), below)
            yield Settings(judging, *weights)
