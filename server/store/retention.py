"""Replace answers older than the teacher's limit by the knowledge derived from them.

The learner model is the same before and after, to the last bit. Counts of single answers on the pages are not. This
cannot be undone, so it waits while the clock is in doubt.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, select
from sqlalchemy.exc import DBAPIError

from ..drill.dates import DAY_MS
from .clock_steps import ClockSteps
from .database import empty_log, writing
from .knowledge_json import to_json
from .models import BaselineRow, DrillRow, SettingRow, SnapshotRow
from .snapshots import attempt_of, attempts_in_order, baseline

logger = logging.getLogger(__name__)

# The teacher's setting, in months; without it all answers are kept.
SETTING = "retention.months"
MONTH_MS = 30.44 * DAY_MS
BATCH = 500


class Retention:
    """Applies the limit. Every method blocks: call it off the event loop."""

    def __init__(self, engine: Engine, clock: ClockSteps) -> None:
        self._engine = engine
        self._clock = clock

    def run(self, now_ms: int) -> int:
        """Reduce answers older than the teacher's limit. Returns the number of deleted answers. Never raises."""
        try:
            with self._engine.connect() as connection:
                months = connection.scalar(select(SettingRow.value).filter_by(name=SETTING))
            if months is None or self._clock.open():
                return 0
            return self.reduce(round(now_ms - int(months) * MONTH_MS))
        except (DBAPIError, ValueError) as error:
            logger.warning("older answers are not reduced (%s)", error)
            return 0

    def reduce(self, before_ms: int) -> int:
        """Reduce every learner's drills that were over before that time. Raises DBAPIError."""
        oldest = select(DrillRow.learner).where(DrillRow.learner.is_not(None), DrillRow.started_at_ms < before_ms)
        with self._engine.connect() as connection:
            learners = [learner for learner in connection.scalars(oldest.distinct()) if learner is not None]
        gone = sum(self._reduce(learner, before_ms) for learner in learners)
        if gone:
            empty_log(self._engine)
            date = datetime.fromtimestamp(before_ms / 1000, UTC).date()
            logger.info("%d answers from before %s are reduced to what is known from them", gone, date)
        return gone

    def _reduce(self, learner: int, before_ms: int) -> int:
        with self._engine.connect() as connection:
            content = _reduced(connection, learner, before_ms)
        if content is None:
            return 0
        known, rows = content
        with writing(self._engine) as session:
            earlier = session.get(BaselineRow, learner)
            attempts = len(rows) + (earlier.attempts if earlier else 0)
            until_ms = max(rows[-1].at_ms, earlier.until_ms if earlier else 0)
            drills = list({row.drill for row in rows})
            for start in range(0, len(drills), BATCH):
                session.execute(delete(DrillRow).where(DrillRow.id.in_(drills[start : start + BATCH])))
            session.execute(delete(SnapshotRow).filter_by(learner=learner))
            session.merge(BaselineRow(learner=learner, attempts=attempts, until_ms=until_ms, content=known))
        return len(rows)


def _reduced(connection: Connection, learner: int, before_ms: int) -> tuple[str, Sequence[Row[Any]]] | None:
    """Return the knowledge from the oldest answers, and their rows; None if none can go without changing it."""
    rows = attempts_in_order(connection, [DrillRow.learner == learner])
    end = whole_drills(rows, before_ms)
    if not end:
        return None
    before = baseline(connection, learner)
    # Answers that were reduced before may have been imported again from an older export.
    counts = [attempt_of(row) for row in rows[:end] if row.at_ms > before.until_ms]
    rest = list(map(attempt_of, rows[end:]))
    known = before.knowledge.after(counts)
    if known.after(rest) != before.knowledge.after([*counts, *rest]):
        logger.warning("the answers of learner %s cannot be reduced without changing what is known", learner)
        return None
    return to_json(known), rows[:end]


def whole_drills(rows: Sequence[Row[Any]], before_ms: int) -> int:
    """Return how many of the first answers belong to whole drills from before that time, older than all others."""
    last = {row.drill: place for place, row in enumerate(rows)}
    end = reaches = 0
    for place, row in enumerate(rows):
        if row.at_ms >= before_ms:
            break
        reaches = max(reaches, last[row.drill])
        following = rows[place + 1 : place + 2]
        if reaches == place and all(row.at_ms < each.at_ms for each in following):
            end = place + 1
    return end


def reduced_until_ms(engine: Engine) -> int | None:
    """Return the time up to which a learner's answers were deleted; None if all are there. Raises DBAPIError."""
    with engine.connect() as connection:
        return connection.scalar(select(func.max(BaselineRow.until_ms)))
