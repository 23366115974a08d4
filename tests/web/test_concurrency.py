"""The quicker unmasking of WebSocket messages does what the standard says."""

import inspect

from hypothesis import given
from hypothesis import strategies as st
from server.web.concurrency import apply_mask, choose_concurrency


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4), st.integers(0, 70_000))
def test_each_byte_meets_the_mask_s_byte_at_its_place(data: bytes, mask: bytes, offset: int) -> None:
    assert apply_mask(data, mask, offset=offset) == bytes(byte ^ mask[(offset + i) % 4] for i, byte in enumerate(data))


def test_only_so_much_as_is_asked_for() -> None:
    assert apply_mask(b"abcdef", bytes(4), length=2) == b"ab"


def test_eventlet_uses_it() -> None:
    choose_concurrency("eventlet")
    from eventlet.websocket import RFC6455WebSocket

    assert RFC6455WebSocket._apply_mask is apply_mask
    assert "self._apply_mask(" in inspect.getsource(RFC6455WebSocket), "eventlet has changed"


def test_offloaded_work_returns_its_result_and_its_errors() -> None:
    for mode in ("threading", "eventlet"):
        offload = choose_concurrency(mode).offload
        assert offload(divmod, 7, 2) == (3, 1)
        try:
            offload(divmod, 7, 0)
        except ZeroDivisionError:
            continue
        raise AssertionError("the error was lost")
