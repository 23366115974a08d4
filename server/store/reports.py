"""Counts for the list of learners. The database counts: there may be millions of answers."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, case, func, select

from ..drill.judging import Verdict
from .models import AttemptRow, DrillRow, LearnerRow
from .records import Learner


@dataclass(frozen=True, slots=True)
class Counts:
    """One learner's answers. An answer that was misheard as wrong counts in `correct` and in `appeals`."""

    correct: int
    wrong: int
    unsure: int
    appeals: int
    last_at_ms: int
    """Time of the latest answer, UTC."""

    @property
    def answered(self) -> int:
        return self.correct + self.wrong

    @property
    def misheard_rate(self) -> float | None:
        """The share of spoken answers that were not understood, or wrongly; None without spoken answers."""
        said = self.answered + self.unsure
        return (self.unsure + self.appeals) / said if said else None


@dataclass(frozen=True, slots=True)
class LearnerSummary:
    """A line of the list."""

    learner: Learner
    counts: Counts | None
    """None before the first practice."""


def overview(engine: Engine, class_name: str | None) -> list[LearnerSummary]:
    """Return every learner of the class, or of no class, by nickname. Blocks. Raises DBAPIError."""
    attempts = AttemptRow.__table__.c
    of_class = LearnerRow.class_name == class_name

    def count(verdict: Verdict) -> ColumnElement[int]:
        return func.count(case((attempts.verdict == verdict, 1)))

    # An appeal is a `correct` row of its own beside the `wrong` one that it replaces.
    appeals = func.count(case((attempts.appeal, 1)))
    counted = (
        select(
            DrillRow.learner,
            count(Verdict.CORRECT),
            count(Verdict.WRONG) - appeals,
            count(Verdict.UNSURE),
            appeals,
            func.max(attempts.at_ms),
        )
        .join(DrillRow, DrillRow.id == attempts.drill)
        .join(LearnerRow, LearnerRow.id == DrillRow.learner)
        .where(of_class)
        .group_by(DrillRow.learner)
    )
    learners = select(LearnerRow.__table__).where(of_class).order_by(LearnerRow.nickname, LearnerRow.id)
    with engine.connect() as connection:
        counts = {learner: Counts(*columns) for learner, *columns in connection.execute(counted)}
        return [LearnerSummary(Learner(**row._mapping), counts.get(row.id)) for row in connection.execute(learners)]
