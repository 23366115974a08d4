"""Children who added themselves, until an adult confirms them."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from .database import writing
from .errors import StoreError
from .models import LearnerRow, NewcomerRow
from .records import Learner, new_id

# The teacher's setting: children may add themselves on the drill page.
MAY_JOIN = "learners.may_join"


class Newcomers:
    """The newcomers. Every method is a transaction, blocks, and raises DBAPIError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def join(self, nickname: str, picture: str, language: str, created_at_ms: int, most: int) -> Learner:
        """Add a child, unless its name and picture are taken or there are `most` learners already.

        Raises StoreError: name_taken, may_not_join.
        """
        learner = Learner(new_id(), nickname, picture, None, language, created_at_ms)
        with writing(self._engine) as session:
            if self._engine.dialect.name == "postgresql":
                # The lock lets only one of several writers check and add at a time.
                session.execute(text("LOCK TABLE learners IN SHARE ROW EXCLUSIVE MODE"))
            same = select(LearnerRow.id).filter_by(nickname=nickname, picture=picture).limit(1)
            if session.scalar(same) is not None:
                raise StoreError("name_taken", "there is a learner of this name and picture already")
            if (session.scalar(select(func.count()).select_from(LearnerRow)) or 0) >= most:
                raise StoreError("may_not_join", "there are enough learners")
            session.add(LearnerRow(**asdict(learner)))
            session.flush()
            session.add(NewcomerRow(learner=learner.id))
        return learner

    def waiting(self) -> set[int]:
        """Return the learners that no adult has confirmed yet."""
        with Session(self._engine) as session:
            return set(session.scalars(select(NewcomerRow.learner)))

    def welcome(self, learners: Collection[int]) -> None:
        """Confirm these learners."""
        with writing(self._engine) as session:
            session.execute(delete(NewcomerRow).where(NewcomerRow.learner.in_(learners)))
