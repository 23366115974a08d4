"""Derive what a learner knows without reading years of answers each time.

A snapshot is the knowledge after all attempts up to one. It is exact: adding the later attempts gives the same as
adding all attempts. It is used only if this holds: it has this version of the model, as many attempts lie behind it as
are in it, and no later appeal is about an attempt in it. Otherwise everything is derived anew.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, literal, select, tuple_
from sqlalchemy.exc import DBAPIError

from ..drill.attempt import Attempt
from ..drill.dates import AHEAD_MS, believed_until
from ..drill.facts import Fact
from ..drill.knowledge import MODEL_VERSION, Knowledge, appeals_to_earlier
from ..drill.modes import CHANT
from .database import writing
from .knowledge_json import from_json, to_json
from .models import AttemptRow, BaselineRow, DrillRow, LearnerRow, SnapshotRow, UnfinishedRow

logger = logging.getLogger(__name__)

# Adding this many answers takes 20 ms, as long as writing a snapshot.
WORTH_KEEPING = 300
# Few drills have this many answers.
LONG_DRILL = 200
# The background task adds this many answers at a time: 75 ms.
AT_ONCE = 1000
ATTEMPTS = AttemptRow.__table__.c
IN_ORDER = (ATTEMPTS.at_ms, ATTEMPTS.drill, ATTEMPTS.turn, ATTEMPTS.appeal)


@dataclass(frozen=True, slots=True)
class Known:
    """What a learner knows after a number of answers."""

    learner: int
    knowledge: Knowledge
    attempts: int
    """The number of answers in it."""
    replayed: int
    """How many of them were added to a snapshot just now."""
    latest: tuple[Any, ...] | None
    """The place of the last answer in their order; None without answers."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Knowledge from answers that were deleted."""

    knowledge: Knowledge = Knowledge()
    until_ms: int = -1
    """The latest of them is from this time."""


class Snapshots:
    """Reads and stores snapshots. Every method blocks and raises SQLAlchemy's DBAPIError."""

    def __init__(self, engine: Engine, utc_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._engine = engine
        self._utc_ms = utc_ms

    def known(self, learner: int, but: int | None = None, most: int | None = None) -> Known:
        """Return what a learner knows, without the drill `but` and without answers from the future.

        `most`: about how many answers are added at once; later ones are left out. If an appeal undoes the snapshot, all
        are added.
        """
        wanted = [DrillRow.learner == learner, DrillRow.id != (but or 0)]
        with self._engine.connect() as connection:
            until_ms = _believed_until(connection, learner, self._utc_ms())
            before = baseline(connection, learner)
            if before.until_ms >= 0:
                wanted.append(ATTEMPTS.at_ms > before.until_ms)
            if until_ms < inf:
                wanted.append(ATTEMPTS.at_ms <= until_ms)
            snapshot = connection.execute(
                select(SnapshotRow.__table__).where(SnapshotRow.learner == learner, SnapshotRow.model == MODEL_VERSION)
            ).one_or_none()
            if snapshot is not None and snapshot.at_ms <= until_ms:
                return _continued(connection, snapshot, wanted, most) or _anew(
                    connection, learner, before, wanted, None
                )
            return _anew(connection, learner, before, wanted, most)

    def keep(self, known: Known) -> None:
        """Store it as the learner's snapshot, unless the learner was deleted meanwhile."""
        if known.latest is None:
            return
        at_ms, drill, turn, appeal = known.latest
        with writing(self._engine) as session:
            session.execute(delete(SnapshotRow).filter_by(learner=known.learner))
            if session.get(LearnerRow, known.learner) is not None:
                session.add(
                    SnapshotRow(
                        learner=known.learner,
                        model=MODEL_VERSION,
                        attempts=known.attempts,
                        at_ms=at_ms,
                        drill=drill,
                        turn=turn,
                        appeal=appeal,
                        content=to_json(known.knowledge),
                    )
                )

    def refresh(self, learner: int, most: int | None = None) -> bool:
        """Add new answers to the learner's snapshot, about `most` of them. Returns whether there may be more.

        Skips a learner who is in a drill: a drill that is resumed must not be part of its own start.
        """
        if self._is_in_a_drill(learner):
            return False
        known = self.known(learner, most=most)
        if known.replayed:
            self.keep(known)
        return most is not None and known.replayed >= most

    def forget(self, learner: int) -> None:
        """Delete the snapshot: stored attempts have changed."""
        with writing(self._engine) as session:
            session.execute(delete(SnapshotRow).filter_by(learner=learner))

    def learners(self) -> list[int]:
        """Return all learners who may have a snapshot."""
        with self._engine.connect() as connection:
            return list(connection.scalars(select(DrillRow.learner).where(DrillRow.learner.is_not(None)).distinct()))

    def _is_in_a_drill(self, learner: int) -> bool:
        with self._engine.connect() as connection:
            going_on = select(UnfinishedRow.key).where(UnfinishedRow.learner == learner, UnfinishedRow.content != "")
            return connection.scalar(going_on.limit(1)) is not None


class SnapshotTasks:
    """Makes snapshots in the background. Safe with green threads and with real ones.

    `offload(function, *arguments)` runs blocking work off the event loop and returns when it is done.
    """

    def __init__(self, snapshots: Snapshots, offload: Callable[..., Any]) -> None:
        self._snapshots = snapshots
        self._offload = offload
        self._lock = threading.Lock()
        # By learner, the next one first; with the knowledge if it is known, or None if it is to be read.
        self._waiting: dict[int, Known | None] = {}

    def keep(self, known: Known) -> None:
        """Store the knowledge that a start derived, if deriving it took long."""
        if known.replayed > WORTH_KEEPING:
            with self._lock:
                self._waiting[known.learner] = known

    def refresh(self, learner: int) -> None:
        """Queue a learner who has answered more."""
        with self._lock:
            self._waiting.setdefault(learner, None)

    def refresh_all(self) -> None:
        """Queue all learners without a snapshot, as after an upgrade or an import. Blocks."""
        try:
            for learner in self._snapshots.learners():
                self.refresh(learner)
        except DBAPIError as error:
            logger.warning("no snapshots can be made (%s)", error.orig)

    def work(self) -> None:
        """Do a part of the work, at most some 100 ms. Called again and again. Never raises."""
        with self._lock:
            if not self._waiting:
                return
            learner = next(iter(self._waiting))
            known = self._waiting.pop(learner)
        try:
            if known is not None:
                self._offload(self._snapshots.keep, known)
                self.refresh(learner)
            elif self._offload(self._snapshots.refresh, learner, AT_ONCE):
                self.refresh(learner)
        except Exception as error:
            # The next start reads the answers that the snapshot would have held.
            logger.warning("no snapshot of learner %s (%s)", learner, error)


def _believed_until(connection: Connection, learner: int, now_ms: int) -> float:
    """Apply drill/dates.py. No answer lies a day after its drill's start, and drills are found quickly."""
    drills = select(DrillRow.id).where(DrillRow.learner == learner)
    if connection.scalar(drills.where(DrillRow.started_at_ms > now_ms).limit(1)) is None:
        return inf
    is_later = ATTEMPTS.at_ms > now_ms + AHEAD_MS
    counts = select(is_later, func.count()).where(ATTEMPTS.drill.in_(drills)).group_by(is_later)
    by_side = {bool(later): count for later, count in connection.execute(counts)}
    return believed_until(now_ms, by_side.get(False, 0), by_side.get(True, 0))


def _continued(
    connection: Connection, snapshot: Row[Any], wanted: Sequence[ColumnElement[bool]], most: int | None
) -> Known | None:
    """Return the snapshot with later answers added; None if it does not hold."""
    latest = tuple(getattr(snapshot, column.key) for column in IN_ORDER)
    place, last = tuple_(*IN_ORDER), tuple_(*map(literal, latest, [column.type for column in IN_ORDER]))
    in_it = select(func.count()).select_from(AttemptRow).join(DrillRow, DrillRow.id == ATTEMPTS.drill)
    if connection.scalar(in_it.where(*wanted, place <= last)) != snapshot.attempts:
        return None
    rows = _first(connection, [*wanted, place > last], most)
    if appeals_to_earlier(map(attempt_of, rows)):
        return None
    try:
        knowledge = from_json(snapshot.content)
    except (ValueError, TypeError):
        logger.exception("the snapshot of learner %s cannot be read", snapshot.learner)
        return None
    return _added(snapshot.learner, knowledge, snapshot.attempts, latest, rows)


def _anew(
    connection: Connection, learner: int, before: Baseline, wanted: Sequence[ColumnElement[bool]], most: int | None
) -> Known:
    return _added(learner, before.knowledge, 0, None, _first(connection, wanted, most))


def _first(connection: Connection, wanted: Sequence[ColumnElement[bool]], most: int | None) -> Sequence[Row[Any]]:
    """Return about the first `most` attempts in their order; a drill is never split."""
    rows = attempts_in_order(connection, wanted, most and most + LONG_DRILL)
    end = len(rows) if most is None else min(most, len(rows))
    while 0 < end < len(rows) and rows[end].drill == rows[end - 1].drill:
        end += 1
    return rows[:end]


def attempts_in_order(
    connection: Connection, wanted: Sequence[ColumnElement[bool]], most: int | None = None
) -> Sequence[Row[Any]]:
    """Return the attempts of the wanted drills in their order."""
    query = select(AttemptRow.__table__, DrillRow.mode).join(DrillRow, DrillRow.id == ATTEMPTS.drill).where(*wanted)
    return connection.execute(query.order_by(*IN_ORDER).limit(most)).all()


def baseline(connection: Connection, learner: int) -> Baseline:
    """Return a learner's knowledge from answers that were deleted; empty without any."""
    row = connection.execute(select(BaselineRow.content, BaselineRow.until_ms).filter_by(learner=learner)).one_or_none()
    return Baseline() if row is None else Baseline(from_json(row.content), row.until_ms)


def _added(
    learner: int, knowledge: Knowledge, attempts: int, latest: tuple[Any, ...] | None, rows: Sequence[Row[Any]]
) -> Known:
    if rows:
        latest = tuple(getattr(rows[-1], column.key) for column in IN_ORDER)
    return Known(learner, knowledge.after(map(attempt_of, rows)), attempts + len(rows), len(rows), latest)


def attempt_of(row: Row[Any]) -> Attempt:
    """Return the attempt in a row."""
    fact, in_order = Fact(row.left, row.right), row.mode == CHANT
    return Attempt(fact, row.verdict, row.heard, row.confidence, row.response_ms, row.at_ms, row.appeal, in_order)
