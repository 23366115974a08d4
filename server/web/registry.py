"""The drills that are going on, by token, and which connection each belongs to."""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from ..dialogue.phases import Phase
from .intake import AudioIntake
from .mailbox import Mailbox
from .serving.limits import share
from .session import Session


@dataclass(eq=False)
class Seat:
    """A drill with its place at the server. `mailbox`: what has happened to it and is not dealt with yet.

    `connection` is None while the learner is away, since `away_since_ms`. `address`: where it was begun from.
    """

    session: Session
    mailbox: Mailbox[Any]
    address: str = ""
    is_guest: bool = False
    intake: AudioIntake = field(default_factory=AudioIntake)
    connection: str | None = None
    away_since_ms: float = inf

    @property
    def token(self) -> str:
        return self.session.token

    @property
    def is_finished(self) -> bool:
        return self.session.dialogue.phase is Phase.FINISHED

    @property
    def has_answers(self) -> bool:
        """Whether something would be lost with it."""
        return self.session.dialogue.course.score.total > 0


def new_token() -> str:
    """What nobody can guess."""
    return secrets.token_urlsafe(16)


class Full(Exception):
    """As many drills are going on as this machine is set to serve."""


class Registry:
    """Seats, by token and by connection. A token outlives its connection by `ttl_ms`; a connection holds one seat.

    Its lock is held only for a moment, so it is safe with green threads and with real ones.
    """

    def __init__(self, max_sessions: int, ttl_ms: float) -> None:
        self._max_sessions = max_sessions
        self._ttl_ms = ttl_ms
        self._by_token: dict[str, Seat] = {}
        self._by_connection: dict[str, Seat] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._by_token)

    def seats(self) -> list[Seat]:
        with self._lock:
            return list(self._by_token.values())

    def of_connection(self, connection: str) -> Seat | None:
        return self._by_connection.get(connection)

    def of_token(self, token: str | None) -> Seat | None:
        return self._by_token.get(token) if token else None

    def require_room(self, connection: str, address: str) -> None:
        """Raises Full where a new drill finds no seat, not even that of the drill which this connection has now.

        An address has a share of all seats. Seats whose learner has left make room: first the finished drills, then the
        one without an answer that was left longest ago, then the guest's that was left longest ago.
        """
        with self._lock:
            self._make_room(self.seats(), self._max_sessions)
            self._make_room([seat for seat in self.seats() if seat.address == address], share(self._max_sessions))
            seats = self.seats()
            is_full = len(seats) >= self._max_sessions
            has_share = sum(seat.address == address for seat in seats) >= share(self._max_sessions)
            if connection not in self._by_connection and (is_full or has_share):
                raise Full

    def _make_room(self, seats: list[Seat], most: int) -> None:
        if len(seats) < most:
            return
        left = sorted((seat for seat in seats if seat.connection is None), key=lambda seat: seat.away_since_ms)
        finished = [seat for seat in left if seat.is_finished]
        unanswered = [seat for seat in left if not seat.has_answers]
        guests = [seat for seat in left if seat.is_guest]
        self._remove(finished or unanswered[:1] or guests[:1])

    def open(self, seat: Seat, connection: str) -> Seat:
        """Take in a new drill, in place of the one that this connection has now, if any. Raises Full.

        Returns its seat: where somebody was faster with the same token, theirs.
        """
        with self._lock:
            there = self.of_token(seat.token)
            if there is not None:
                return there
            self.require_room(connection, seat.address)
            left = self._by_connection.get(connection)
            if left is not None:
                self._by_token.pop(left.token, None)
            self._by_token[seat.token] = seat
            return seat

    def attach(self, seat: Seat, connection: str) -> str | None:
        """Give the seat to a connection. Returns the connection that held it until now, if another one did."""
        with self._lock:
            previous = seat.connection if seat.connection != connection else None
            if previous is not None:
                self._by_connection.pop(previous, None)
            seat.connection, seat.away_since_ms = connection, inf
            seat.intake = AudioIntake()
            # The sweeper may just have taken the seat away.
            self._by_token[seat.token] = seat
            self._by_connection[connection] = seat
            return previous

    def detach(self, connection: str, now_ms: float) -> Seat | None:
        """The connection is gone; its seat, if it held one, waits for the token to come back."""
        with self._lock:
            seat = self._by_connection.pop(connection, None)
            if seat is not None:
                seat.connection, seat.away_since_ms = None, now_ms
            return seat

    def sweep(self, now_ms: float) -> None:
        """Remove the seats whose learner has been away too long."""
        with self._lock:
            self._remove(seat for seat in self.seats() if now_ms - seat.away_since_ms > self._ttl_ms)

    def _remove(self, seats: Iterable[Seat]) -> None:
        for seat in seats:
            if seat.connection is None:
                del self._by_token[seat.token]
