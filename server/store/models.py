"""The tables. A test compares them with those that the migrations make."""

from sqlalchemy import JSON, BigInteger, Double, Enum, ForeignKey, Index, Integer, MetaData, SmallInteger, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ..drill.judging import Verdict

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite's INTEGER holds 64 bits, and only INTEGER can be a key that SQLite assigns.
Big = BigInteger().with_variant(Integer, "sqlite")
VERDICT = Enum(
    Verdict,
    values_callable=lambda verdicts: [str(verdict) for verdict in verdicts],
    native_enum=False,
    length=8,
    create_constraint=True,
    name="verdict",
)


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: Big, str: String(), float: Double(), Verdict: VERDICT, tuple[int, ...]: JSON()}


class ClassRow(Base):
    """A school class."""

    __tablename__ = "classes"

    name: Mapped[str] = mapped_column(primary_key=True)


class LearnerRow(Base):
    """A learner; the columns are those of `records.Learner`."""

    __tablename__ = "learners"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    nickname: Mapped[str]
    picture: Mapped[str]
    class_name: Mapped[str | None] = mapped_column(
        ForeignKey("classes.name", ondelete="SET NULL", onupdate="CASCADE"), index=True
    )
    language: Mapped[str]
    created_at_ms: Mapped[int]
    consent_at_ms: Mapped[int | None]


class DrillRow(Base):
    """A session of practice; the columns are those of `records.Drill`."""

    __tablename__ = "drills"
    __table_args__ = (Index(None, "learner", "started_at_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    learner: Mapped[int | None] = mapped_column(ForeignKey("learners.id", ondelete="CASCADE"))
    language: Mapped[str]
    engine: Mapped[str]
    mode: Mapped[str]
    tables: Mapped[tuple[int, ...]]
    started_at_ms: Mapped[int]


class AttemptRow(Base):
    """An attempt and its place (`records.Entry`). Append-only.

    The key makes a repeated write harmless, and keeps the answers of a drill side by side.
    """

    __tablename__ = "attempts"
    __table_args__ = {"sqlite_with_rowid": False}

    drill: Mapped[int] = mapped_column(ForeignKey("drills.id", ondelete="CASCADE"), primary_key=True)
    turn: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    appeal: Mapped[bool] = mapped_column(primary_key=True)
    left: Mapped[int] = mapped_column(SmallInteger)
    right: Mapped[int] = mapped_column(SmallInteger)
    heard: Mapped[int | None] = mapped_column(Integer)
    verdict: Mapped[Verdict]
    confidence: Mapped[float]
    response_ms: Mapped[int | None] = mapped_column(Integer)
    at_ms: Mapped[int]


class UnfinishedRow(Base):
    """A drill in progress, for a restart of the server or for another process. See records.Unfinished.

    It goes when the drill ends, or soon after the child left. The row of a drill that was taken up and has ended stays
    for a day, with an empty content: a process that held the drill before may not know of that.
    """

    __tablename__ = "unfinished"

    key: Mapped[str] = mapped_column(primary_key=True)
    learner: Mapped[int | None] = mapped_column(ForeignKey("learners.id", ondelete="CASCADE"))
    content: Mapped[str]
    saved_at_ms: Mapped[int] = mapped_column(index=True)
    epoch: Mapped[int] = mapped_column(Integer, server_default="0")


class SnapshotRow(Base):
    """Knowledge of a learner after the attempts up to one. Derived: may be deleted at any time. Never exported."""

    __tablename__ = "snapshots"

    learner: Mapped[int] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[int] = mapped_column(Integer)
    """`knowledge.MODEL_VERSION` when it was derived."""
    attempts: Mapped[int] = mapped_column(Integer)
    """The number of attempts in it. The next four columns name the latest, in the order in which they are read."""
    at_ms: Mapped[int]
    drill: Mapped[int]
    turn: Mapped[int] = mapped_column(Integer)
    appeal: Mapped[bool]
    content: Mapped[str]
    """The knowledge, JSON (knowledge_json.py)."""


class BaselineRow(Base):
    """Knowledge of a learner from answers that were deleted."""

    __tablename__ = "baselines"

    learner: Mapped[int] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    attempts: Mapped[int] = mapped_column(Integer)
    """The number of those answers."""
    until_ms: Mapped[int]
    """The time of the latest one."""
    content: Mapped[str]
    """The knowledge, JSON (knowledge_json.py)."""


class ClockStepRow(Base):
    """A step of the computer's clock. Never exported."""

    __tablename__ = "clock_steps"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """In the order in which the steps were noticed."""
    before_ms: Mapped[int]
    """The time before the step; if not `measured`, the newest stored date."""
    after_ms: Mapped[int]
    """The time after the step."""
    measured: Mapped[bool]
    """A running server saw the step."""
    settled: Mapped[bool]
    """An adult has dealt with it."""


class SampleRow(Base):
    """A recording; the columns are those of `records.Sample`."""

    __tablename__ = "samples"

    path: Mapped[str] = mapped_column(primary_key=True)
    learner: Mapped[int] = mapped_column(ForeignKey("learners.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    at_ms: Mapped[int]


class SessionRow(Base):
    """A teacher's session. Never exported."""

    __tablename__ = "sessions"

    key: Mapped[str] = mapped_column(primary_key=True)
    """A hash of the id in the cookie."""
    opened_at_ms: Mapped[int]
    """Start of the session, UTC."""
    used_at_ms: Mapped[int]
    """Last use, UTC."""


class DeletedRow(Base):
    """The id of a learner who was deleted, or of one of its drills: an answer may be on its way. Never exported."""

    __tablename__ = "deleted"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int]


class TryRow(Base):
    """A try of a secret, see tries.Try. Never exported."""

    __tablename__ = "tries"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int]
    secret: Mapped[str]
    network: Mapped[str]
    cleared: Mapped[str]


class NewcomerRow(Base):
    """A child who joined without an adult, until an adult confirms it. Never exported."""

    __tablename__ = "newcomers"

    learner: Mapped[int] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class SettingRow(Base):
    """A setting of the teacher, such as the hash of the passphrase. Never exported."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
