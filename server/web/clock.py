"""The two clocks: one to measure with, one to date with."""

import time


def now_ms() -> float:
    """Only goes forward, from an unknown beginning: the time of everything that goes on."""
    return time.monotonic() * 1000


def utc_ms() -> int:
    """Since 1970, UTC; may jump. The time of everything that is kept."""
    return time.time_ns() // 1_000_000
