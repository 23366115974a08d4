"""The teacher's sessions. A session without a row is over, even if a copy of its cookie exists."""

import logging

from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .database import writing
from .models import SessionRow

logger = logging.getLogger(__name__)


class Sessions:
    """The rows. `key` is a hash of the cookie's content. Every method blocks and raises DBAPIError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, key: str, now_ms: int, oldest_ms: int) -> None:
        """Open a session and delete those opened before `oldest_ms`."""
        with writing(self._engine) as session:
            session.execute(delete(SessionRow).where(SessionRow.opened_at_ms < oldest_ms))
            session.add(SessionRow(key=key, opened_at_ms=now_ms, used_at_ms=now_ms))

    def times_ms(self, key: str) -> tuple[int, int] | None:
        """Return when the session was opened and last used; None: it is over."""
        with Session(self._engine) as session:
            row = session.get(SessionRow, key)
            return None if row is None else (row.opened_at_ms, row.used_at_ms)

    def use(self, key: str, now_ms: int) -> None:
        """Record the last use. If this fails, the session only ends a little earlier."""
        try:
            with writing(self._engine) as session:
                session.execute(update(SessionRow).filter_by(key=key).values(used_at_ms=now_ms))
        except DBAPIError as error:
            logger.warning("the use of a teacher's session cannot be kept (%s)", error.orig)

    def end(self, key: str | None = None) -> None:
        """End one session, or all."""
        ended = delete(SessionRow)
        with writing(self._engine) as session:
            session.execute(ended if key is None else ended.filter_by(key=key))
