"""The activation of facts."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.drill.activation import BETWEEN_SESSIONS, DECAY, FLUENT, TRACES, Clock, Retrieval
from server.drill.facts import Fact

FACT, TWIN = Fact(7, 8), Fact(8, 7)
DAY_S = 86_400 * BETWEEN_SESSIONS


def after(*answers: tuple[bool, int | None, float], chance: float = 0.5) -> Retrieval:
    retrieval, at_s = Retrieval.unmet(chance), 0.0
    for right, response_ms, wait_s in answers:
        at_s += wait_s
        retrieval = retrieval.answered(FACT, right, response_ms, at_s)
    return retrieval


def test_time_between_sessions_passes_more_slowly() -> None:
    clock = Clock().moved(1_000_000)
    assert clock.at(1_060_000) == 60
    assert clock.at(1_000_000 + 86_400_000) == pytest.approx(DAY_S)
    assert clock.at(0) == 0  # a clock that was set back
    assert clock.moved(1_060_000).at(1_090_000) == 90


@given(st.lists(st.tuples(st.booleans(), st.none() | st.integers(0, 60_000), st.floats(0, 1e6)), max_size=40))
def test_whatever_happens_the_numbers_stay_sane(answers: list[tuple[bool, int | None, float]]) -> None:
    retrieval = after(*answers)
    at_s = sum(wait_s for _, _, wait_s in answers)
    assert len(retrieval.traces) <= TRACES
    assert 0 < retrieval.doubt <= Retrieval.unmet(0.5).doubt
    for fact in (FACT, TWIN):
        assert 0 <= retrieval.fluent(fact, at_s + DAY_S) <= retrieval.fluent(fact, at_s) <= 1
        assert retrieval.worth(fact, at_s, at_s + DAY_S, True) >= retrieval.worth(fact, at_s, at_s + DAY_S, False) >= 0


def test_quick_answers_raise_what_is_expected_and_slow_ones_and_misses_lower_it() -> None:
    unmet = Retrieval.unmet(0.5)
    quick, slow, missed = after((True, 900, 0)), after((True, 8000, 0)), after((False, 2000, 0))
    assert missed.shift == slow.shift < 0 < quick.shift
    assert missed.doubt == quick.doubt < unmet.doubt
    assert after((True, None, 0)).shift == 0  # an answer by touch, whose time is unknown


def test_an_answer_of_three_seconds_is_what_fluent_means() -> None:
    assert Retrieval.unmet(0.5).fluent(FACT, 0) == pytest.approx(0.5)
    assert exp(-FLUENT) == pytest.approx(2.7)


def test_the_twin_profits_less() -> None:
    retrieval = after((True, 2000, 0))
    assert Retrieval.unmet(0.5).activation(TWIN, 60) < retrieval.activation(TWIN, 60) < retrieval.activation(FACT, 60)


def test_spaced_practice_lasts_longer_than_massed() -> None:
    massed, spaced = after(*[(True, None, 10.0)] * 3), after(*[(True, None, 500.0)] * 3)
    assert massed.activation(FACT, 30 + DAY_S) < spaced.activation(FACT, 1500 + DAY_S)
    assert DECAY < spaced.traces[-1].decay < massed.traces[-1].decay


def test_neither_what_is_fresh_nor_what_is_sure_is_worth_asking() -> None:
    weak, fresh = after((False, 2000, 0)), after((False, 2000, 0))
    sure = after(*[(True, 700, 5000.0)] * 8)

    def worth(retrieval: Retrieval, at_s: float) -> float:
        return retrieval.worth(FACT, at_s, at_s + DAY_S, True)

    assert worth(fresh, 2) < worth(weak, 200)
    assert worth(sure, 41_000) < worth(weak, 41_000) / 2


def test_what_cannot_be_taken_in_today_is_worth_less_the_less_it_is_known() -> None:
    def share(chance: float) -> float:
        retrieval = Retrieval.unmet(chance)
        return retrieval.worth(FACT, 0, DAY_S, False) / retrieval.worth(FACT, 0, DAY_S, True)

    assert share(0.05) < share(0.5) < 1
