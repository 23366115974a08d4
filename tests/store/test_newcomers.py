"""Children who add themselves, on both databases."""

import threading
from pathlib import Path

import pytest

from server.store.errors import StoreError
from server.store.exchange import export_file, import_file
from server.store.newcomers import Newcomers
from server.store.store import Store
from tests.store.making import NOON_MS, a_learner


def test_the_same_child_added_by_many_at_once_is_added_once(store: Store) -> None:
    newcomers, start, ends = Newcomers(store.engine), threading.Barrier(6), []

    def join() -> None:
        start.wait()
        try:
            newcomers.join("Asha", "kite", "mr", NOON_MS, 1000)
            ends.append("joined")
        except StoreError as error:
            ends.append(error.code)

    threads = [threading.Thread(target=join) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["joined"] + ["name_taken"] * 5 and len(store.learners()) == 1


def test_there_is_a_bound_for_all_together(store: Store) -> None:
    newcomers = Newcomers(store.engine)
    for name in ("Asha", "Ravi"):
        newcomers.join(name, "kite", "mr", NOON_MS, 2)
    with pytest.raises(StoreError) as refused:
        newcomers.join("Meera", "kite", "mr", NOON_MS, 2)
    assert refused.value.code == "may_not_join"


def test_newcomers_wait_until_an_adult_keeps_or_deletes_them(store: Store) -> None:
    newcomers = Newcomers(store.engine)
    asha, ravi, meera = (newcomers.join(name, "kite", "mr", NOON_MS, 10).id for name in ("Asha", "Ravi", "Meera"))
    a_learner(store, "Added by the teacher")
    assert newcomers.waiting() == {asha, ravi, meera}
    newcomers.welcome([asha, 12345])
    store.delete_learner(ravi)
    assert newcomers.waiting() == {meera}
    newcomers.welcome([])
    assert newcomers.waiting() == {meera} and len(store.learners()) == 3


def test_imported_learners_are_not_newcomers(store: Store, tmp_path: Path) -> None:
    newcomers = Newcomers(store.engine)
    learner = newcomers.join("Asha", "kite", "mr", NOON_MS, 10).id
    export_file(store.engine, tmp_path / "all.json")
    store.delete_learner(learner)
    import_file(store.engine, tmp_path / "all.json")
    assert store.learner(learner) and newcomers.waiting() == set()
