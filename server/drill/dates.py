"""Decide which dates of answers are believed: a computer without internet or battery may have a wrong clock.

An answer from the future is left out until that time has come. If most answers lie in the future, the present is wrong,
and all are believed. An answer more than `LONGEST_DAYS` after the one before proves nothing about memory: either the
child did not practise for a year, or the clock was wrong in between.
"""

from collections.abc import Sequence
from math import inf

from .attempt import Attempt

DAY_MS = 86_400_000
# Covers time zones and small corrections of the clock.
AHEAD_MS = DAY_MS
# A school year with its holidays.
LONGEST_DAYS = 365


def believed_until(now_ms: float, earlier: int, later: int) -> float:
    """Return the time up to which answers are believed, given how many lie before and after now + AHEAD_MS."""
    return now_ms + AHEAD_MS if earlier >= later else inf


def believable(attempts: Sequence[Attempt], now_ms: float) -> Sequence[Attempt]:
    """Return the attempts without those from the future."""
    later = sum(attempt.at_ms > now_ms + AHEAD_MS for attempt in attempts)
    limit_ms = believed_until(now_ms, len(attempts) - later, later)
    return [attempt for attempt in attempts if attempt.at_ms <= limit_ms] if later else attempts


def proves_memory(days: int) -> bool:
    """Tell whether an answer this many days after the one before says anything about memory over that time."""
    return 0 < days <= LONGEST_DAYS
