"""Order, bounds and one worker at a time, with real threads."""

import threading

from server.web.mailbox import Mailbox


def spawn(function) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


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

    mailbox = Mailbox(handle, spawn, capacity=10_000)
    for item in range(10_000):
        assert mailbox.put(item)
    assert all_done.wait(10)
    assert seen == list(range(10_000))


def test_a_full_box_refuses_and_keeps_what_it_has() -> None:
    gate, done, seen = threading.Event(), threading.Event(), []

    def handle(item: int) -> None:
        gate.wait(10)
        seen.append(item)
        if len(seen) == 4:
            done.set()

    taken = threading.Event()
    mailbox = Mailbox(lambda item: (taken.set(), handle(item)), spawn, capacity=3)
    assert mailbox.put(0)
    assert taken.wait(10)  # the worker holds the first, the box can take three more
    assert [mailbox.put(item) for item in (1, 2, 3, 4)] == [True, True, True, False]
    gate.set()
    assert done.wait(10)
    assert seen == [0, 1, 2, 3]
