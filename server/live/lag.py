"""Tell a standing lag from a burst, as CoDel does: a standing one never goes away in between."""

BEHIND_MS = 300.0
"""From this lateness on verdicts come noticeably late."""
STANDING_MS = 2000.0
"""A lag of this duration is a standing one."""


class Lag:
    """How late the server is. Times in ms of one clock."""

    def __init__(self) -> None:
        self._behind_since_ms: float | None = None

    def note(self, late_ms: float, now_ms: float) -> None:
        """Note how late something was done just now. Call it all the time."""
        if late_ms < BEHIND_MS:
            self._behind_since_ms = None
        elif self._behind_since_ms is None:
            self._behind_since_ms = now_ms

    def is_standing(self, now_ms: float) -> bool:
        """Whether everything has been late for a while. One more drill makes it worse for all."""
        return self._behind_since_ms is not None and now_ms - self._behind_since_ms >= STANDING_MS
