"""Knowledge from a snapshot equals knowledge from all answers."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from server.drill.attempt import Attempt
from server.drill.dates import believable
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge
from server.store import snapshots as module
from server.store.database import make_engine, migrate
from server.store.knowledge_json import from_json, to_json
from server.store.models import DrillRow, SnapshotRow
from server.store.records import Entry, Unfinished
from server.store.snapshots import Snapshots, SnapshotTasks
from server.store.store import Store
from tests.store.making import DAY_MS, NOON_MS, a_drill, a_learner, an_entry, inline, practise

FACTS = [Fact(7, 8), Fact(8, 7), Fact(6, 6), Fact(2, 3), Fact(30, 12)]
ATTEMPTS = st.builds(
    Attempt,
    st.sampled_from(FACTS),
    st.sampled_from(list(Verdict)),
    st.none(),
    st.just(0.9),
    st.none() | st.integers(200, 9000),
    st.integers(0, 40 * DAY_MS),
    st.booleans(),
)


@given(st.lists(ATTEMPTS, max_size=60))
def test_it_comes_back_exactly_as_it_was(history: list[Attempt]) -> None:
    knowledge = Knowledge.of(sorted(history, key=lambda each: each.at_ms))
    again = from_json(to_json(knowledge))
    assert again == knowledge and list(again.memories) == list(knowledge.memories)


def random_history(chance: random.Random, drills: int) -> list[tuple[int, list[Attempt]]]:
    """Make drills with their start times; one answer in four is wrong, half of the wrong ones were misheard."""
    history, at_ms = [], NOON_MS
    for _ in range(drills):
        at_ms += chance.randrange(3 * DAY_MS)
        begins_ms, attempts = at_ms, []
        for _ in range(chance.randrange(1, 12)):
            at_ms += chance.randrange(2000, 9000)
            fact, verdict = chance.choice(FACTS), chance.choice([*Verdict, Verdict.CORRECT, Verdict.WRONG])
            attempts.append(Attempt(fact, verdict, None, 0.9, chance.choice([None, 800, 2500, 7000]), at_ms))
            if chance.random() < 0.2:
                about = chance.choice(FACTS)
                attempts.append(Attempt(about, Verdict.CORRECT, about.answer, 1.0, None, at_ms + 1, True))
        history.append((begins_ms, attempts))
    return history


def write(store: Store, learner: int, begins_ms: int, attempts: Sequence[Attempt]) -> None:
    drill = a_drill(learner, begins_ms)
    store.write([drill, *(Entry(drill.id, turn, attempt) for turn, attempt in enumerate(attempts, 1))])


def of_all(store: Store, learner: int) -> Knowledge:
    return Knowledge.of(store.attempts_of(learner))


@pytest.mark.parametrize("seed", range(8))
def test_a_snapshot_and_the_rest_are_all(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    for begins_ms, attempts in random_history(chance, 8):
        write(store, learner, begins_ms, attempts)
        if chance.random() < 0.6:
            snapshots.refresh(learner, chance.choice([None, 1, 5]))
        assert snapshots.known(learner).knowledge == of_all(store, learner)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_in_whatever_order_answers_are_written(chance: random.Random, drills: int) -> None:
    """An import, or answers that waited for the database, may be written after later ones."""
    engine = make_engine("sqlite://")
    migrate(engine)
    store, snapshots = Store(engine), Snapshots(engine)
    learner, history = a_learner(store), random_history(chance, drills)
    chance.shuffle(history)
    for begins_ms, attempts in history:
        write(store, learner, begins_ms, attempts)
        snapshots.refresh(learner, chance.choice([None, 3]))
        assert snapshots.known(learner).knowledge == of_all(store, learner)


def some_answers(store: Store, learner: int, answers: int = 20, started_at_ms: int = NOON_MS) -> int:
    return practise(store, learner, [(7, 8, 56), (6, 7, 41)] * (answers // 2), started_at_ms).id


def test_only_what_is_new_is_added(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    some_answers(store, learner)
    snapshots.refresh(learner)
    assert snapshots.known(learner).replayed == 0
    some_answers(store, learner, 4, NOON_MS + DAY_MS)
    known = snapshots.known(learner)
    assert (known.replayed, known.attempts) == (4, 24)


def test_a_long_history_is_added_bit_by_bit(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    for day in range(10):
        some_answers(store, learner, 20, NOON_MS + day * DAY_MS)
    rounds = 1
    while snapshots.refresh(learner, most=50):
        assert (known := snapshots.known(learner)).attempts == 200 and known.replayed < 200
        rounds += 1
    assert rounds == 4
    assert snapshots.known(learner).replayed == 0


def test_another_version_of_the_model_begins_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    some_answers(store, learner)
    snapshots.refresh(learner)
    monkeypatch.setattr(module, "MODEL_VERSION", module.MODEL_VERSION + 1)
    assert snapshots.known(learner).replayed == 20
    snapshots.refresh(learner)
    assert snapshots.known(learner).replayed == 0


def test_an_appeal_about_an_answer_in_it_begins_anew(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    drill = a_drill(learner)
    store.write([drill, an_entry(drill, 1, heard=54)])
    snapshots.refresh(learner)
    store.write([an_entry(drill, 1, heard=56, appeal=True, at_ms=NOON_MS + 60_000)])
    known = snapshots.known(learner)
    assert known.replayed == 2 and known.knowledge == of_all(store, learner)
    assert known.knowledge.memories[Fact(7, 8)].latest_right


def test_a_drill_that_is_taken_up_again_is_not_known_yet(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    some_answers(store, learner)
    before = of_all(store, learner)
    drill = some_answers(store, learner, 6, NOON_MS + DAY_MS)
    for _ in range(2):
        assert snapshots.known(learner, but=drill).knowledge == before
        snapshots.refresh(learner)


@pytest.mark.parametrize("content", ["", "[]", "[[],[]]", "[[[1]],[],[0,[]],[null,0]]", "null", "{}"])
def test_one_that_cannot_be_read_is_as_none(store: Store, content: str) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    some_answers(store, learner)
    snapshots.refresh(learner)
    with Session(store.engine) as session, session.begin():
        session.execute(update(SnapshotRow).values(content=content))
    known = snapshots.known(learner)
    assert known.replayed == 20 and known.knowledge == of_all(store, learner)


def kept(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return list(session.scalars(select(SnapshotRow.learner)))


def test_it_goes_with_the_child(store: Store) -> None:
    snapshots, asha, ravi = Snapshots(store.engine), a_learner(store), a_learner(store, "Ravi")
    for learner in (asha, ravi):
        some_answers(store, learner)
        snapshots.refresh(learner)
    known = snapshots.known(asha)
    store.delete_learner(asha)
    assert kept(store.engine) == [ravi]
    snapshots.keep(known)
    assert kept(store.engine) == [ravi]
    snapshots.forget(ravi)
    assert kept(store.engine) == []


def test_a_learner_without_answers_has_no_snapshot(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    snapshots.refresh(learner)
    assert kept(store.engine) == [] and snapshots.known(learner).knowledge == Knowledge()


def test_no_snapshot_is_made_while_a_drill_may_be_taken_up_again(store: Store) -> None:
    snapshots, asha, ravi, _ = Snapshots(store.engine), *(a_learner(store, name) for name in ("Asha", "Ravi", "Meera"))
    for learner in (asha, ravi):
        some_answers(store, learner)
    store.write([Unfinished("key", asha, "{}", NOON_MS)])
    assert set(snapshots.learners()) == {asha, ravi}
    for learner in (asha, ravi):
        snapshots.refresh(learner)
    assert kept(store.engine) == [ravi]
    store.write([Unfinished("key", asha, None, NOON_MS)])
    snapshots.refresh(asha)
    assert set(kept(store.engine)) == {asha, ravi}


def test_the_background_makes_them_all_bit_by_bit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 20)
    snapshots, learners = Snapshots(store.engine), [a_learner(store, name) for name in ("Asha", "Ravi")]
    for learner in learners:
        for day in range(3):
            some_answers(store, learner, 20, NOON_MS + day * DAY_MS)
    tasks = SnapshotTasks(snapshots, inline)
    tasks.refresh_all()
    for _ in range(2 * 4):  # the fourth finds no more work
        assert sum(snapshots.known(learner).replayed for learner in learners) > 0 or _ >= 6
        tasks.work()
    for learner in learners:
        known = snapshots.known(learner)
        assert known.replayed == 0 and known.knowledge == of_all(store, learner)


def test_what_a_start_took_long_to_find_out_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTH_KEEPING", 10)
    snapshots, asha, ravi = Snapshots(store.engine), a_learner(store), a_learner(store, "Ravi")
    some_answers(store, asha, 10)
    some_answers(store, ravi, 12)
    tasks = SnapshotTasks(snapshots, inline)
    for learner in (asha, ravi):
        tasks.keep(snapshots.known(learner))
    for _ in range(2):
        tasks.work()
    assert kept(store.engine) == [ravi]


def test_what_a_start_found_out_is_not_lost_because_there_is_more_to_do(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    for day in range(16):
        some_answers(store, learner, 20, NOON_MS + day * DAY_MS)
    tasks = SnapshotTasks(snapshots, inline)
    tasks.keep(snapshots.known(learner))
    store.write([Unfinished("key", learner, "{}", NOON_MS)])
    tasks.refresh_all()
    tasks.work()
    assert snapshots.known(learner).replayed == 0


def test_without_an_answer_that_is_gone(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    some_answers(store, learner)
    gone = some_answers(store, learner, 6, NOON_MS + DAY_MS)
    some_answers(store, learner, 8, NOON_MS + 2 * DAY_MS)
    snapshots.refresh(learner)
    with Session(store.engine) as session, session.begin():
        session.execute(delete(DrillRow).filter_by(id=gone))
    known = snapshots.known(learner)
    assert known.replayed == 28 and known.knowledge == of_all(store, learner)


def test_a_snapshot_that_cannot_be_written_is_only_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    learner = a_learner(store)
    some_answers(store, learner)

    def broken(function: Callable[..., object], *arguments: object) -> object:
        raise OSError("the disk is gone")

    tasks = SnapshotTasks(Snapshots(store.engine), broken)
    tasks.refresh(learner)
    tasks.work()
    assert "the disk is gone" in caplog.text


def test_a_drill_that_is_taken_up_again_finds_the_snapshot_of_its_beginning(store: Store) -> None:
    snapshots, learner = Snapshots(store.engine), a_learner(store)
    some_answers(store, learner)
    snapshots.refresh(learner)
    drill = some_answers(store, learner, 6, NOON_MS + DAY_MS)
    assert snapshots.known(learner, but=drill).replayed == 0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 4), st.integers(-600, 600)), max_size=8))
def test_answers_from_the_future_are_in_no_snapshot(drills: list[tuple[int, int, int]]) -> None:
    """Whatever the clock said when the snapshot was made, and whatever it says now."""
    engine = make_engine("sqlite://")
    migrate(engine)
    clock = {"now_ms": NOON_MS}
    store, snapshots = Store(engine), Snapshots(engine, lambda: clock["now_ms"])
    learner = a_learner(store)
    for day, answers, clock_day in drills:
        practise(store, learner, [(7, 8, 56)] * answers, NOON_MS + day * DAY_MS)
        clock["now_ms"] = NOON_MS + clock_day * DAY_MS
        believed = believable(store.attempts_of(learner), clock["now_ms"])
        assert snapshots.known(learner).knowledge == Knowledge.of(believed)
        snapshots.refresh(learner)
        assert snapshots.known(learner).knowledge == Knowledge.of(believed)
