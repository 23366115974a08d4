"""The teacher's sessions: they end on logging out, after half an hour without a click, or after half a day."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from ...clock import utc_ms
from ...store.records import key_of
from ...store.sessions import Sessions as KeptSessions

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
IDLE_MS, LONGEST_MS = (round(each.total_seconds() * 1000) for each in (IDLE, LONGEST))
# How often the last use of a session is stored.
NOTED_MS = 60_000


class Sessions:
    """Opens, extends and ends sessions. Every method blocks. A step of the clock may end a session early."""

    def __init__(self, kept: KeptSessions, now_ms: Callable[[], int] = utc_ms) -> None:
        self._kept, self._now_ms = kept, now_ms

    def open(self) -> str:
        """Open a session. Returns its id, for the cookie."""
        session_id, now_ms = secrets.token_urlsafe(32), self._now_ms()
        self._kept.open(key_of(session_id), now_ms, now_ms - LONGEST_MS)
        return session_id

    def goes_on(self, session_id: object) -> bool:
        """Tell whether a session is open. Asking counts as use."""
        if not isinstance(session_id, str):
            return False
        times_ms = self._kept.times_ms(key_of(session_id))
        if times_ms is None:
            return False
        opened_ms, used_ms = times_ms
        now_ms = self._now_ms()
        if abs(now_ms - used_ms) > IDLE_MS or now_ms - opened_ms > LONGEST_MS:
            return False
        if abs(now_ms - used_ms) > NOTED_MS:
            self._kept.use(key_of(session_id), now_ms)
        return True

    def end(self, session_id: object) -> None:
        if isinstance(session_id, str):
            self._kept.end(key_of(session_id))

    def end_all(self) -> None:
        self._kept.end()
