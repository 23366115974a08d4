"""Slow down guesses of passphrase, PIN and code."""

import logging
import math
import threading
import time
from collections.abc import Callable

from limits import parse, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.exc import DBAPIError

from ... import security
from ...live.serving.networks import network_of
from ...store.records import new_id
from ...store.tries import KeptTries, Try

logger = logging.getLogger(__name__)

# Per network. A child on the shared tablet makes only that tablet wait.
LIMITS = "5 per minute; 30 per hour"
# One line in the security log is enough for a program that never stops.
NOTES = parse("1 per minute")
# From all networks together. FREE_TRIES cost no wait; each further one doubles it; one is forgiven every FORGIVEN_S. A
# program that guesses day and night has some 300 tries a day: half of all PINs of 6 digits take four years.
FREE_TRIES, LONGEST_DELAY_S, FORGIVEN_S = 10, 300.0, 600.0
# The count stops here, so the wait is over an hour and a half after the last try.
MOST_TRIES = FREE_TRIES + math.log2(LONGEST_DELAY_S) + 1
SETTING = "teacher.tries"
MOST_TRUSTED = 10_000


class TooManyTries(Exception):
    """Too many tries. The next one is allowed after `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, math.ceil(wait_s))
        super().__init__(f"wait {self.wait_s} s")


class Tries:
    """Counts the wrong tries of several secrets. A try counts before it is checked, so simultaneous ones all count.

    `kept`: the recent wrong tries from before a restart. `keep` is called when they change. `shared`: the tries of all
    processes. While the database is in trouble, each process knows its own tries alone.
    """

    def __init__(
        self,
        secrets: tuple[str, ...],
        kept: str | None,
        keep: Callable[[str], object],
        now_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
        shared: KeptTries | None = None,
    ) -> None:
        self._secrets, self._keep, self._now_s, self._wall_s = secrets, keep, now_s, wall_s
        self._limiter, self._limits = MovingWindowRateLimiter(MemoryStorage()), parse_many(LIMITS)
        self._lock, self._catching_up = threading.Lock(), threading.Lock()
        self._level, self._at_s = _read(kept, wall_s()), now_s()
        # A network that gave the right secret is slowed only by its own tries: an attack elsewhere does not lock it
        # out.
        self._trusted: dict[tuple[str, str], None] = {}
        self._shared = shared
        # Of the shared tries, those that count here already.
        self._known: set[int] = set()
        self._catch_up(level=0)

    def begin(self, secret: str, address: str) -> None:
        """Count a try. Raises TooManyTries."""
        network = network_of(address)
        self._catch_up()
        try:
            self._count(secret, network)
            self._count_together((secret, network) in self._trusted)
            self._tell(secret, network)
        except TooManyTries as many:
            if self._limiter.hit(NOTES, "note", network):
                security.note("too_many_tries", secret=secret, address=address, wait_s=many.wait_s)
            raise

    def wrong(self, secret: str, address: str) -> None:
        security.note("wrong_try", secret=secret, address=address)
        try:
            self._keep(f"{self._level:.2f} {self._wall_s():.0f}")
        except Exception:  # a database in trouble must neither speed up guesses nor lock anyone out
            logger.warning("the number of wrong tries cannot be kept", exc_info=True)

    def right(self, secret: str, address: str, *cleared: str) -> None:
        """Reset the counts of the secrets in `cleared` for this network."""
        network = network_of(address)
        self._clear(secret, network, cleared)
        self._tell(secret, network, cleared)

    def _clear(self, secret: str, network: str, cleared: tuple[str, ...]) -> None:
        for limit in self._limits:
            for each in cleared:
                self._limiter.clear(limit, each, network)
        with self._lock:
            self._level = max(0.0, self._level - 1)
            if len(self._trusted) >= MOST_TRUSTED:
                self._trusted.clear()
            self._trusted[secret, network] = None

    def _catch_up(self, level: int = 1) -> None:
        """Count the tries at other processes. `level`: what each adds to the count of all networks together."""
        if self._shared is None:
            return
        try:
            tries = self._shared.recent()
        except DBAPIError as error:
            logger.warning("the tries at other processes are not known (%s)", error.orig)
            return
        with self._catching_up:
            news = [each for each in tries if each.id not in self._known]
            if len(self._known) > MOST_TRUSTED:
                self._known.clear()
            self._known |= {each.id for each in tries}
        for each in news:
            if each.cleared:
                self._clear(each.secret, each.network, each.cleared)
                continue
            for limit in self._limits:
                if self._wall_s() - each.at_ms / 1000 < limit.get_expiry():
                    for secret in self._secrets:
                        self._limiter.hit(limit, secret, each.network)
            with self._lock:
                self._level = min(self._level + level, MOST_TRIES)

    def _tell(self, secret: str, network: str, cleared: tuple[str, ...] = ()) -> None:
        if self._shared is None:
            return
        told = Try(new_id(), round(self._wall_s() * 1000), secret, network, cleared)
        with self._catching_up:
            self._known.add(told.id)
        try:
            self._shared.add(told)
        except DBAPIError as error:
            logger.warning("other processes do not know of a try (%s)", error.orig)

    def _count(self, secret: str, network: str) -> None:
        """Count a try per network, for all secrets together."""
        for limit in self._limits:
            hits = {each: self._limiter.hit(limit, each, network) for each in self._secrets}
            if not hits[secret]:
                opens_at_s = self._limiter.get_window_stats(limit, secret, network).reset_time
                raise TooManyTries(opens_at_s - time.time())

    def _count_together(self, is_trusted: bool) -> None:
        with self._lock:
            now_s = self._now_s()
            level = max(0.0, self._level - (now_s - self._at_s) / FORGIVEN_S)
            over = level - FREE_TRIES
            wait_s = self._at_s + min(2**over, LONGEST_DELAY_S) - now_s if over > 0 else 0
            if wait_s > 0 and not is_trusted:
                raise TooManyTries(wait_s)
            self._level, self._at_s = min(level + 1, MOST_TRIES), now_s


def _read(kept: str | None, wall_s: float) -> float:
    """Return how many stored tries (number and time) still count."""
    try:
        level, at_s = map(float, (kept or "").split())
        return max(0.0, level - max(0.0, wall_s - at_s) / FORGIVEN_S)
    except ValueError:
        return 0.0
