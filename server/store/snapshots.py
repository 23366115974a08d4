"""What is known of a learner, without reading years of answers each time.

A snapshot is what is known after all attempts up to one. It is exact: the attempts after it, added to it, give what all
attempts give. It is used only where this holds: it is of this version of the model, as many attempts lie behind it as
are in it, and no appeal after it is about an attempt in it. Otherwise everything is derived anew.
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
from .database import writing
from .knowledge_json import from_json, to_json
from .models import AttemptRow, BaselineRow, DrillRow, LearnerRow, SnapshotRow, UnfinishedRow

logger = logging.getLogger(__name__)

# So many answers are added in 20 ms; to write a snapshot takes as long.
WORTH_KEEPING = 300
# Few drills have as many answers.
LONG_DRILL = 200
# The background adds so many answers at a time: 75 ms.
AT_ONCE = 1000
ATTEMPTS = AttemptRow.__table__.c
IN_ORDER = (ATTEMPTS.at_ms, ATTEMPTS.drill, ATTEMPTS.turn, ATTEMPTS.appeal)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a learner after `attempts` answers, `replayed` of which were added to a snapshot just now.

    latest: where the last of the answers stands in their order; None where there is none.
    """

    learner: int
    knowledge: Knowledge
    attempts: int
    replayed: int
    latest: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known from answers that are not kept any more, all of them from `until_ms` or before."""

    knowledge: Knowledge = Knowledge()
    until_ms: int = -1


class Snapshots:
    """Reads and keeps snapshots. Blocks. All raise SQLAlchemy's DBAPIError where the database is in trouble."""

    def __init__(self, engine: Engine, utc_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._engine = engine
        self._utc_ms = utc_ms

    def known(self, learner: int, but: int | None = None, most: int | None = None) -> Known:
        """What is known of a learner, without what belongs to the drill `but` and without answers from the future.

        most: about how many answers are added at once; those after them are left out. Where an appeal undoes the
        snapshot all are added.
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
        """Keep it as the learner's snapshot, unless the learner was deleted meanwhile."""
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

        Not while the learner is in a drill: a drill that is taken up again must not be in its own beginning.
        """
        if self._is_in_a_drill(learner):
            return False
        known = self.known(learner, most=most)
        if known.replayed:
            self.keep(known)
        return most is not None and known.replayed >= most

    def forget(self, learner: int) -> None:
        """For whoever changes attempts that are kept already."""
        with writing(self._engine) as session:
            session.execute(delete(SnapshotRow).filter_by(learner=learner))

    def learners(self) -> list[int]:
        """All who may have a snapshot."""
        with self._engine.connect() as connection:
            return list(connection.scalars(select(DrillRow.learner).where(DrillRow.learner.is_not(None)).distinct()))

    def _is_in_a_drill(self, learner: int) -> bool:
        with self._engine.connect() as connection:
            going_on = select(UnfinishedRow.key).where(UnfinishedRow.learner == learner, UnfinishedRow.content != "")
            return connection.scalar(going_on.limit(1)) is not None


class SnapshotTasks:
    """Snapshots to be made when there is time. Safe with green threads and with real ones.

    `offload(function, *arguments)` runs the blocking part off the event loop and returns when it is done.
    """

    def __init__(self, snapshots: Snapshots, offload: Callable[..., Any]) -> None:
        self._snapshots = snapshots
        self._offload = offload
        self._lock = threading.Lock()
        # By learner, the next one first; with what is known already, or None where that is to be read.
        self._waiting: dict[int, Known | None] = {}

    def keep(self, known: Known) -> None:
        """Keep what a start found out, where finding it out took long."""
        if known.replayed > WORTH_KEEPING:
            with self._lock:
                self._waiting[known.learner] = known

    def refresh(self, learner: int) -> None:
        """The learner has answered more."""
        with self._lock:
            self._waiting.setdefault(learner, None)

    def refresh_all(self) -> None:
        """Whoever has no snapshot yet, as after an upgrade or an import, gets one before they come. Blocks."""
        try:
            for learner in self._snapshots.learners():
                self.refresh(learner)
        except DBAPIError as error:
            logger.warning("no snapshots can be made (%s)", error.orig)

    def work(self) -> None:
        """Do a bit of it, some 100 ms at the most. To be called again and again. Never raises."""
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
            # The next start reads what the snapshot would have held.
            logger.warning("no snapshot of learner %s (%s)", learner, error)


def _believed_until(connection: Connection, learner: int, now_ms: int) -> float:
    """See drill/dates.py. No answer lies a day after its drill's beginning, and drills are found quickly."""
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
    """The snapshot with what came after it; None where it does not hold."""
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
    """The attempts in their order, about the first `most`: the end of a drill is not parted from it."""
    rows = attempts_in_order(connection, wanted, most and most + LONG_DRILL)
    end = len(rows) if most is None else min(most, len(rows))
    while 0 < end < len(rows) and rows[end].drill == rows[end - 1].drill:
        end += 1
    return rows[:end]


def attempts_in_order(
    connection: Connection, wanted: Sequence[ColumnElement[bool]], most: int | None = None
) -> Sequence[Row[Any]]:
    """Those of the wanted drills."""
    query = select(AttemptRow.__table__).join(DrillRow, DrillRow.id == ATTEMPTS.drill).where(*wanted)
    return connection.execute(query.order_by(*IN_ORDER).limit(most)).all()


def baseline(connection: Connection, learner: int) -> Baseline:
    row = connection.execute(select(BaselineRow.content, BaselineRow.until_ms).filter_by(learner=learner)).one_or_none()
    return Baseline() if row is None else Baseline(from_json(row.content), row.until_ms)


def _added(
    learner: int, knowledge: Knowledge, attempts: int, latest: tuple[Any, ...] | None, rows: Sequence[Row[Any]]
) -> Known:
    if rows:
        latest = tuple(getattr(rows[-1], column.key) for column in IN_ORDER)
    return Known(learner, knowledge.after(map(attempt_of, rows)), attempts + len(rows), len(rows), latest)


def attempt_of(row: Row[Any]) -> Attempt:
    return Attempt(
        Fact(row.left, row.right), row.verdict, row.heard, row.confidence, row.response_ms, row.at_ms, row.appeal
    )
