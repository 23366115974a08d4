"""The cost of verdicts on kept beliefs, under any settings of the judge."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from server.dialogue.settings import WRONG_NONE_WEIGHT
from server.dialogue.turn import QUIET_SHARE, RIGHT_SHARE, AnswerPrior
from server.drill.judging import JudgingSettings

from .beliefs import Beliefs

# A right answer marked wrong is the costliest: the child learns a falsehood, or to distrust. So is a neighbour's word
# that takes the question from the child. Asking again is cheap.
RIGHT_MARKED_WRONG, WRONG_MARKED_RIGHT, NOTHING_JUDGED, UNSURE = 100, 50, 100, 3
CORRECT_AT = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
WRONG_AT = (0.9, 0.95, 0.97, 0.98, 0.985, 0.99)
EXPECTED_BELOW = (0.0002, 0.0005, 0.001, 0.002)
NONE_WEIGHTS = (0.01, 0.03, 0.1, 0.3, 1.0)
WRONG_NONE_WEIGHTS = (0.1, 0.2, 0.5, 1.0)
TEMPERATURES = (0.8, 1.0, 1.25)


@dataclass(frozen=True, slots=True)
class Settings:
    """How beliefs become verdicts. The defaults are the server's for the first answer of a learner's drill."""

    judging: JudgingSettings = JudgingSettings()
    none_weight: float = AnswerPrior().none_weight
    """See `Interpretation.weighed`."""
    wrong_none_weight: float = WRONG_NONE_WEIGHT
    """Its least value before an answer is judged wrong."""
    temperature: float = 1.0
    """All probabilities are raised to the power of its inverse."""


class Odds(NamedTuple):
    """The part of the beliefs that verdicts depend on."""

    expected: np.ndarray
    """Probability of the right answer."""
    others: np.ndarray
    """Of all other numbers."""
    none: np.ndarray
    judged: np.ndarray
    """Whether there is a verdict. Commands have none."""
    whole: np.ndarray
    """Whether the verdict can be "wrong". It cannot if the right answer may begin with the number."""


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
    """Return the rows that are marked right and those that are marked wrong, as by `dialogue.turn.decide`."""
    judging, weight = settings.judging, max(settings.none_weight, settings.wrong_none_weight)
    right = heard.judged & (heard.expected >= judging.correct_at * (1 - heard.none + settings.none_weight * heard.none))
    scale = 1 - heard.none + weight * heard.none
    surely = (heard.others >= judging.wrong_at * scale) & (heard.expected < judging.expected_below * scale)
    return right, surely & heard.judged & heard.whole & ~right


class Counts(NamedTuple):
    """Counts of right answers, wrong answers and other utterances; numbers or arrays."""

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
        """Return the expected cost of an utterance. `answers`: the share of answers among utterances."""
        right = (RIGHT_MARKED_WRONG * self.right_marked_wrong + UNSURE * self.right_unsure) / np.maximum(1, self.right)
        wrong = (WRONG_MARKED_RIGHT * self.wrong_marked_right + UNSURE * self.wrong_unsure) / np.maximum(1, self.wrong)
        nothing = NOTHING_JUDGED * self.nothing_judged / np.maximum(1, self.nothing)
        return answers * (RIGHT_SHARE * right + (1 - RIGHT_SHARE) * wrong) + (1 - answers) * nothing


def count(beliefs: Beliefs, right: np.ndarray, wrong: np.ndarray) -> Counts:
    """Count the rows, given which of them were marked right and wrong."""
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
