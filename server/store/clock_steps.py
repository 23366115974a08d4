"""Steps of the computer's clock: noticed, shown to an adult, and repaired on request.

A computer without internet or battery may have a wrong clock and dates answers by it. Only a person knows which of two
times was right. So a step is recorded, and no date changes until an adult asks for it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, delete, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ..drill.dates import DAY_MS, LONGEST_DAYS
from .database import writing
from .errors import StoreError
from .models import AttemptRow, ClockStepRow, DrillRow, LearnerRow, SampleRow, SnapshotRow

logger = logging.getLogger(__name__)

# A smaller step is a corrected time zone or a daily correction.
STEP_MS = DAY_MS
# The server may stand still this long between two starts: a school closes.
AWAY_MS = LONGEST_DAYS * DAY_MS
# All dates that may be shown, except those of answers, which follow the clock at the start of their drill.
DATES = (DrillRow.started_at_ms, LearnerRow.created_at_ms, LearnerRow.consent_at_ms, SampleRow.at_ms)


@dataclass(frozen=True, slots=True)
class ClockStep:
    """One step of the clock."""

    id: int
    """In the order in which the steps were noticed."""
    before_ms: int
    """The time before the step, UTC."""
    after_ms: int
    """The time after the step, UTC."""
    measured: bool
    """The server ran during the step, so its size is exact."""

    @property
    def by_ms(self) -> int:
        return self.after_ms - self.before_ms


@dataclass(frozen=True, slots=True)
class Suspect:
    """A span of dates that may be wrong."""

    steps: tuple[ClockStep, ...]
    """The steps that cast the doubt."""
    from_ms: int
    """The span's start."""
    until_ms: int
    """The span's end."""
    by_ms: int
    """How far ahead the clock probably was."""


def suspects(steps: Sequence[ClockStep], now_ms: int) -> list[Suspect]:
    """Return the spans that the steps make doubtful. Two opposite steps enclose one span with a wrong clock."""
    found = []
    rest = list(steps)
    for first, second in pairwise(steps):
        if first in rest and second in rest and (first.by_ms > 0) is not (second.by_ms > 0):
            rest.remove(first)
            rest.remove(second)
            by_ms = -second.by_ms if second.measured and not first.measured else first.by_ms
            found.append(Suspect((first, second), first.after_ms, second.before_ms, by_ms))
    for step in rest:
        # Back: dates that now lie in the future were wrong. Ahead: dates from the step on may be wrong.
        span = (now_ms, step.before_ms, -step.by_ms) if step.by_ms < 0 else (step.after_ms, now_ms, step.by_ms)
        found.append(Suspect((step,), *span))
    return sorted(found, key=lambda suspect: suspect.steps[0].id)


class ClockSteps:
    """The recorded steps. Every method blocks; all but the first raise DBAPIError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._offset_ms: float | None = None

    def look_at_start(self, utc_ms: int) -> None:
        """Compare the clock with the newest stored date. Never raises: the server starts without this check, too."""
        try:
            newest_ms = self._newest_ms()
            if newest_ms is not None and not newest_ms - STEP_MS <= utc_ms <= newest_ms + AWAY_MS:
                self._note(newest_ms, utc_ms, measured=False)
        except DBAPIError as error:
            logger.warning("the clock cannot be compared with the stored dates (%s)", error.orig)

    def look(self, utc_ms: int, now_ms: float) -> None:
        """Compare the clock with one that only goes forward. Called every few seconds."""
        offset_ms = utc_ms - now_ms
        if self._offset_ms is not None and abs(offset_ms - self._offset_ms) > STEP_MS:
            self._note(round(self._offset_ms + now_ms), utc_ms, measured=True)
        self._offset_ms = offset_ms

    def open(self) -> list[ClockStep]:
        """Return the steps that no adult has dealt with, in the order in which they were noticed."""
        with Session(self._engine) as session:
            rows = session.scalars(select(ClockStepRow).filter_by(settled=False).order_by(ClockStepRow.id))
            return [ClockStep(row.id, row.before_ms, row.after_ms, row.measured) for row in rows]

    def settle(self) -> None:
        """Mark all steps as dealt with: an adult says that all dates are right."""
        with writing(self._engine) as session:
            session.execute(update(ClockStepRow).values(settled=True))

    def repair(self, from_ms: int, until_ms: int, by_ms: int) -> int:
        """Move the dates of a span back by `by_ms`, by which the clock was ahead (negative: behind).

        Derived results of those answers are deleted. Returns the number of answers that changed. Raises StoreError
        bad_dates.
        """
        if not 0 <= from_ms <= until_ms or not by_ms or from_ms - by_ms < 0:
            raise StoreError("bad_dates", "the end must be after the beginning, and both after 1970")
        drills = select(DrillRow.id).where(DrillRow.started_at_ms.between(from_ms, until_ms))
        answers = update(AttemptRow).where(AttemptRow.drill.in_(drills)).values(at_ms=AttemptRow.at_ms - by_ms)
        with writing(self._engine) as session:
            repaired = cast(CursorResult[Any], session.execute(answers)).rowcount
            for column in DATES:
                session.execute(
                    update(column.class_).where(column.between(from_ms, until_ms)).values({column: column - by_ms})
                )
            session.execute(delete(SnapshotRow))
            session.execute(update(ClockStepRow).values(settled=True))
        logger.info("%d answers from %s to %s are dated anew", repaired, _shown(from_ms), _shown(until_ms))
        return repaired

    def _newest_ms(self) -> int | None:
        with Session(self._engine) as session:
            newest = [
                session.scalar(select(func.max(column)))
                for column in (DrillRow.started_at_ms, LearnerRow.created_at_ms)
            ]
        return max((at_ms for at_ms in newest if at_ms is not None), default=None)

    def _note(self, before_ms: int, after_ms: int, measured: bool) -> None:
        """Record a step, once: the server may start again and again while the clock is wrong."""
        with writing(self._engine) as session:
            known = select(ClockStepRow.id).filter_by(before_ms=before_ms, measured=False)
            if not measured and session.scalar(known.limit(1)) is not None:
                return
            number = (session.scalar(select(func.max(ClockStepRow.id))) or 0) + 1
            session.add(
                ClockStepRow(id=number, before_ms=before_ms, after_ms=after_ms, measured=measured, settled=False)
            )
        logger.warning(
            "the computer's clock says %s, after %s: answers may have a wrong date. Set the clock right, then repair "
            "them on the teacher's page (Data) or by `clock repair`",
            _shown(after_ms),
            _shown(before_ms),
        )


def _shown(at_ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(at_ms / 1000):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return f"{at_ms} ms"
