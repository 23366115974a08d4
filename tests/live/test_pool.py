"""The recogniser's pool: work in the order of its deadlines, never late if it must not be, with its own errors."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.pool import Late, Pool

WAIT_S = 10


class Busy:
    """A pool of one thread, busy until `free`, with a clock that stands still."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.done: list[Any] = []
        self.pool = Pool(1, clock=lambda: self.now_s)
        self._may_go_on, is_at_work = threading.Event(), threading.Event()
        self._futures = [self.pool.submit(lambda: (is_at_work.set(), self._may_go_on.wait(WAIT_S)))]
        assert is_at_work.wait(WAIT_S)

    def submit(self, name: Any, within_ms: float | None = None) -> Future[Any]:
        self._futures.append(self.pool.submit(self.done.append, name, within_ms=within_ms))
        return self._futures[-1]

    def free(self) -> None:
        self._may_go_on.set()
        for future in self._futures:
            future.exception(WAIT_S)


@pytest.fixture
def busy() -> Iterator[Busy]:
    one = Busy()
    yield one
    one.free()


def test_what_is_urgent_goes_before_what_can_wait(busy: Busy) -> None:
    busy.submit("partial", within_ms=300)
    for name in ("first", "second"):
        busy.submit(name)
    busy.free()
    assert busy.done == ["first", "second", "partial"]


def test_what_can_wait_goes_before_what_became_urgent_after_its_time(busy: Busy) -> None:
    busy.submit("partial", within_ms=300)
    busy.now_s = 0.3
    busy.submit("later")
    busy.free()
    assert busy.done == ["partial", "later"]


def test_what_cannot_wait_any_longer_is_not_done(busy: Busy) -> None:
    partial, final = busy.submit("partial", within_ms=300), busy.submit("final")
    busy.now_s = 60.0
    busy.free()
    assert busy.done == ["final"]
    assert isinstance(partial.exception(), Late) and final.exception() is None


@given(st.lists(st.tuples(st.integers(0, 500), st.none() | st.integers(0, 500)), max_size=30))
def test_urgent_work_is_never_lost_or_overtaken(arrivals: list[tuple[int, int | None]]) -> None:
    """In any order of arrival: urgent work is done in order; of the rest, all is done or reported late."""
    busy = Busy()
    futures = []
    for number, (after_ms, within_ms) in enumerate(arrivals):
        busy.now_s += after_ms / 1000
        futures.append(busy.submit(number, within_ms))
    busy.free()
    urgent = [number for number, (_, within_ms) in enumerate(arrivals) if within_ms is None]
    assert [number for number in busy.done if number in urgent] == urgent
    late = {number for number, future in enumerate(futures) if isinstance(future.exception(), Late)}
    assert late | set(busy.done) == set(range(len(arrivals))) and not late & set(busy.done)


def test_an_error_comes_back_and_the_thread_goes_on() -> None:
    pool = Pool(1)
    with pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 1, 0).result(WAIT_S)
    assert pool.submit(divmod, 7, 2).result(WAIT_S) == (3, 1)


def test_how_late_it_is(busy: Busy) -> None:
    assert busy.pool.late_ms() == 0.0
    busy.submit("partial", within_ms=300)
    busy.now_s = 0.2
    assert busy.pool.late_ms() == 0.0
    busy.submit("final")
    busy.now_s = 1.2
    assert busy.pool.late_ms() == pytest.approx(1000)
    busy.free()
    assert busy.pool.late_ms() == 0.0
