"""Whether the server is behind for good: a lag that never goes away in between, as CoDel tells it from a burst."""

# Whoever answers is told 0.3 s later then, on top of the silence that ends an answer.
BEHIND_MS = 300.0
STANDING_MS = 2000.0


class Lag:
    """Times in ms of one clock."""

    def __init__(self) -> None:
        self._behind_since_ms: float | None = None

    def note(self, late_ms: float, now_ms: float) -> None:
        """How late something was done just now. To be called all the time."""
        if late_ms < BEHIND_MS:
            self._behind_since_ms = None
        elif self._behind_since_ms is None:
            self._behind_since_ms = now_ms

    def is_standing(self, now_ms: float) -> bool:
        """Whether everything has been late for a while: one more drill makes it worse for all."""
        return self._behind_since_ms is not None and now_ms - self._behind_since_ms >= STANDING_MS
