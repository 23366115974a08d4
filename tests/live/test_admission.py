"""Admission: a limited number at a time, the others in order."""

import pytest

from server.live.admission import Admission


class Hall:
    """An admission whose tasks run when the test says so."""

    def __init__(self, most: int) -> None:
        self.tasks: list[object] = []
        self.done: list[str] = []
        self.admission = Admission(most, self.tasks.append)

    def wait(self, name: str, does: str | None = None) -> None:
        self.admission.wait(name, lambda: self.done.append(does or name))

    def run(self) -> list[str]:
        while self.tasks:
            self.tasks.pop(0)()  # type: ignore[operator]
        return self.done


def test_the_allowed_number_enters_and_leaving_makes_room() -> None:
    hall = Hall(2)
    assert [hall.admission.enter() for _ in range(3)] == [True, True, False]
    hall.admission.leave()
    assert hall.admission.enter()


def test_waiting_tasks_run_in_order_and_before_later_ones() -> None:
    hall = Hall(1)
    assert hall.admission.enter()
    for name in "abc":
        hall.wait(name)
    assert hall.run() == []
    hall.admission.leave()
    assert not hall.admission.enter()
    assert hall.run() == ["a", "b", "c"]
    assert hall.admission.enter()


def test_never_more_at_work_than_may_be() -> None:
    hall = Hall(2)
    for name in "abcde":
        hall.wait(name)
    assert len(hall.tasks) == 2
    hall.tasks.pop(0)()  # type: ignore[operator]
    assert len(hall.tasks) == 2 and hall.done == ["a"]


def test_asking_again_keeps_the_place_in_the_queue_and_leaving_gives_it_up() -> None:
    hall = Hall(1)
    hall.admission.enter()
    for name in "abc":
        hall.wait(name)
    hall.wait("a", "a again")
    hall.admission.forget("b")
    hall.admission.forget("nobody")
    hall.admission.leave()
    assert hall.run() == ["a again", "c"]


def test_one_that_fails_leaves_its_place_to_the_next() -> None:
    hall = Hall(1)
    hall.admission.wait("a", lambda: 1 / 0)
    hall.wait("b")
    with pytest.raises(ZeroDivisionError):
        hall.run()
    assert hall.run() == ["b"]
