"""The memory of one fact across days."""

from datetime import UTC, datetime

import pytest
from fsrs import Card, Rating, Scheduler, State
from hypothesis import given
from hypothesis import strategies as st

from server.drill.dates import DAY_MS, LONGEST_DAYS
from server.drill.memory import Memory, rating

MONDAY = 20_000 * DAY_MS
ANSWERS = st.tuples(st.booleans(), st.none() | st.integers(0, 20_000), st.integers(0, 3 * DAY_MS))


def after(*answers: tuple[bool, int | None, int]) -> Memory:
    memory, at_ms = Memory(), MONDAY
    for right, response_ms, wait_ms in answers:
        at_ms += wait_ms
        memory = memory.answered(right, response_ms, at_ms)
    return memory


@pytest.mark.parametrize(
    ("right", "response_ms", "first_today", "expected"),
    [
        (False, 1000, True, Rating.Again),
        (True, 7000, True, Rating.Hard),
        (True, 4000, True, Rating.Good),
        (True, 2000, True, Rating.Easy),
        (True, 2000, False, Rating.Good),  # an echo of a minute ago
        (True, None, True, Rating.Good),
    ],
)
def test_quick_answers_rate_higher(right: bool, response_ms: int | None, first_today: bool, expected: Rating) -> None:
    assert rating(right, response_ms, first_today) is expected


@pytest.mark.parametrize("days", [1, 3, 40])
def test_recall_is_fsrs_s_own(days: int) -> None:
    memory = after((True, 4000, 0))
    card = Card(
        card_id=0,
        state=State.Review,
        stability=memory.stability_days,
        difficulty=memory.difficulty,
        due=datetime(2024, 1, 1, tzinfo=UTC),
        last_review=datetime(2024, 1, 1, tzinfo=UTC),
    )
    expected = Scheduler().get_card_retrievability(card, datetime.fromtimestamp(1704067200 + days * 86400, UTC))
    assert memory.recall(MONDAY + days * DAY_MS) == pytest.approx(expected)


@given(st.lists(ANSWERS, min_size=1, max_size=12))
def test_whatever_happens_the_numbers_stay_sane(answers: list[tuple[bool, int | None, int]]) -> None:
    memory = after(*answers)
    at_ms = MONDAY + sum(wait_ms for _, _, wait_ms in answers)
    assert 0 < memory.recall(at_ms + 10 * DAY_MS) <= memory.recall(at_ms) <= 1


def test_the_typical_time_is_that_of_the_latest_right_answers() -> None:
    assert (
        after((True, 9000, 0), (True, 2000, 1), (False, 5000, 1), (True, 3000, 1), (True, 1000, 1)).response_ms == 2000
    )
    assert after((True, None, 0), (False, 100, 1)).response_ms is None


def days_after(memory: Memory, *days: int) -> Memory:
    """Return the memory after right answers that many days after Monday."""
    for day in days:
        memory = memory.answered(True, 2000, MONDAY + day * DAY_MS)
    return memory


WEEKS = days_after(Memory(), 0, 3)


@pytest.mark.parametrize("off_days", [LONGEST_DAYS + 1, 400, 4000, 20 * 365, -1, -400, -50 * 365])
def test_an_impossible_date_proves_no_memory(off_days: int) -> None:
    """A clock that is 400 days ahead must not make a child remember for a year."""
    there = WEEKS.answered(True, 2000, MONDAY + (3 + off_days) * DAY_MS)
    same_day = WEEKS.answered(True, 2000, MONDAY + 3 * DAY_MS)
    assert (there.stability_days, there.difficulty) == (same_day.stability_days, same_day.difficulty)
    assert WEEKS.stability_days and there.stability_days and there.stability_days < 2 * WEEKS.stability_days


@given(st.integers(1, LONGEST_DAYS))
def test_a_possible_one_does(days: int) -> None:
    later = WEEKS.answered(True, 2000, MONDAY + (3 + days) * DAY_MS)
    assert later.stability_days and WEEKS.stability_days and later.stability_days > WEEKS.stability_days
