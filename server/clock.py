"""Two clocks: one measures, one dates."""

import time

# time.monotonic() stands still while Linux or macOS sleeps: yesterday's drill would go on as if no time had passed.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def now_ms() -> float:
    """Milliseconds from an unknown start. Never goes back; counts the computer's sleep. For everything in progress."""
    return time.monotonic() * 1000 if _CLOCK is None else time.clock_gettime_ns(_CLOCK) / 1e6


def utc_ms() -> int:
    """Milliseconds since 1970, UTC. May jump. For everything that is stored."""
    return time.time_ns() // 1_000_000
