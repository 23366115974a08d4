"""Older answers are deleted, knowledge stays."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge
from server.store.clock_steps import ClockSteps
from server.store.database import make_engine, migrate, writing
from server.store.models import AttemptRow, BaselineRow, ClockStepRow
from server.store.retention import MONTH_MS, SETTING, Retention
from server.store.snapshots import Snapshots
from server.store.store import Store
from tests.store.making import DAY_MS, NOON_MS, a_learner, practise
from tests.store.test_snapshots import random_history, write

LATE_MS = NOON_MS + 4000 * DAY_MS


def retention(store: Store) -> Retention:
    return Retention(store.engine, ClockSteps(store.engine))


def known(store: Store, learner: int) -> Knowledge:
    return Snapshots(store.engine, lambda: LATE_MS).known(learner).knowledge


@settings(deadline=None, max_examples=60)
@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 40), min_size=1, max_size=3), st.booleans())
def test_what_is_known_is_the_same_before_and_after(chance: random.Random, days: list[int], has_snapshot: bool) -> None:
    """To the last bit, reduced once or repeatedly, and also after later answers."""
    engine = make_engine("sqlite://")
    migrate(engine)
    store = Store(engine)
    asha, ravi = a_learner(store, "Asha"), a_learner(store, "Ravi")
    history = random_history(chance, 10)
    for begins_ms, attempts in history[:8]:
        write(store, asha, begins_ms, attempts)
        # Another drill at the same time, on another tablet.
        if chance.random() < 0.3:
            write(store, asha, begins_ms + 1, [*attempts][:3])
        write(store, ravi, begins_ms, attempts)
    if has_snapshot:
        Snapshots(engine, lambda: LATE_MS).refresh(asha)
    before = {learner: known(store, learner) for learner in (asha, ravi)}
    for day in days:
        retention(store).reduce(NOON_MS + day * DAY_MS)
        assert {learner: known(store, learner) for learner in (asha, ravi)} == before
        Snapshots(engine, lambda: LATE_MS).refresh(asha)
        assert known(store, asha) == before[asha]
    later = [(begins_ms, with_own_appeals(attempts)) for begins_ms, attempts in history[8:]]
    for begins_ms, attempts in later:
        write(store, asha, begins_ms, attempts)
    assert known(store, asha) == before[asha].after([each for _, attempts in later for each in attempts])


def with_own_appeals(attempts: list[Attempt]) -> list[Attempt]:
    """Drop appeals against a mistake of an earlier drill, which no drill makes."""
    own: list[Attempt] = []
    mistakes: set[Fact] = set()
    for each in attempts:
        if each.verdict is Verdict.WRONG:
            mistakes.add(each.fact)
        if not each.appeal or each.fact in mistakes:
            own.append(each)
        if each.appeal:
            mistakes.discard(each.fact)
    return own


def answers(store: Store, learner: int, day: int) -> None:
    practise(store, learner, [(7, 8, 56), (6, 7, 41)] * 3, NOON_MS + day * DAY_MS)


def test_only_older_answers_go_and_they_go_wholly(store: Store) -> None:
    asha = a_learner(store)
    for day in (0, 1, 100):
        answers(store, asha, day)
    assert retention(store).reduce(NOON_MS + 50 * DAY_MS) == 12
    assert len(store.attempts_of(asha)) == 6
    with Session(store.engine) as session:
        assert session.scalar(select(func.count()).select_from(AttemptRow)) == 6
        assert session.get_one(BaselineRow, asha).attempts == 12
    assert retention(store).reduce(NOON_MS + 50 * DAY_MS) == 0
    store.delete_learner(asha)
    with Session(store.engine) as session:
        assert session.get(BaselineRow, asha) is None


def test_what_was_reduced_and_read_in_again_counts_once(store: Store) -> None:
    asha = a_learner(store)
    for day in (0, 100):
        answers(store, asha, day)
    attempts = store.attempts_of(asha)[:6]
    before = known(store, asha)
    retention(store).reduce(NOON_MS + 50 * DAY_MS)
    write(store, asha, NOON_MS, attempts)
    assert known(store, asha) == before
    assert retention(store).reduce(NOON_MS + 50 * DAY_MS) == 6
    assert known(store, asha) == before


@pytest.mark.parametrize("months", [None, "12"])
def test_it_is_off_until_the_teacher_asks_for_it(store: Store, months: str | None) -> None:
    asha = a_learner(store)
    answers(store, asha, 0)
    store.set_setting(SETTING, months)
    now_ms = NOON_MS + round(12.1 * MONTH_MS)
    assert retention(store).run(now_ms) == (0 if months is None else 6)


def test_while_the_clock_is_in_doubt_nothing_goes(store: Store) -> None:
    asha = a_learner(store)
    answers(store, asha, 0)
    store.set_setting(SETTING, "12")
    steps = ClockSteps(store.engine)
    steps.look_at_start(NOON_MS + 800 * DAY_MS)
    assert retention(store).run(NOON_MS + 800 * DAY_MS) == 0
    steps.settle()
    assert retention(store).run(NOON_MS + 800 * DAY_MS) == 6
    with writing(store.engine) as session:
        assert session.scalar(select(func.count()).select_from(ClockStepRow)) == 1
