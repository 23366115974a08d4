"""The faster unmasking of WebSocket messages follows the standard; offloaded work returns."""

import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.concurrency import Mode, choose_concurrency
from server.live.serving.mask import apply_mask

KINDS = ("offload", "recognise", "offload_store", "offload_page", "offload_long", "offload_upkeep")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Executor]:
    """Run a process of its own: eventlet's hub and threads last as long as their process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        yield process


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4), st.integers(0, 70_000))
def test_each_byte_meets_the_mask_s_byte_at_its_place(data: bytes, mask: bytes, offset: int) -> None:
    assert apply_mask(data, mask, offset=offset) == bytes(byte ^ mask[(offset + i) % 4] for i, byte in enumerate(data))


def test_only_so_much_as_is_asked_for() -> None:
    assert apply_mask(b"abcdef", bytes(4), length=2) == b"ab"


def test_eventlet_uses_it(elsewhere: Executor) -> None:
    assert "self._apply_mask(" in elsewhere.submit(how_eventlet_unmasks).result(), "eventlet has changed"


@pytest.mark.parametrize("mode", ["threading", "eventlet"])
@pytest.mark.parametrize("kind", KINDS)
def test_work_elsewhere_returns_its_result_and_its_errors(elsewhere: Executor, mode: Mode, kind: str) -> None:
    assert elsewhere.submit(divided, mode, kind, 7, 2).result() == (3, 1)
    with pytest.raises(ZeroDivisionError):
        elsewhere.submit(divided, mode, kind, 7, 0).result()


def test_green_threads_go_on_while_the_recogniser_works(elsewhere: Executor) -> None:
    assert elsewhere.submit(many_recognised_at_once, 50).result() == list(range(50))


@pytest.mark.parametrize("held_up", KINDS[1:])
def test_a_kind_of_work_that_is_held_up_holds_up_no_other(elsewhere: Executor, held_up: str) -> None:
    """A disk that hangs, or a teacher's export, must not stop the recognisers."""
    others = [kind for kind in KINDS if kind != held_up]
    assert elsewhere.submit(done_while_another_waits, held_up, others).result(60) == [*others, held_up]


def how_eventlet_unmasks() -> str:
    choose_concurrency("eventlet")
    from eventlet.websocket import RFC6455WebSocket

    return inspect.getsource(RFC6455WebSocket)


def divided(mode: Mode, kind: str, dividend: int, divisor: int) -> Any:
    return getattr(choose_concurrency(mode), kind)(divmod, dividend, divisor)


def many_recognised_at_once(count: int) -> list[int]:
    """None can end before all have begun to wait: a waiting one must not delay the others."""
    concurrency = choose_concurrency("eventlet")
    from eventlet import GreenPool

    all_wait = threading.Event()

    def one(number: int) -> int:
        if number == count - 1:
            all_wait.set()
        return concurrency.recognise(lambda: all_wait.wait(10) and number)

    return list(GreenPool(count).imap(one, range(count)))


def test_no_resolver_of_names_is_loaded(elsewhere: Executor) -> None:
    """It would take 15 MB, and is not used."""
    assert not elsewhere.submit(resolvers_loaded).result()


def resolvers_loaded() -> list[str]:
    choose_concurrency("eventlet")
    return [name for name in sys.modules if name.split(".")[0] == "dns"]


def done_while_another_waits(held_up: str, others: list[str]) -> list[str]:
    """Return the order in which work was done if that of one kind ends only after all others."""
    concurrency = choose_concurrency("eventlet")
    from eventlet import spawn

    begun, release, done = threading.Event(), threading.Event(), []

    def wait() -> None:
        begun.set()
        assert release.wait(30)

    def work(kind: str, function: Callable[[], Any]) -> None:
        getattr(concurrency, kind)(function)
        done.append(kind)

    # At most as many as there are threads: one kind is then used up.
    waiting = [spawn(work, held_up, wait) for _ in range(2)]
    concurrency.offload(begun.wait, 30)
    for kind in others:
        work(kind, lambda: None)
    release.set()
    for each in waiting:
        each.wait()
    return done[:-1]
