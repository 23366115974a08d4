"""The tables. What is written here, the migrations make: a test compares them."""

from sqlalchemy import JSON, BigInteger, Double, Enum, ForeignKey, Index, Integer, MetaData, SmallInteger, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ..drill.judging import Verdict

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite's own keys are INTEGER, which holds 64 bits there.
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
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: Big, str: String(), float: Double(), Verdict: VERDICT, tuple[int, ...]: JSON()}


class ClassRow(Base):
    __tablename__ = "classes"

    name: Mapped[str] = mapped_column(primary_key=True)


class LearnerRow(Base):
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
    """Append-only. The key is what makes writing again harmless; the answers of a drill lie side by side in it."""

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
    """Drills that are going on, for whichever process goes on with them; they go when they end, and soon if they do
    not. epoch: see records.Unfinished. content: empty for one that has ended and had an epoch: who held it before and
    does not know of that writes no more.
    """

    __tablename__ = "unfinished"

    key: Mapped[str] = mapped_column(primary_key=True)
    learner: Mapped[int | None] = mapped_column(ForeignKey("learners.id", ondelete="CASCADE"))
    content: Mapped[str]
    saved_at_ms: Mapped[int] = mapped_column(index=True)
    epoch: Mapped[int] = mapped_column(Integer, server_default="0")


class SnapshotRow(Base):
    """What is known of a learner after the attempts up to one: derived, so it may go at any time. Never exported.

    model: knowledge.MODEL_VERSION when it was derived. attempts: how many are in it. The next four columns name the
    latest of them, in the order in which attempts are read.
    """

    __tablename__ = "snapshots"

    learner: Mapped[int] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer)
    at_ms: Mapped[int]
    drill: Mapped[int]
    turn: Mapped[int] = mapped_column(Integer)
    appeal: Mapped[bool]
    content: Mapped[str]


class BaselineRow(Base):
    """What is known of a learner from answers that are not kept any more: so many, the latest at `until_ms`."""

    __tablename__ = "baselines"

    learner: Mapped[int] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    attempts: Mapped[int] = mapped_column(Integer)
    until_ms: Mapped[int]
    content: Mapped[str]


class ClockStepRow(Base):
    """The computer's clock stepped from `before_ms` to `after_ms`. Never exported.

    id: in the order in which they were noticed. measured: seen by a running server; otherwise `before_ms` is only the
    newest date that was stored. settled: an adult has dealt with it.
    """

    __tablename__ = "clock_steps"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    before_ms: Mapped[int]
    after_ms: Mapped[int]
    measured: Mapped[bool]
    settled: Mapped[bool]


class SampleRow(Base):
    __tablename__ = "samples"

    path: Mapped[str] = mapped_column(primary_key=True)
    learner: Mapped[int] = mapped_column(ForeignKey("learners.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    at_ms: Mapped[int]


class SessionRow(Base):
    """A teacher who is logged in: a hash of the id in the cookie. Never exported."""

    __tablename__ = "sessions"

    key: Mapped[str] = mapped_column(primary_key=True)
    opened_at_ms: Mapped[int]
    used_at_ms: Mapped[int]


class NewcomerRow(Base):
    """A child who added itself and whom no adult has kept yet. Never exported."""

    __tablename__ = "newcomers"

    learner: Mapped[int] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class SettingRow(Base):
    """What the teacher sets, the hash of the passphrase among it. Never exported."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
