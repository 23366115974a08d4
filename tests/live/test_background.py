"""Tasks that run as long as the server."""

import pytest

from server.live.background import repeat


class Stopped(BaseException):
    """Ends the server."""


def test_what_fails_is_tried_again() -> None:
    slept: list[float] = []
    done = []

    def sleep(seconds: float) -> None:
        if len(slept) == 3:
            raise Stopped
        slept.append(seconds)

    def act() -> None:
        done.append(len(slept))
        if len(slept) == 1:
            raise RuntimeError("the disk is away for a moment")

    with pytest.raises(Stopped):
        repeat(sleep, 0.5, act)
    assert (slept, done) == ([0.5] * 3, [1, 2, 3])
