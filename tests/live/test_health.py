"""The findings of /healthz and of the service's watchdog, in virtual time."""

import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import pytest

from server.live.concurrency import choose_concurrency
from server.live.health import (
    FAILED,
    LATE_MS,
    LOOK_EVERY_S,
    OK,
    SLOW,
    STARTING,
    STUCK,
    STUCK_AFTER_MS,
    TOLD_FOR_MS,
    Health,
    Probe,
)

STEP_MS = LOOK_EVERY_S * 1000
Task = Callable[[], None]


class Watched:
    """A part whose probe returns when the test lets it, with the clock of the code that waits for it."""

    def __init__(self, **probe: Any) -> None:
        self.now_ms = 0.0
        self.under_way: list[Task] = []
        self.answer: Callable[[], str | None] = lambda: None
        self.health = Health(
            {"part": Probe(lambda: self.answer(), self.under_way.append, **probe)}, lambda: self.now_ms
        )

    def look(self, comes_back: bool = True, later_ms: float = STEP_MS) -> str:
        self.now_ms += later_ms
        self.health.look()
        while comes_back and self.under_way:
            self.under_way.pop()()
        return self.health.findings["part"]


def failing() -> str | None:
    raise ValueError("of a part that we did not think of")


def test_nothing_is_claimed_before_a_probe_came_back() -> None:
    watched = Watched()
    assert watched.health.findings == {"part": STARTING, "loop": STARTING} and not watched.health.is_live
    assert watched.look(comes_back=False) == STARTING and not watched.health.is_live


def test_what_takes_its_time_is_not_waited_for() -> None:
    watched = Watched(stuck_after_ms=None)
    assert watched.look(comes_back=False) == OK and watched.health.is_live
    assert watched.look(comes_back=False, later_ms=100 * STUCK_AFTER_MS) == OK and watched.health.is_live


@pytest.mark.parametrize(
    ("answer", "found"), [(lambda: None, OK), (lambda: "store_locked", "store_locked"), (failing, FAILED)]
)
def test_what_a_probe_found_is_told_and_no_reason_to_start_anew(answer: Callable[[], str | None], found: str) -> None:
    watched = Watched()
    watched.answer = answer
    assert watched.look() == found
    assert watched.health.is_live
    watched.answer = lambda: None
    assert watched.look(later_ms=2 * STEP_MS) == OK


def test_a_probe_that_does_not_come_back_is_stuck_until_it_does() -> None:
    watched = Watched()
    watched.look()
    watched.look(comes_back=False, later_ms=2 * STEP_MS)
    for _ in range(int(STUCK_AFTER_MS / STEP_MS)):
        assert watched.health.is_live and watched.look(comes_back=False) == OK
    assert watched.look(comes_back=False) == STUCK and not watched.health.is_live
    # No further probes pile up behind it.
    assert len(watched.under_way) == 1
    watched.under_way.pop()()
    assert watched.health.findings["part"] == OK and watched.health.is_live


def test_a_probe_is_sent_out_at_its_own_pace() -> None:
    watched = Watched(every_ms=5 * STEP_MS)
    sent = []
    for _ in range(11):
        watched.look(comes_back=False)
        sent.append(len(watched.under_way))
        while watched.under_way:
            watched.under_way.pop()()
    assert sent == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_a_loop_that_lags_is_told_of_for_a_while() -> None:
    watched = Watched()
    watched.look()
    watched.look(later_ms=STEP_MS + LATE_MS)
    assert watched.health.findings["loop"] == OK
    watched.now_ms += STEP_MS + LATE_MS + 1
    assert watched.health.findings["loop"] == SLOW, "it lags just now"
    watched.look(later_ms=0)
    for _ in range(int(TOLD_FOR_MS / STEP_MS) - 1):
        watched.look()
        assert watched.health.findings["loop"] == SLOW and watched.health.is_live
    watched.look()
    assert watched.health.findings["loop"] == OK


def test_a_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    watched = Watched()
    for answer in ("store_locked", "store_locked", None, None):
        watched.answer = partial(str, answer) if answer else lambda: None
        watched.look(later_ms=2 * STEP_MS)
        watched.look()
    assert [record.getMessage() for record in caplog.records] == [
        "health of the part: store_locked",
        "health of the part: ok",
    ]


@pytest.mark.parametrize("kind", ["recognise", "offload_store"])
def test_threads_that_hang_are_stuck(kind: str) -> None:
    """Eventlet's threads hang here, so the test runs in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        assert elsewhere.submit(found_of_threads_that_hang, kind).result(60) == [(OK, True), (STUCK, False), (OK, True)]


def found_of_threads_that_hang(kind: str) -> list[tuple[str, bool]]:
    work = getattr(choose_concurrency("eventlet"), kind)
    import eventlet

    now = [0.0]
    health = Health({"threads": Probe(lambda: work(lambda: None), eventlet.spawn)}, lambda: now[0])
    seen = []

    def look(later_ms: float) -> None:
        now[0] += later_ms
        health.look()
        eventlet.sleep(0.2)
        seen.append((health.findings["threads"], health.is_live))

    look(0)
    hang = threading.Event()
    # More than any machine has threads.
    hanging = [eventlet.spawn(work, hang.wait) for _ in range(64)]
    eventlet.sleep(0.2)
    now[0] += 2 * STEP_MS
    health.look()
    look(STUCK_AFTER_MS + 1)
    hang.set()
    for each in hanging:
        each.wait()
    look(STEP_MS)
    return seen
