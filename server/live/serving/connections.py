"""All open connections, by the address that they come from: who may have one more, and who is hung up on.

An address is what the socket says, or with `--behind-proxy` the last of `X-Forwarded-For`. All visitors behind one
address (NAT) share its bounds, which are therefore shares of the whole (`limits`). Where connections run out, the
address that has most of them without a drill loses its oldest one; a drill is never hung up on for others.
"""

import errno
import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from math import inf

from ...clock import now_ms
from .. import metrics
from .bucket import TokenBucket
from .limits import (
    BODY_BYTES_PER_S,
    BODY_S,
    DRILL_FRAMES_PER_S,
    FRAME_BYTES,
    FRAMES_BURST,
    FRAMES_PER_S,
    HEADER_S,
    KEEP_ALIVE_S,
    LONGEST_PAUSE_S,
    OTHER_FRAMES_PER_S,
    START_S,
    Limits,
)
from .networks import network_of

logger = logging.getLogger(__name__)
# In the WSGI environment of each request: its connection.
CONNECTION = "paadas.connection"
# Close codes of WebSockets: RFC 6455 and its sessions at IANA.
GOING_AWAY, PROTOCOL_ERROR, POLICY_VIOLATION, TRY_AGAIN_LATER = 1001, 1002, 1008, 1013
OUT_OF_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
REPORT_EVERY_MS = 10_000


class TooFast(Exception):
    """A connection sends more than any drill does."""


class TooMany(Exception):
    """An address has as many connections as it may, and each of them belongs to a drill."""


class State(Enum):
    """What the server does for a connection, or waits for."""

    WAITING = "for what the visitor has to send"
    ANSWERING = "a request"
    DRILL = "a drill"


@dataclass(eq=False, slots=True)
class Connection:
    """`hang_up(code)` must return at once, also while another thread reads or writes; the code is for WebSockets."""

    address: "Address"
    hang_up: Callable[[int], None]
    deadline_ms: float
    state: State = State.WAITING
    is_websocket: bool = False
    is_closed: bool = False
    frames: TokenBucket = field(default_factory=TokenBucket)


@dataclass(eq=False, slots=True)
class Address:
    """What comes from one address. Its connections are kept in the order in which they came into their state."""

    key: str
    # Ordered: the first of a plain dict is slow to find after many first ones have gone.
    connections: dict[State, OrderedDict[Connection, None]] = field(
        default_factory=lambda: {state: OrderedDict() for state in State}
    )
    frames: TokenBucket = field(default_factory=TokenBucket)
    requests: TokenBucket = field(default_factory=TokenBucket)
    starts: TokenBucket = field(default_factory=TokenBucket)

    def __len__(self) -> int:
        return sum(map(len, self.connections.values()))

    @property
    def drills(self) -> int:
        return len(self.connections[State.DRILL])


class Connections:
    """Its lock is held for a moment only: safe with green threads, with real ones, and in a signal handler."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = now_ms) -> None:
        self.limits = limits
        self._clock = clock
        self._addresses: dict[str, Address] = {}
        self._count = 0
        self._lock = threading.RLock()
        self._hung_up: Counter[str] = Counter()
        self._last_hung_up = ""
        self._reported_ms = -inf

    def __len__(self) -> int:
        return self._count

    def open(self, host: str, hang_up: Callable[[int], None]) -> Connection | None:
        """A new connection, in place of an idle one where there are too many. None: it must be closed at once."""
        with self._lock:
            address = self._address(host)
            try:
                self._make_room(address, self._count)
            except TooMany:
                self._note("too_many", address)
                return None
            connection = Connection(address, hang_up, self._clock() + 1000 * HEADER_S)
            address.connections[State.WAITING][connection] = None
            self._count += 1
            return connection

    def close(self, connection: Connection) -> None:
        """The connection is gone."""
        with self._lock:
            if not connection.is_closed:
                connection.is_closed = True
                del connection.address.connections[connection.state][connection]
                self._count -= 1

    def await_request(self, connection: Connection) -> None:
        self._enter(connection, State.WAITING, KEEP_ALIVE_S + HEADER_S)

    def answer(self, connection: Connection, host: str, body_bytes: int) -> float:
        """A request has come from `host`, with a body of so many bytes. Returns how many seconds it has to wait.

        Raises TooMany.
        """
        with self._lock:
            address = self._address(host)
            if address is not connection.address and not connection.is_closed:
                self._make_room(address, 0)
                self._move(connection, address, connection.state)
            self._enter(connection, State.ANSWERING, BODY_S + body_bytes / BODY_BYTES_PER_S if body_bytes else inf)
            rate = self.limits.requests_per_s
            return min(address.requests.take(1, rate, rate, self._clock()), LONGEST_PAUSE_S)

    def body_ended(self, connection: Connection) -> None:
        connection.deadline_ms = inf

    def answered(self, connection: Connection) -> None:
        """What is left of the body is read for a while: a browser shows no answer before it has sent its question."""
        if connection.deadline_ms < inf:
            connection.deadline_ms = min(connection.deadline_ms, self._clock() + 1000 * BODY_S)

    def upgrade(self, connection: Connection, hang_up: Callable[[int], None]) -> None:
        """It is a WebSocket from now on, of which a drill is expected soon."""
        connection.hang_up, connection.is_websocket = hang_up, True
        self._enter(connection, State.WAITING, START_S)

    def set_drill(self, connection: Connection, has_drill: bool) -> None:
        """A WebSocket has a drill, or waits for its turn to begin one; or it has none any more."""
        if has_drill != (connection.state is State.DRILL):
            self._enter(connection, State.DRILL if has_drill else State.WAITING, inf if has_drill else START_S)

    def count_frame(self, connection: Connection, size: int) -> float:
        """A frame has come. Returns how many seconds nothing more is to be read. Raises TooFast."""
        now = self._clock()
        if connection.frames.take(1 + size // FRAME_BYTES, FRAMES_PER_S, FRAMES_BURST, now):
            self._note("too_fast", connection.address)
            raise TooFast
        drills = connection.address.drills
        pause_s = connection.address.frames.take(
            1, drills * DRILL_FRAMES_PER_S + OTHER_FRAMES_PER_S, (drills + 2) * FRAMES_BURST, now
        )
        return min(pause_s, LONGEST_PAUSE_S)

    def may_start(self, connection: Connection) -> bool:
        """Whether its address may begin one more drill now."""
        most = self.limits.starts_per_minute
        return connection.address.starts.try_take(most / 60, most, self._clock())

    def hang_up(self, connection: Connection, reason: str, code: int = POLICY_VIOLATION) -> None:
        with self._lock:
            if connection.is_closed:
                return
            self._note(reason, connection.address)
            self.close(connection)
        connection.hang_up(code)

    def sweep(self) -> None:
        """Hang up on late connections, forget addresses without any, and log what was refused."""
        now = self._clock()
        with self._lock:
            late = [each for each in self._all() if now > each.deadline_ms]
            for connection in late:
                self.hang_up(connection, "late")
            rate, starts_per_s = self.limits.requests_per_s, self.limits.starts_per_minute / 60
            for address in list(self._addresses.values()):
                is_unused = (
                    address.frames.is_full(OTHER_FRAMES_PER_S, now)
                    and address.requests.is_full(rate, now)
                    and address.starts.is_full(starts_per_s, now)
                )
                if not len(address) and is_unused:
                    del self._addresses[address.key]
            self._report(now)

    def accept_failed(self, error: OSError) -> None:
        """The system has no connection to give: where it has run out of something, an idle one makes room."""
        with self._lock:
            self._note(errno.errorcode.get(error.errno or 0, "accept_failed").lower(), None)
            self._report(self._clock())
            if error.errno in OUT_OF_RESOURCES and (victim := self._victim(self._addresses.values())) is not None:
                self.hang_up(victim, "too_many", TRY_AGAIN_LATER)

    def say_goodbye(self) -> None:
        """The server stops."""
        for connection in self._all():
            if connection.is_websocket:
                connection.hang_up(GOING_AWAY)

    def _address(self, host: str) -> Address:
        key = network_of(host)
        return self._addresses.get(key) or self._addresses.setdefault(key, Address(key))

    def _all(self) -> list[Connection]:
        with self._lock:
            kept = (connections for each in self._addresses.values() for connections in each.connections.values())
            return [connection for connections in kept for connection in connections]

    def _make_room(self, address: Address, count: int) -> None:
        """For one more of this address, of which there are `count` in all. Raises TooMany."""
        if len(address) >= self.limits.connections_per_address:
            victim = self._victim([address])
        elif count >= self.limits.connections:
            victim = self._victim(self._addresses.values())
        else:
            return
        if victim is None:
            raise TooMany
        self.hang_up(victim, "too_many", TRY_AGAIN_LATER)

    @staticmethod
    def _victim(addresses: Iterable[Address]) -> Connection | None:
        """The oldest of the address that has most: of those that wait, else of those that are answered."""
        for state in (State.WAITING, State.ANSWERING):
            most = max((address.connections[state] for address in addresses), key=len, default=None)
            if most:
                return next(iter(most))
        return None

    def _enter(self, connection: Connection, state: State, deadline_s: float) -> None:
        with self._lock:
            if not connection.is_closed:
                self._move(connection, connection.address, state)
                connection.deadline_ms = self._clock() + 1000 * deadline_s

    @staticmethod
    def _move(connection: Connection, address: Address, state: State) -> None:
        del connection.address.connections[connection.state][connection]
        connection.address, connection.state = address, state
        address.connections[state][connection] = None

    def _note(self, reason: str, address: Address | None) -> None:
        metrics.HANG_UPS.labels(reason).inc()
        self._hung_up[reason] += 1
        self._last_hung_up = address.key if address else self._last_hung_up

    def _report(self, now: float) -> None:
        """At most one line in ten seconds, whatever happens."""
        if self._hung_up and now - self._reported_ms >= REPORT_EVERY_MS:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self._hung_up.most_common())
            logger.warning("connections hung up on: %s (last address: %s)", reasons, self._last_hung_up or "-")
            self._hung_up.clear()
            self._reported_ms = now
