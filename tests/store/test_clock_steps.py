"""A step of the clock is noticed, and wrong dates can be corrected."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from server.store.clock_steps import AWAY_MS, STEP_MS, ClockStep, ClockSteps, suspects
from server.store.database import writing
from server.store.errors import StoreError
from server.store.models import LearnerRow
from server.store.snapshots import Snapshots
from server.store.store import Store
from tests.store.making import DAY_MS, NOON_MS, a_learner, practise

YEAR_MS = 365 * DAY_MS


@pytest.mark.parametrize(
    ("later_ms", "is_told"),
    [
        (-AWAY_MS * 20, True),
        (-STEP_MS - 1, True),
        (-STEP_MS, False),
        (0, False),
        (60 * DAY_MS, False),
        (AWAY_MS, False),
        (AWAY_MS + 1, True),
    ],
)
def test_at_the_start_the_clock_is_held_against_what_is_stored(store: Store, later_ms: int, is_told: bool) -> None:
    """School holidays are no step of the clock."""
    practise(store, a_learner(store), [(7, 8, 56)], NOON_MS)
    steps = ClockSteps(store.engine)
    for _ in range(3):
        steps.look_at_start(NOON_MS + later_ms)  # at several starts
    assert [(step.by_ms, step.measured) for step in steps.open()] == [(later_ms, False)] * is_told


def test_an_empty_database_says_nothing_of_the_clock(store: Store) -> None:
    steps = ClockSteps(store.engine)
    steps.look_at_start(0)
    assert steps.open() == []


@given(st.lists(st.integers(-3 * DAY_MS, 3 * DAY_MS), max_size=8))
def test_a_running_server_measures_each_step(shifts: list[int]) -> None:
    class Noted(ClockSteps):
        def __init__(self) -> None:
            self._offset_ms = None
            self.noted: list[int] = []

        def _note(self, before_ms: int, after_ms: int, measured: bool) -> None:
            assert measured
            self.noted.append(after_ms - before_ms)

    steps, utc_ms, now_ms = Noted(), NOON_MS, 5000.0
    steps.look(utc_ms, now_ms)
    for shift in shifts:
        now_ms += 10_000
        utc_ms += 10_000 + shift
        steps.look(utc_ms, now_ms)
    assert steps.noted == [shift for shift in shifts if abs(shift) > STEP_MS]


def test_a_computer_that_slept_has_made_no_step(store: Store) -> None:
    steps = ClockSteps(store.engine)
    steps.look(NOON_MS, 0)
    steps.look(NOON_MS + 90 * DAY_MS, 90 * DAY_MS)
    assert steps.open() == []


def a_step(number: int, before_ms: int, after_ms: int, measured: bool = True) -> ClockStep:
    return ClockStep(number, before_ms, after_ms, measured)


def test_ahead_and_back_is_one_time_with_a_wrong_clock() -> None:
    ahead, back = a_step(1, NOON_MS, NOON_MS + YEAR_MS), a_step(2, NOON_MS + YEAR_MS + 5000, NOON_MS + 5000)
    (suspect,) = suspects([ahead, back], NOON_MS + 9000)
    assert (suspect.from_ms, suspect.until_ms, suspect.by_ms) == (NOON_MS + YEAR_MS, NOON_MS + YEAR_MS + 5000, YEAR_MS)


def test_behind_and_back_too() -> None:
    behind = a_step(1, NOON_MS - 60_000, NOON_MS - 20 * YEAR_MS, measured=False)
    back = a_step(2, NOON_MS - 20 * YEAR_MS + 5000, NOON_MS + 5000)
    (suspect,) = suspects([behind, back], NOON_MS + 9000)
    assert (suspect.from_ms, suspect.until_ms) == (NOON_MS - 20 * YEAR_MS, NOON_MS - 20 * YEAR_MS + 5000)
    assert suspect.by_ms == -20 * YEAR_MS, "the measured step counts"


def test_a_step_alone_makes_the_future_or_the_present_doubtful() -> None:
    now_ms = NOON_MS + DAY_MS
    (back,) = suspects([a_step(1, NOON_MS + YEAR_MS, NOON_MS)], now_ms)
    assert (back.from_ms, back.until_ms, back.by_ms) == (now_ms, NOON_MS + YEAR_MS, YEAR_MS)
    (ahead,) = suspects([a_step(1, NOON_MS - YEAR_MS, NOON_MS)], now_ms)
    assert (ahead.from_ms, ahead.until_ms, ahead.by_ms) == (NOON_MS, now_ms, YEAR_MS)


@given(st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 10**13), st.booleans()), max_size=9))
def test_every_step_is_shown_once(given_steps: list[tuple[int, int, bool]]) -> None:
    steps = [a_step(number, *step) for number, step in enumerate(given_steps)]
    shown = [step for suspect in suspects(steps, NOON_MS) for step in suspect.steps]
    assert sorted(shown, key=lambda step: step.id) == steps


@pytest.mark.parametrize("off_ms", [400 * DAY_MS, -20 * YEAR_MS])
def test_what_a_wrong_clock_dated_is_put_right(store: Store, off_ms: int) -> None:
    """Answers, drills and knowledge are as if the clock had been right."""
    asha, twin = a_learner(store, "Asha"), a_learner(store, "Mina")
    snapshots = Snapshots(store.engine, lambda: NOON_MS + 50 * DAY_MS)
    for day in (0, 3, 8):
        wrong_ms = off_ms if day == 3 else 0
        practise(store, asha, [(7, 8, 56), (6, 7, 41)], NOON_MS + day * DAY_MS + wrong_ms)
        practise(store, twin, [(7, 8, 56), (6, 7, 41)], NOON_MS + day * DAY_MS)
    snapshots.refresh(asha)
    steps = ClockSteps(store.engine)
    from_ms = NOON_MS + 3 * DAY_MS + off_ms
    steps.look(from_ms - off_ms, 0)
    steps.look(from_ms + 5000, 5000)
    assert len(steps.open()) == 1
    assert steps.repair(from_ms, from_ms + DAY_MS, off_ms) == 2
    assert store.attempts_of(asha) == store.attempts_of(twin)
    assert snapshots.known(asha).knowledge == snapshots.known(twin).knowledge
    assert steps.open() == []


def test_a_drill_that_went_on_when_the_clock_was_right_again_is_put_right_as_a_whole(store: Store) -> None:
    """Its dates follow the clock of its start."""
    asha = a_learner(store)
    practise(store, asha, [(7, 8, 56)] * 10, NOON_MS + YEAR_MS)
    steps = ClockSteps(store.engine)
    assert steps.repair(NOON_MS + YEAR_MS - 1000, NOON_MS + YEAR_MS + 1000, YEAR_MS) == 10
    assert [attempt.at_ms for attempt in store.attempts_of(asha)] == [NOON_MS + 6000 * turn for turn in range(1, 11)]


@pytest.mark.parametrize(("from_ms", "until_ms", "by_ms"), [(5, 4, 1), (-5, 5, 1), (5, 6, 0), (5, 6, 6)])
def test_dates_that_cannot_be_are_refused(store: Store, from_ms: int, until_ms: int, by_ms: int) -> None:
    with pytest.raises(StoreError) as refusal:
        ClockSteps(store.engine).repair(from_ms, until_ms, by_ms)
    assert refusal.value.code == "bad_dates"


def test_a_child_who_was_added_by_a_wrong_clock_is_dated_anew(store: Store, tmp_path: Path) -> None:
    asha = a_learner(store)
    with writing(store.engine) as session:
        session.execute(update(LearnerRow).values(consent_at_ms=NOON_MS))
    ClockSteps(store.engine).repair(NOON_MS, NOON_MS, DAY_MS)
    learner = store.learner(asha)
    assert (learner.created_at_ms, learner.consent_at_ms) == (NOON_MS - DAY_MS, NOON_MS - DAY_MS)
