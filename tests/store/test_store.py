"""What the store keeps of learners and answers, and what it deletes."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.drill.judging import Verdict
from server.store.errors import StoreError
from server.store.models import LearnerRow
from server.store.records import Entry, Sample
from server.store.store import RECENT_DRILLS, Store
from tests.store.making import NOON_MS, a_drill, a_learner, an_entry, practise


def refusal(code: str) -> "pytest.RaisesExc[StoreError]":
    return pytest.raises(StoreError, check=lambda error: error.code == code)


def test_learners_are_listed_by_class_and_nickname(store: Store) -> None:
    ravi, asha, meera = (a_learner(store, *who) for who in [("रवी", "2A"), ("Asha", "2A"), ("Meera", "2B")])
    assert [learner.id for learner in store.learners("2A")] == [asha, ravi]
    assert {learner.id for learner in store.learners()} == {ravi, asha, meera}
    assert store.classes() == ["2A", "2B"]


def test_a_learner_is_changed(store: Store) -> None:
    learner = store.learner(a_learner(store))
    changed = replace(learner, nickname="Aasha", picture="lion", class_name="3A", language="hi")
    store.change_learner(changed)
    assert store.learner(learner.id) == changed
    assert store.classes() == ["3A"]


def test_a_class_takes_its_learners_along(store: Store) -> None:
    learner = a_learner(store, class_name="2A")
    store.add_class("2B")
    with refusal("class_exists"):
        store.rename_class("2A", "2B")
    store.rename_class("2A", "3A")
    assert store.learner(learner).class_name == "3A"
    store.delete_class("3A")
    assert store.learner(learner).class_name is None
    with refusal("unknown_class"):
        store.rename_class("3A", "4A")


def test_a_missing_learner_is_unknown(store: Store) -> None:
    gone = store.learner(a_learner(store))
    store.delete_learner(gone.id)
    for action in (
        lambda: store.learner(gone.id),
        lambda: store.delete_learner(gone.id),
        lambda: store.change_learner(gone),
        lambda: store.set_consent(gone.id, NOON_MS),
    ):
        with refusal("unknown_learner"):
            action()


def test_attempts_come_back_as_they_were_in_order(store: Store) -> None:
    drill = a_drill(a_learner(store))
    entries = [
        an_entry(drill, 1),
        an_entry(drill, 2, heard=54),
        an_entry(drill, 3, heard=None, response_ms=None),
        an_entry(drill, 4, heard=None, verdict=Verdict.UNSURE),
        an_entry(drill, 2, appeal=True, at_ms=NOON_MS + 30_000),
    ]
    store.write([drill])
    store.write(entries[3:])
    store.write(entries[:3])
    assert store.attempts_of(drill.learner or 0) == [entry.attempt for entry in entries]


def test_the_recent_right_answers_are_those_in_one_language_with_one_recogniser(store: Store) -> None:
    learner = a_learner(store)
    drills = [a_drill(learner, NOON_MS + number) for number in range(RECENT_DRILLS + 1)]
    others = [
        replace(a_drill(learner, NOON_MS - 1), language="hi"),
        replace(a_drill(learner, NOON_MS - 1), engine="vosk"),
        a_drill(a_learner(store, "Ravi"), NOON_MS - 1),
    ]
    entries = [entry for drill in drills for entry in (an_entry(drill, 1), an_entry(drill, 2, heard=54))]
    store.write([*reversed(drills), *others, *entries, *(an_entry(drill, 1) for drill in others)])
    right = [entry.attempt for entry in entries if entry.attempt.verdict is Verdict.CORRECT]
    assert store.recent_right_answers(learner, "mr", "numbers") == right[1:]
    assert store.recent_right_answers(learner, "mr", "numbers", but=drills[-1].id) == right[:-1]
    assert store.recent_right_answers(learner + 1, "mr", "numbers") == []


def test_of_a_guest_nothing_but_the_drill_is_kept(store: Store) -> None:
    drill = practise(store, None, [(7, 8, 56)])
    learner = a_learner(store)
    store.write([replace(drill, learner=learner)])
    assert store.attempts_of(learner) == []


def test_a_deleted_learner_is_forgotten_wholly(store: Store) -> None:
    asha, ravi = a_learner(store, "Asha"), a_learner(store, "Ravi")
    drill, other = practise(store, asha, [(7, 8, 56)]), practise(store, ravi, [(7, 8, 56)])
    store.set_consent(asha, NOON_MS)
    store.add_sample(Sample("samples/1.wav", asha, 56, NOON_MS))
    store.delete_learner(asha)
    # Her drill may still be in progress.
    store.write([drill, an_entry(drill, 2), an_entry(other, 2)])
    assert store.attempts_of(asha) == [] and store.samples(asha) == []
    assert len(store.attempts_of(ravi)) == 2


def test_no_trace_of_a_deleted_learner_is_on_the_disk(store: Store) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL overwrites in its own time (vacuum)")
    learner = a_learner(store, "Aashatai")
    files = [f"{store.engine.url.database}{ending}" for ending in ("", "-wal")]

    def on_disk() -> bool:
        return any(b"Aashatai" in open(name, "rb").read() for name in files)

    assert on_disk()
    store.delete_learner(learner)
    assert not on_disk()


def test_a_reader_only_puts_off_that_a_deleted_learner_leaves_the_log(store: Store) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL overwrites in its own time (vacuum)")
    learner = a_learner(store, "Aashatai")

    def in_log() -> bool:
        return b"Aashatai" in Path(f"{store.engine.url.database}-wal").read_bytes()

    with store.engine.connect() as reader:
        reader.execute(select(LearnerRow.id)).all()
        store.delete_learner(learner)
        store.empty_log()
        assert in_log()
    store.empty_log()
    assert not in_log()


def test_samples_need_consent(store: Store) -> None:
    learner = a_learner(store)
    sample = Sample("samples/1.wav", learner, 56, NOON_MS)
    with refusal("no_consent"):
        store.add_sample(sample)
    assert store.set_consent(learner, NOON_MS) == []
    store.add_sample(sample)
    assert store.samples(learner) == [sample]
    assert store.set_consent(learner, None) == ["samples/1.wav"]
    assert store.samples(learner) == []


def test_settings(store: Store) -> None:
    assert store.setting("teacher_hash") is None
    store.set_setting("teacher_hash", "$argon2id$a")
    store.set_setting("teacher_hash", "$argon2id$b")
    assert store.setting("teacher_hash") == "$argon2id$b"
    store.set_setting("teacher_hash", None)
    assert store.setting("teacher_hash") is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_each_answer_is_kept_exactly_once_however_it_is_written(store: Store, data: st.DataObject) -> None:
    """Pieces are written again, out of order and overlapping, with the drill repeated among them."""
    drill = a_drill(a_learner(store))
    entries = [
        an_entry(drill, turn, heard=heard, appeal=appeal)
        for turn, (heard, appeal) in enumerate(data.draw(st.lists(st.tuples(st.integers(1, 100), st.booleans()))), 1)
    ]
    pieces = data.draw(st.lists(st.lists(st.sampled_from(entries)))) if entries else []
    store.write([drill])
    for piece in pieces:
        store.write([drill, *piece])
    written: set[Entry] = {entry for piece in pieces for entry in piece}
    assert store.attempts_of(drill.learner or 0) == [entry.attempt for entry in entries if entry in written]
