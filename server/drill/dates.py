"""Which dates of answers are believed: a computer without internet or battery has a wrong clock now and then.

An answer from the future is left out for as long as it is one. Where most answers lie in the future, it is the present
that is wrong, and all are believed. What lies longer ago than `LONGEST_DAYS` proves nothing about memory: either nobody
practised for a year, or the clock was wrong meanwhile.
"""

from collections.abc import Sequence
from math import inf

from .attempt import Attempt

DAY_MS = 86_400_000
# Time zones and small corrections of the clock.
AHEAD_MS = DAY_MS
# A school year with its holidays.
LONGEST_DAYS = 365


def believed_until(now_ms: float, earlier: int, later: int) -> float:
    """Up to when answers are believed, where so many are `earlier` and `later` than AHEAD_MS from now."""
    return now_ms + AHEAD_MS if earlier >= later else inf


def believable(attempts: Sequence[Attempt], now_ms: float) -> Sequence[Attempt]:
    """The attempts without those from the future."""
    later = sum(attempt.at_ms > now_ms + AHEAD_MS for attempt in attempts)
    limit_ms = believed_until(now_ms, len(attempts) - later, later)
    return [attempt for attempt in attempts if attempt.at_ms <= limit_ms] if later else attempts


def proves_memory(days: int) -> bool:
    """Whether an answer so many days after the one before it says anything about what is remembered over that time."""
    return 0 < days <= LONGEST_DAYS
