"""The drills in progress by token, and the connection that each belongs to."""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from ..dialogue.state import Phase
from .intake import AudioIntake
from .serial_queue import SerialQueue
from .serving.limits import share
from .session import Session


@dataclass(eq=False)
class LiveSession:
    """A drill with its place at the server."""

    session: Session
    queue: SerialQueue[Any]
    """What has happened to it and is not dealt with yet."""
    address: str = ""
    """Where it was begun from."""
    is_guest: bool = False
    intake: AudioIntake = field(default_factory=AudioIntake)
    """Of the present connection."""
    connection: str | None = None
    """None while the learner is away."""
    away_since_ms: float = inf

    @property
    def token(self) -> str:
        return self.session.token

    @property
    def is_finished(self) -> bool:
        return self.session.dialogue.phase is Phase.FINISHED

    @property
    def is_in_turn(self) -> bool:
        """Whether the learner is speaking, or waits for the verdict."""
        return self.session.dialogue.phase in (Phase.SPEECH, Phase.END_OF_TURN, Phase.DECIDE) or bool(self.queue)

    @property
    def has_answers(self) -> bool:
        """Whether an answer would be lost with it."""
        return self.session.dialogue.has_answers


def new_token() -> str:
    """A random name that cannot be guessed."""
    return secrets.token_urlsafe(16)


class Full(Exception):
    """The server has as many drills as it may."""


class SessionRegistry:
    """Live sessions by token and by connection. A connection holds one; a token outlives its connection by `ttl_ms`.

    The lock is held only for a moment, which suits green threads and real ones.
    """

    def __init__(self, max_sessions: int, ttl_ms: float) -> None:
        self._max_sessions = max_sessions
        self._ttl_ms = ttl_ms
        self._by_token: dict[str, LiveSession] = {}
        self._by_connection: dict[str, LiveSession] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._by_token)

    def live_sessions(self) -> list[LiveSession]:
        with self._lock:
            return list(self._by_token.values())

    def of_connection(self, connection: str) -> LiveSession | None:
        return self._by_connection.get(connection)

    def of_token(self, token: str | None) -> LiveSession | None:
        return self._by_token.get(token) if token else None

    def require_room(self, connection: str, address: str) -> None:
        """Raise Full if there is no place for a new drill, nor that of the drill which this connection has now.

        An address has a share of all places. Drills whose learner has left make room: the finished ones first, then
        the oldest without an answer, then a guest's oldest.
        """
        with self._lock:
            self._make_room(self.live_sessions(), self._max_sessions)
            self._make_room(
                [live_session for live_session in self.live_sessions() if live_session.address == address],
                share(self._max_sessions),
            )
            live_sessions = self.live_sessions()
            is_full = len(live_sessions) >= self._max_sessions
            has_share = sum(live_session.address == address for live_session in live_sessions) >= share(
                self._max_sessions
            )
            if connection not in self._by_connection and (is_full or has_share):
                raise Full

    def _make_room(self, live_sessions: list[LiveSession], most: int) -> None:
        if len(live_sessions) < most:
            return
        left = sorted(
            (live_session for live_session in live_sessions if live_session.connection is None),
            key=lambda live_session: live_session.away_since_ms,
        )
        finished = [live_session for live_session in left if live_session.is_finished]
        unanswered = [live_session for live_session in left if not live_session.has_answers]
        guests = [live_session for live_session in left if live_session.is_guest]
        self._remove(finished or unanswered[:1] or guests[:1])

    def open(self, live_session: LiveSession, connection: str) -> LiveSession:
        """Register a new drill in place of the one that this connection has now, if any. Raises Full.

        Returns the registered one: an earlier one if it has the same token.
        """
        with self._lock:
            there = self.of_token(live_session.token)
            if there is not None:
                return there
            self.require_room(connection, live_session.address)
            left = self._by_connection.get(connection)
            if left is not None:
                self._by_token.pop(left.token, None)
            self._by_token[live_session.token] = live_session
            return live_session

    def attach(self, live_session: LiveSession, connection: str) -> str | None:
        """Give the session to a connection. Returns the other connection that held it until now, if any."""
        with self._lock:
            previous = live_session.connection if live_session.connection != connection else None
            if previous is not None:
                self._by_connection.pop(previous, None)
            live_session.connection, live_session.away_since_ms = connection, inf
            live_session.intake = AudioIntake()
            # The sweeper may just have removed the session.
            self._by_token[live_session.token] = live_session
            self._by_connection[connection] = live_session
            return previous

    def detach(self, connection: str, now_ms: float) -> LiveSession | None:
        """The connection is gone. Its session, if any, waits for its token."""
        with self._lock:
            live_session = self._by_connection.pop(connection, None)
            if live_session is not None:
                live_session.connection, live_session.away_since_ms = None, now_ms
            return live_session

    def remove(self, live_session: LiveSession) -> str | None:
        """Remove the session. Returns the connection that held it, if any."""
        with self._lock:
            connection, live_session.connection = live_session.connection, None
            if connection is not None:
                self._by_connection.pop(connection, None)
            if self._by_token.get(live_session.token) is live_session:
                del self._by_token[live_session.token]
            return connection

    def sweep(self, now_ms: float) -> None:
        """Remove the sessions whose learner has been away too long."""
        with self._lock:
            self._remove(
                live_session
                for live_session in self.live_sessions()
                if now_ms - live_session.away_since_ms > self._ttl_ms
            )

    def _remove(self, live_sessions: Iterable[LiveSession]) -> None:
        for live_session in live_sessions:
            if live_session.connection is None:
                del self._by_token[live_session.token]
