"""Order, and one worker at a time, with real threads."""

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

    mailbox = Mailbox(handle, spawn)
    for item in range(10_000):
        mailbox.put(item)
    assert all_done.wait(10)
    assert seen == list(range(10_000))
