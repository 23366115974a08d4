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
from .session import Session


@dataclass(eq=False)
class Seat:
    """A drill with its place at the server. `mailbox`: what has happened to it and is not dealt with yet.

    `connection` is None while the learner is away, since `away_since_ms`.
    """

    session: Session
    mailbox: Mailbox[Any]
    intake: AudioIntake = field(default_factory=AudioIntake)
    connection: str | None = None
    away_since_ms: float = inf

    @property
    def token(self) -> str:
        return self.session.token


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

    def require_room(self, connection: str) -> None:
        """Raises Full where a new drill finds no seat, not even that of the drill which this connection has now.

        Finished drills whose learner has left make room first.
        """
        with self._lock:
            if len(self._by_token) >= self._max_sessions:
                self._remove(seat for seat in self.seats() if seat.session.dialogue.phase is Phase.FINISHED)
            if connection not in self._by_connection and len(self._by_token) >= self._max_sessions:
                raise Full

    def open(self, seat: Seat, connection: str) -> Seat:
        """Take in a new drill, in place of the one that this connection has now, if any. Raises Full.

        Returns its seat: where somebody was faster with the same token, theirs.
        """
        with self._lock:
            there = self.of_token(seat.token)
            if there is not None:
                return there
            self.require_room(connection)
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
