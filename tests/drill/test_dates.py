"""A wrong clock does not change a learner's knowledge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.drill.attempt import Attempt
from server.drill.dates import AHEAD_MS, DAY_MS, LONGEST_DAYS, believable
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge

NOW_MS = 20_000 * DAY_MS
FACT = Fact(7, 8)


def answer(at_ms: int, fact: Fact = FACT) -> Attempt:
    return Attempt(fact, Verdict.CORRECT, fact.answer, 1.0, 2000, at_ms)


def answers(*days: int) -> list[Attempt]:
    """Return an answer for each of these days before now."""
    return [answer(NOW_MS - day * DAY_MS) for day in days]


def test_a_year_ahead_lifts_no_memory() -> None:
    """One answer stamped 400 days ahead made 8 days of memory 315."""
    before = answers(10, 7)
    history = [*before, *answers(-400)]
    known = Knowledge.of(believable(history, NOW_MS))
    assert known == Knowledge.of(before)
    # And when that day has come without further practice.
    then = Knowledge.of(believable(history, NOW_MS + 400 * DAY_MS)).memories[FACT].stability_days
    assert then is not None and then <= 1.5 * (known.memories[FACT].stability_days or 0)


@pytest.mark.parametrize("off_days", [2, 400, 20_000 - LONGEST_DAYS])
def test_an_afternoon_with_a_clock_ahead_is_left_out_until_it_is_past(off_days: int) -> None:
    usual, ahead = answers(9, 8, 7, 3, 2), answers(-off_days, -off_days)
    assert believable([*usual, *ahead], NOW_MS) == usual
    assert believable([*usual, *ahead], NOW_MS + off_days * DAY_MS) == [*usual, *ahead]


@pytest.mark.parametrize("behind_days", [2, 400, 15_000])
def test_a_clock_behind_makes_no_beginner(behind_days: int) -> None:
    """All of the child's answers seem to lie in the future."""
    usual = answers(9, 8, 7, 3, 2)
    now_ms = NOW_MS - (10 + behind_days) * DAY_MS
    behind = [answer(now_ms - 1000)]
    assert believable(usual, now_ms) == usual
    assert believable([*behind, *usual], now_ms) == [*behind, *usual]


@given(st.lists(st.integers(-800, 800), max_size=30))
def test_it_takes_out_the_future_or_nothing(days: list[int]) -> None:
    history = answers(*sorted(days, reverse=True))
    left = believable(history, NOW_MS)
    assert left in (history, [attempt for attempt in history if attempt.at_ms <= NOW_MS + AHEAD_MS])
    assert len(left) * 2 >= len(history)
