"""The two clocks: one to measure with, one to date with."""

import time

# time.monotonic() stands still while a Linux or a macOS sleeps: a drill of yesterday would go on as if it were today.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def now_ms() -> float:
    """Only goes forward, also in a computer's sleep, from an unknown beginning: the time of everything that goes on."""
    return time.monotonic() * 1000 if _CLOCK is None else time.clock_gettime_ns(_CLOCK) / 1e6


def utc_ms() -> int:
    """Since 1970, UTC; may jump. The time of everything that is kept."""
    return time.time_ns() // 1_000_000
