"""Limit how much a sender may send: a token bucket that can be overdrawn."""


class TokenBucket:
    """Full at first. The time, the rate and the size are arguments, because they may change while it is in use."""

    __slots__ = ("_at_ms", "_used")

    def __init__(self) -> None:
        self._used = 0.0
        self._at_ms = 0.0

    def take(self, tokens: float, per_s: float, burst: float, now_ms: float) -> float:
        """Take `tokens`, into debt if there are too few. Returns the seconds until the debt is paid, 0 without debt."""
        self._used = max(0.0, self._used - (now_ms - self._at_ms) / 1000 * per_s) + tokens
        self._at_ms = now_ms
        return max(0.0, self._used - burst) / per_s

    def try_take(self, per_s: float, burst: float, now_ms: float) -> bool:
        """Take one token if there is one."""
        is_there = not self.take(1, per_s, burst, now_ms)
        if not is_there:
            self._used -= 1
        return is_there

    def is_full(self, per_s: float, now_ms: float) -> bool:
        return self._used <= (now_ms - self._at_ms) / 1000 * per_s
