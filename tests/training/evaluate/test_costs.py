"""What verdicts cost, that kept beliefs are judged as by the dialogue, and how settings are chosen fairly."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.asr.numbers.vocabulary import LARGEST_NUMBER
from server.dialogue.turn import RIGHT_SHARE, AnswerPrior, decide
from server.drill.facts import Fact
from server.drill.judging import Judgement, JudgingSettings, Verdict
from server.understanding.interpretation import BEGINNING_AT
from training.evaluate.beliefs import NO_NUMBER, Beliefs, interpretation, joined
from training.evaluate.costs import (
    RIGHT_MARKED_WRONG,
    UNSURE,
    WRONG_MARKED_RIGHT,
    Counts,
    Settings,
    candidates,
    count,
    odds,
    verdicts,
)
from training.evaluate.people import left_out, table

ASKED = 56
NUMBERS = st.dictionaries(st.sampled_from([ASKED, 54, 49, 6]), st.floats(0, 1), min_size=1, max_size=3)


def belief(numbers: dict[int, float], said: int = ASKED, beginning: bool = False) -> Beliefs:
    """The rest of the probability is "none of these"."""
    probabilities = np.zeros((1, LARGEST_NUMBER + 1), np.float32)
    probabilities[0, list(numbers)] = list(numbers.values())
    return Beliefs(
        said=np.array([said]),
        asked=np.array([ASKED]),
        numbers=probabilities,
        none=1 - probabilities.sum(axis=1, dtype=float),
        is_command=np.array([False]),
        is_beginning=np.array([beginning]),
    )


@given(NUMBERS, st.booleans(), st.sampled_from([0.03, 0.1, 0.7, 1.0, 2.0]))
def test_kept_beliefs_are_judged_as_the_dialogue_judges(
    numbers: dict[int, float], beginning: bool, none_weight: float
) -> None:
    together = max(1.0, sum(numbers.values()))
    probabilities = {number: p / together for number, p in numbers.items()}
    kept = belief(probabilities, beginning=beginning and max(probabilities.values()) >= BEGINNING_AT)
    heard = interpretation(kept, 0)
    right, wrong = verdicts(odds(kept), Settings(none_weight=none_weight))
    decided = heard and decide(heard, Fact(7, 8), None, JudgingSettings(), none_weight=none_weight)
    verdict = decided.verdict if isinstance(decided, Judgement) else Verdict.UNSURE
    assert (bool(right[0]), bool(wrong[0])) == (verdict is Verdict.CORRECT, verdict is Verdict.WRONG)


@pytest.mark.parametrize("temperature", [0.8, 1.25])
def test_a_temperature_keeps_the_order_and_the_sum(temperature: float) -> None:
    kept = belief({ASKED: 0.6, 54: 0.3})
    tempered = odds(kept, temperature)
    assert tempered.expected + tempered.others + tempered.none == pytest.approx(1)
    assert (tempered.expected > odds(kept).expected) == (temperature < 1)


def test_each_mistake_is_counted_as_what_it_is_and_costs_what_it_should() -> None:
    right = [belief({ASKED: 0.9}), belief({54: 0.999}), belief({}), belief({})]
    wrong = [belief({ASKED: 0.9}, said=54), belief({54: 0.999}, said=54), belief({6: 0.3}, said=54)]
    nothing = [belief({6: 0.999}, said=NO_NUMBER), belief({}, said=NO_NUMBER)]
    kept = joined([*right, *wrong, *nothing])
    counts = count(kept, *verdicts(odds(kept), Settings(none_weight=1.0)))
    assert counts == Counts(4, 1, 1, 2, 3, 1, 1, 2, 1)
    of_right = RIGHT_MARKED_WRONG / 4 + UNSURE * 2 / 4
    of_wrong = WRONG_MARKED_RIGHT / 3 + UNSURE / 3
    assert counts.cost(answers=1.0) == pytest.approx(RIGHT_SHARE * of_right + (1 - RIGHT_SHARE) * of_wrong)
    assert counts.cost(answers=0.0) == 100 / 2


def test_a_right_answer_marked_wrong_is_the_dearest() -> None:
    assert RIGHT_SHARE * RIGHT_MARKED_WRONG > (1 - RIGHT_SHARE) * WRONG_MARKED_RIGHT > UNSURE


def test_the_server_uses_one_of_the_candidates() -> None:
    judging = [astuple(each.judging) for each in candidates()]
    weights = {each.none_weight for each in candidates()}
    assert astuple(JudgingSettings()) in judging
    assert any(abs(AnswerPrior().none_weight - weight) < 0.005 for weight in weights)


def test_a_set_is_judged_by_what_is_best_on_the_others() -> None:
    def counts(*unsure: int) -> Counts:
        """Of ten right answers, with each of three settings."""
        none = np.zeros(3, int)
        return Counts(none + 10, none + 10, none, np.array(unsure), none, none, none, none, none)

    sets = {"careful": counts(5, 0, 9), "other": counts(0, 1, 2), "third": counts(0, 1, 2)}
    assert left_out(sets) == {"careful": 0, "other": 1, "third": 1}


def test_the_table_has_a_row_for_each_set_and_one_for_all() -> None:
    rows = {"people": Counts(10, 9, 1, 2, 20, 1, 4, 0, 0), "words": Counts(0, 0, 0, 0, 0, 0, 0, 50, 1)}
    lines = table("chosen", rows, ["people"], ["words"]).splitlines()
    assert "| people | 10 | 90.0% | 10.00% | 5.00% | 20.0% | 20.0% |" in lines
    assert "| words | 50 | 2.0% |" in lines and sum("together" in line for line in lines) == 2
