"""The queue's order, and one worker at a time, with real threads."""

import threading
from collections.abc import Callable
from itertools import chain, repeat

import pytest

from server.live.serial_queue import SerialQueue


def spawn(function: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def test_work_that_fails_or_finds_no_worker_stops_nothing() -> None:
    seen: list[int] = []
    all_done = threading.Event()

    def handle(item: int) -> None:
        seen.append(item)
        if item == 1:
            raise RuntimeError("a mistake of ours")
        if item == 3:
            all_done.set()

    # A worker that has finished ends: the next item may need another one.
    workers = chain([None], repeat(threading.Thread))

    def spawn_the_second_time(function: Callable[[], None]) -> None:
        if next(workers) is None:
            raise RuntimeError("can't start new thread")
        spawn(function)

    queue = SerialQueue(handle, spawn_the_second_time)
    with pytest.raises(RuntimeError):
        queue.put(0)
    for item in (1, 2, 3):
        queue.put(item)
    assert all_done.wait(10)
    assert seen == [0, 1, 2, 3]


def test_nothing_is_lost_doubled_or_turned_round_and_one_at_a_time() -> None:
    seen: list[int] = []
    at_work = threading.Semaphore(1)
    all_done = threading.Event()

    def handle(item: int) -> None:
        assert at_work.acquire(blocking=False), "two workers at once"
        seen.append(item)
        at_work.release()
        if item == 9_999:
            all_done.set()

    queue = SerialQueue(handle, spawn)
    for item in range(10_000):
        queue.put(item)
    assert all_done.wait(10)
    assert seen == list(range(10_000))
