"""The quicker unmasking of WebSocket messages does what the standard says; offloaded work comes back."""

import inspect
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.web.concurrency import Mode, choose_concurrency
from server.web.serving.mask import apply_mask


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
    assert "self._apply_mask(" in elsewhere.submit(how_eventlet_unmasks).result(), "eventlet has changed"


@pytest.mark.parametrize("mode", ["threading", "eventlet"])
def test_offloaded_work_returns_its_result_and_its_errors(elsewhere: Executor, mode: Mode) -> None:
    assert elsewhere.submit(divided_by_offloading, mode, 7, 2).result() == (3, 1)
    with pytest.raises(ZeroDivisionError):
        elsewhere.submit(divided_by_offloading, mode, 7, 0).result()


def how_eventlet_unmasks() -> str:
    from eventlet.websocket import RFC6455WebSocket

    return inspect.getsource(RFC6455WebSocket)


def divided_by_offloading(mode: Mode, dividend: int, divisor: int) -> Any:
    return choose_concurrency(mode).offload(divmod, dividend, divisor)
