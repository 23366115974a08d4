"""The quicker unmasking of WebSocket messages does what the standard says; offloaded work comes back."""

import inspect
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.web.concurrency import Mode, apply_mask, choose_concurrency


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Executor]:
    """A process of its own: eventlet's hub and threads stay in one for as long as it lives."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        yield process


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4), st.integers(0, 70_000))
def test_each_byte_meets_the_mask_s_byte_at_its_place(data: bytes, mask: bytes, offset: int) -> None:
    assert apply_mask(data, mask, offset=offset) == bytes(byte ^ mask[(offset + i) % 4] for i, byte in enumerate(data))


def test_only_so_much_as_is_asked_for() -> None:
    assert apply_mask(b"abcdef", bytes(4), length=2) == b"ab"


def test_eventlet_uses_it(elsewhere: Executor) -> None:
    source, is_ours = elsewhere.submit(how_eventlet_unmasks).result()
    assert is_ours
    assert "self._apply_mask(" in source, "eventlet has changed"


@pytest.mark.parametrize("how", ["offload", "recognise"])
@pytest.mark.parametrize("mode", ["threading", "eventlet"])
def test_work_elsewhere_returns_its_result_and_its_errors(elsewhere: Executor, mode: Mode, how: str) -> None:
    assert elsewhere.submit(divided, mode, how, 7, 2).result() == (3, 1)
    with pytest.raises(ZeroDivisionError):
        elsewhere.submit(divided, mode, how, 7, 0).result()


def test_green_threads_go_on_while_the_recogniser_works(elsewhere: Executor) -> None:
    assert elsewhere.submit(many_recognised_at_once, 50).result() == list(range(50))


def test_the_recogniser_does_not_wait_behind_other_work(elsewhere: Executor) -> None:
    """Passphrases that are checked, certificates, exports: as many as you like."""
    assert elsewhere.submit(recognised_while_all_else_is_at_work).result()


def how_eventlet_unmasks() -> tuple[str, bool]:
    """The source of its WebSocket, and whether that has our way to do it."""
    choose_concurrency("eventlet")
    from eventlet.websocket import RFC6455WebSocket

    return inspect.getsource(RFC6455WebSocket), RFC6455WebSocket._apply_mask is apply_mask


def divided(mode: Mode, how: str, dividend: int, divisor: int) -> Any:
    return getattr(choose_concurrency(mode), how)(divmod, dividend, divisor)


def many_recognised_at_once(count: int) -> list[int]:
    """None can end before all have begun to wait: whoever waits must not hold up the others."""
    concurrency = choose_concurrency("eventlet")
    from eventlet import GreenPool

    all_wait = threading.Event()

    def one(number: int) -> int:
        if number == count - 1:
            all_wait.set()
        return concurrency.recognise(lambda: all_wait.wait(10) and number)

    return list(GreenPool(count).imap(one, range(count)))


def recognised_while_all_else_is_at_work() -> bool:
    concurrency = choose_concurrency("eventlet")
    from eventlet import spawn

    is_recognised = threading.Event()
    others = [spawn(concurrency.offload, is_recognised.wait, 10) for _ in range(40)]
    concurrency.recognise(is_recognised.set)
    return all(other.wait() for other in others)


def test_no_resolver_of_names_is_loaded(elsewhere: Executor) -> None:
    """It takes 15 MB, and is not asked."""
    assert not elsewhere.submit(resolvers_loaded).result()


def resolvers_loaded() -> list[str]:
    choose_concurrency("eventlet")
    return [name for name in sys.modules if name.split(".")[0] == "dns"]
