"""What a teacher wants to know, counted by the database. `who` is a learner's id, or the name of a class."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, case, cast, func, select
from sqlalchemy.types import Float

from ..drill.facts import Fact
from ..drill.judging import Verdict
from .models import AttemptRow, DrillRow, LearnerRow
from .records import Learner

DAY_MS = 86_400_000
# An answer so quick is known and not worked out.
FLUENT_MS = 3000

_ATTEMPTS = AttemptRow.__table__.c
_IS_CORRECT = _ATTEMPTS.verdict == Verdict.CORRECT
_IS_UNSURE = _ATTEMPTS.verdict == Verdict.UNSURE


@dataclass(frozen=True, slots=True)
class Counts:
    """Appeals are settled: an answer that was misheard as wrong is one of `correct`, and one of `appeals`.

    Response times are those of the right answers; None where nobody spoke one.
    """

    correct: int
    wrong: int
    unsure: int
    silence: int
    appeals: int
    mean_ms: float | None
    last_at_ms: int

    @property
    def answered(self) -> int:
        return self.correct + self.wrong

    @property
    def misheard_rate(self) -> float | None:
        """The share of what was said that was not understood, or wrongly. None where nothing was said."""
        said = self.answered + self.unsure
        return (self.unsure + self.appeals) / said if said else None


@dataclass(frozen=True, slots=True)
class FactReport:
    fact: Fact
    counts: Counts
    median_ms: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """`heard` was said for the answer of `fact` so many times, and not appealed against."""

    fact: Fact
    heard: int
    times: int


@dataclass(frozen=True, slots=True)
class Day:
    """`day`: days since 1970 at the place meant. `fluent`: how many of the correct answers were quick."""

    day: int
    counts: Counts
    fluent: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of the list of a class; `counts` is None for somebody who has not practised yet."""

    learner: Learner
    counts: Counts | None


def _counts() -> tuple[ColumnElement[Any], ...]:
    """The columns of Counts. An appeal is a row of its own, `correct`, beside the `wrong` one that it makes good."""
    appeals = func.count(case((_ATTEMPTS.appeal, 1)))
    return (
        func.count(case((_IS_CORRECT, 1))).label("correct"),
        (func.count(case((_ATTEMPTS.verdict == Verdict.WRONG, 1))) - appeals).label("wrong"),
        func.count(case((_IS_UNSURE, 1))).label("unsure"),
        func.count(case((_ATTEMPTS.verdict == Verdict.SILENCE, 1))).label("silence"),
        appeals.label("appeals"),
        cast(func.avg(case((_IS_CORRECT, _ATTEMPTS.response_ms))), Float).label("mean_ms"),
        func.max(_ATTEMPTS.at_ms).label("last_at_ms"),
    )


def _read_counts(row: Row[Any]) -> Counts:
    return Counts(row.correct, row.wrong, row.unsure, row.silence, row.appeals, row.mean_ms, row.last_at_ms)


def _by(who: int | str | None, since_ms: int | None, query: Select[Any]) -> Select[Any]:
    """`query` on the attempts of a learner or class, of drills that began since then."""
    query = query.join(DrillRow, DrillRow.id == _ATTEMPTS.drill)
    if since_ms is not None:
        query = query.where(DrillRow.started_at_ms >= since_ms)
    if isinstance(who, int):
        return query.where(DrillRow.learner == who)
    return query.join(LearnerRow, LearnerRow.id == DrillRow.learner).where(LearnerRow.class_name == who)


class Reports:
    """Each method is one reading transaction and blocks: call it off the event loop. Raises DBAPIError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def facts(self, who: int | str, since_ms: int | None = None) -> list[FactReport]:
        """How each fact that was ever asked is known. Of a class no median: sorting all its times takes too long."""
        fact = (_ATTEMPTS.left, _ATTEMPTS.right)
        counted = _by(who, since_ms, select(*fact, *_counts())).group_by(*fact).order_by(*fact)
        with self._engine.connect() as connection:
            median_ms: dict[Fact, float] = {}
            if isinstance(who, int):
                medians = _medians(_by(who, since_ms, select(*fact, *_places(fact))))
                median_ms = {Fact(row.left, row.right): row.median_ms for row in connection.execute(medians)}
            return [
                FactReport(key, _read_counts(row), median_ms.get(key))
                for row in connection.execute(counted) for key in [Fact(row.left, row.right)]
            ]

    def confusions(self, who: int | str, limit: int = 10, since_ms: int | None = None) -> list[Confusion]:
        """The wrong answers that came most often."""
        appeal = AttemptRow.__table__.alias("appeal").c
        answer = (_ATTEMPTS.left, _ATTEMPTS.right, _ATTEMPTS.heard)
        query = _by(who, since_ms, select(*answer, func.count().label("times"))).where(
            _ATTEMPTS.verdict == Verdict.WRONG, _ATTEMPTS.heard.is_not(None),
            ~select(appeal.turn).where(and_(
                appeal.drill == _ATTEMPTS.drill, appeal.turn == _ATTEMPTS.turn, appeal.appeal.is_(True)
            )).exists(),
        ).group_by(*answer).order_by(func.count().desc(), *answer).limit(limit)
        with self._engine.connect() as connection:
            return [Confusion(Fact(row.left, row.right), row.heard, row.times) for row in connection.execute(query)]

    def days(
        self, who: int | str, utc_offset_ms: int = 0, fluent_ms: int = FLUENT_MS, since_ms: int | None = None
    ) -> list[Day]:
        """Each day with practice, the first one first."""
        day = ((_ATTEMPTS.at_ms + utc_offset_ms) // DAY_MS).label("day")
        fluent = func.count(case((and_(_IS_CORRECT, _ATTEMPTS.response_ms <= fluent_ms), 1))).label("fluent")
        query = _by(who, since_ms, select(day, fluent, *_counts())).group_by("day").order_by("day")
        with self._engine.connect() as connection:
            return [Day(row.day, _read_counts(row), row.fluent) for row in connection.execute(query)]

    def overview(self, class_name: str | None, since_ms: int | None = None) -> list[Standing]:
        """Every learner of the class, or of those in none, by nickname."""
        query = _by(class_name, since_ms, select(DrillRow.learner, *_counts())).group_by(DrillRow.learner)
        learners = select(LearnerRow.__table__).where(LearnerRow.class_name == class_name)
        with self._engine.connect() as connection:
            counts = {row.learner: _read_counts(row) for row in connection.execute(query)}
            return [
                Standing(Learner(**row._mapping), counts.get(row.id))
                for row in connection.execute(learners.order_by(LearnerRow.nickname, LearnerRow.id))
            ]


def _places(fact: tuple[ColumnElement[int], ...]) -> tuple[ColumnElement[Any], ...]:
    """The time of each answer, its place among those of the same fact, and how many these are."""
    response_ms = _ATTEMPTS.response_ms
    return (
        response_ms, func.row_number().over(partition_by=fact, order_by=response_ms).label("place"),
        func.count().over(partition_by=fact).label("places"),
    )


def _medians(placed: Select[Any]) -> Select[Any]:
    """The middle one, or the mean of the two in the middle: SQLite has no percentiles of its own."""
    columns = placed.where(_IS_CORRECT, _ATTEMPTS.response_ms.is_not(None)).cte().c
    middle = (2 * columns.place).between(columns.places, columns.places + 2)
    median = cast(func.avg(columns.response_ms), Float).label("median_ms")
    return select(columns.left, columns.right, median).where(middle).group_by(columns.left, columns.right)
