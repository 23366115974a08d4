"""The store: the learners, and what became of every question."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Delete, Engine, Table, Update, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ..drill.attempt import Attempt
from ..drill.dates import DAY_MS
from ..drill.judging import Verdict
from ..drill.modes import CHANT
from .database import empty_log, writing
from .errors import StoreError, trouble_code
from .models import (
    AttemptRow,
    Base,
    ClassRow,
    DeletedRow,
    DrillRow,
    LearnerRow,
    SampleRow,
    SettingRow,
    TryRow,
    UnfinishedRow,
)
from .records import Drill, Entry, Learner, PassedOver, Sample, Unfinished, Written, new_id
from .snapshots import Baseline, attempt_of, attempts_in_order, baseline

logger = logging.getLogger(__name__)

# A process that stood still may believe for so long that it owns a drill which another process has ended.
KNOWN_TO_BE_OVER_MS = DAY_MS
# A try of a secret counts for so long.
TRIES_KEPT_MS = 3_600_000
# Drills of one learner that may be going on when the learner is deleted.
MOST_LIVING_DRILLS = 100
# A lock is waited for so often: a drill that is taken up during a write would lack an answer.
TAKE_UP_TRIES = 4
# Recordings of one learner: enough to train with, and some 60 MB.
MOST_SAMPLES = 1000
# What is learnt of a voice is forgotten sooner.
RECENT_DRILLS = 40
Record = TypeVar("Record", Learner, Sample)


def insert_new(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is new. Existing rows stay as they are."""
    if rows:
        session.execute(_insert(session, table).on_conflict_do_nothing(), list(rows))


def _insert(session: Session, table: type[Base]) -> Any:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # The table, not its class: the ORM would send rows with and without a value apart.
    return insert(cast(Table, table.__table__))


class Store:
    """The tables of learners and practice. Every method is a transaction and blocks: call it off the event loop.

    All raise SQLAlchemy's DBAPIError if the database is in trouble (`errors.trouble_code` gives its code), and
    StoreError `unknown_learner` or `unknown_class` for a missing row.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # False at the start: a server that was killed may have left deleted data in the log.
        self._is_log_empty = False

    # Classes and learners

    def add_class(self, name: str) -> None:
        with writing(self.engine) as session:
            insert_new(session, ClassRow, [{"name": name}])

    def rename_class(self, name: str, new_name: str) -> None:
        """Rename a class. Raises StoreError `class_exists`."""
        with writing(self.engine) as session:
            if session.get(ClassRow, new_name) is not None:
                raise StoreError("class_exists", f"there is a class {new_name} already")
            if not _changed(session, update(ClassRow).filter_by(name=name).values(name=new_name)):
                raise _unknown_class(name)

    def delete_class(self, name: str) -> None:
        """Delete a class. Its learners stay, in no class."""
        with writing(self.engine) as session:
            session.execute(delete(ClassRow).filter_by(name=name))

    def classes(self) -> list[str]:
        with Session(self.engine) as session:
            return list(session.scalars(select(ClassRow.name).order_by(ClassRow.name)))

    def add_learner(
        self, nickname: str, picture: str, language: str, created_at_ms: int, class_name: str | None = None
    ) -> Learner:
        """Add a learner, and the class if it is new."""
        learner = Learner(new_id(), nickname, picture, class_name, language, created_at_ms)
        with writing(self.engine) as session:
            _join_class(session, class_name)
            session.add(LearnerRow(**asdict(learner)))
        return learner

    def change_learner(self, learner: Learner) -> None:
        """Change nickname, picture, class and language, but not the consent."""
        changes = asdict(learner)
        del changes["id"], changes["created_at_ms"], changes["consent_at_ms"]
        with writing(self.engine) as session:
            _join_class(session, learner.class_name)
            if not _changed(session, update(LearnerRow).filter_by(id=learner.id).values(**changes)):
                raise _unknown_learner(learner.id)

    def delete_learner(self, learner: int) -> None:
        """Delete a learner with all rows. Recorded files stay: unlink the paths of `set_consent(id, None)` first."""
        with writing(self.engine) as session:
            now_ms = time.time_ns() // 1_000_000
            newest = select(DrillRow.id).filter_by(learner=learner).order_by(DrillRow.started_at_ms.desc())
            drills = list(session.scalars(newest.limit(MOST_LIVING_DRILLS)))
            if not _changed(session, delete(LearnerRow).filter_by(id=learner)):
                raise _unknown_learner(learner)
            insert_new(session, DeletedRow, [{"id": each, "at_ms": now_ms} for each in (learner, *drills)])
        self._is_log_empty = False
        self.empty_log()

    def empty_log(self) -> None:
        """Remove deleted data from SQLite's log. Called again and again: a reader postpones it."""
        if not self._is_log_empty:
            self._is_log_empty = empty_log(self.engine)

    def learner(self, learner: int) -> Learner:
        with Session(self.engine) as session:
            row = session.get(LearnerRow, learner)
            if row is None:
                raise _unknown_learner(learner)
            return _record(Learner, row)

    def learners(self, class_name: str | None = None) -> list[Learner]:
        """Return the learners of one class, or all, by nickname."""
        query = select(LearnerRow).order_by(LearnerRow.nickname, LearnerRow.id)
        if class_name is not None:
            query = query.filter_by(class_name=class_name)
        with Session(self.engine) as session:
            return [_record(Learner, row) for row in session.scalars(query)]

    # Practice

    def write(self, records: Sequence[Written]) -> PassedOver:
        """Write all records or none. A repeated write changes nothing; of an unfinished drill the latest state counts.

        Skips a guest's answers, records whose learner or drill is missing, and those of a drill that belongs to another
        process. Returns the records of missing ones.
        """
        drills = [record for record in records if isinstance(record, Drill)]
        entries = [record for record in records if isinstance(record, Entry)]
        unfinished = {record.key: record for record in records if isinstance(record, Unfinished)}
        with writing(self.engine) as session:
            taken_over = _taken_over(session, [*entries, *unfinished.values()])
            entries = [entry for entry in entries if (entry.key, entry.epoch) not in taken_over]
            unfinished = {key: each for key, each in unfinished.items() if (key, each.epoch) not in taken_over}
            everybody = [drill.learner for drill in drills] + [record.learner for record in unfinished.values()]
            here = _present(session, {learner for learner in everybody if learner is not None})
            insert_new(
                session, DrillRow, [asdict(drill) for drill in drills if drill.learner is None or drill.learner in here]
            )
            learner_of = _learners_of(session, {entry.drill for entry in entries})
            insert_new(
                session,
                AttemptRow,
                [_attempt_row(entry) for entry in entries if learner_of.get(entry.drill) is not None],
            )
            _keep_unfinished(
                session, [each for each in unfinished.values() if each.learner is None or each.learner in here]
            )
            unwritten = [drill for drill in drills if drill.learner is not None and drill.learner not in here]
            missing: list[Drill | Entry] = [*unwritten, *(each for each in entries if each.drill not in learner_of)]
            gone = _deleted_drills(session, unwritten, missing)
        deleted = tuple(record for record in missing if _drill_of(record) in gone)
        return PassedOver(tuple(record for record in missing if record not in deleted), deleted, taken_over)

    def take_up(self, key: str, since_ms: int) -> tuple[str, int] | None:
        """Return the state of the drill with this key, if it was saved at `since_ms` or later, and raise its epoch.

        The owner until now writes no more. If the database cannot be written just now, the first write of the new owner
        raises the epoch.
        """
        drill = (UnfinishedRow.key == key, UnfinishedRow.saved_at_ms >= since_ms, UnfinishedRow.content != "")
        raised = update(UnfinishedRow).where(*drill).values(epoch=UnfinishedRow.epoch + 1)
        for is_last in (False,) * (TAKE_UP_TRIES - 1) + (True,):
            try:
                with writing(self.engine) as session:
                    row = session.execute(raised.returning(UnfinishedRow.content, UnfinishedRow.epoch)).one_or_none()
                    return None if row is None else (row.content, row.epoch)
            except DBAPIError as error:
                if is_last or trouble_code(error) != "store_locked":
                    logger.warning("a drill is taken up before its epoch is raised (%s)", error.orig)
                    break
        with Session(self.engine) as session:
            row = session.execute(select(UnfinishedRow.content, UnfinishedRow.epoch).where(*drill)).one_or_none()
            return None if row is None else (row.content, row.epoch + 1)

    def epochs(self, keys: Sequence[str]) -> dict[str, int]:
        """Return the epoch of each drill that is stored."""
        with Session(self.engine) as session:
            rows = session.execute(select(UnfinishedRow.key, UnfinishedRow.epoch).where(UnfinishedRow.key.in_(keys)))
            return {row.key: row.epoch for row in rows}

    def latest_turn(self, drill: int) -> int:
        """Return the last stored turn of a drill, 0 without one."""
        with Session(self.engine) as session:
            return session.scalar(select(func.max(AttemptRow.turn)).filter_by(drill=drill)) or 0

    def forget_unfinished(self, before_ms: int, living: Sequence[str] = (), now_ms: int = 0) -> None:
        """Delete drills saved before `before_ms`. `living` ones with a learner stay, as if saved at `now_ms`.

        What processes had to know of each other goes, too, when it has lost its meaning.
        """
        with writing(self.engine) as session:
            if living:
                session.execute(update(UnfinishedRow).where(UnfinishedRow.key.in_(living)).values(saved_at_ms=now_ms))
            is_forgotten = or_(UnfinishedRow.content != "", UnfinishedRow.saved_at_ms < before_ms - KNOWN_TO_BE_OVER_MS)
            session.execute(delete(UnfinishedRow).where(UnfinishedRow.saved_at_ms < before_ms, is_forgotten))
            session.execute(delete(DeletedRow).where(DeletedRow.at_ms < now_ms - KNOWN_TO_BE_OVER_MS))
            session.execute(delete(TryRow).where(TryRow.at_ms < now_ms - TRIES_KEPT_MS))

    def attempts_of(self, learner: int) -> list[Attempt]:
        """Return all attempts of the learner in order."""
        with self.engine.connect() as connection:
            return list(map(attempt_of, attempts_in_order(connection, [DrillRow.learner == learner])))

    def recent_right_answers(self, learner: int, language: str, engine: str, but: int | None = None) -> list[Attempt]:
        """Return those of the learner's latest drills but `but`, in this language with this recogniser, in order."""
        drills = (
            select(DrillRow.id)
            .filter_by(learner=learner, language=language, engine=engine)
            .where(DrillRow.id != (but or 0), DrillRow.mode != CHANT)
            .order_by(DrillRow.started_at_ms.desc())
            .limit(RECENT_DRILLS)
        )
        wanted = [AttemptRow.drill.in_(drills), AttemptRow.verdict == Verdict.CORRECT]
        with self.engine.connect() as connection:
            return list(map(attempt_of, attempts_in_order(connection, wanted)))

    def baseline(self, learner: int) -> Baseline:
        """Return the knowledge from answers that were deleted."""
        with self.engine.connect() as connection:
            return baseline(connection, learner)

    # Recordings

    def set_consent(self, learner: int, consent_at_ms: int | None) -> list[str]:
        """Allow samples from now on. None forbids them and deletes their rows; returns the files to unlink."""
        with writing(self.engine) as session:
            change = update(LearnerRow).filter_by(id=learner).values(consent_at_ms=consent_at_ms)
            if not _changed(session, change):
                raise _unknown_learner(learner)
            if consent_at_ms is not None:
                return []
            paths = _sample_paths(session, learner)
            session.execute(delete(SampleRow).filter_by(learner=learner))
            return paths

    def add_sample(self, sample: Sample) -> None:
        """Add a sample. Raises StoreError `no_consent` or `samples_full`: then the file must not be kept."""
        with writing(self.engine) as session:
            row = session.get(LearnerRow, sample.learner)
            if row is None or row.consent_at_ms is None:
                raise StoreError("no_consent", "this learner's voice may not be kept")
            kept = select(func.count()).select_from(SampleRow).where(SampleRow.learner == sample.learner)
            if (session.scalar(kept) or 0) >= MOST_SAMPLES:
                raise StoreError("samples_full", "there are enough recordings of this learner")
            insert_new(session, SampleRow, [asdict(sample)])

    def delete_samples(self, learner: int, paths: Sequence[str]) -> list[str]:
        """Delete the rows of those recordings that are the learner's. Returns the files to unlink."""
        with writing(self.engine) as session:
            ours = [path for path in _sample_paths(session, learner) if path in paths]
            session.execute(delete(SampleRow).where(SampleRow.path.in_(ours)))
            return ours

    def samples(self, learner: int) -> list[Sample]:
        with Session(self.engine) as session:
            query = select(SampleRow).filter_by(learner=learner).order_by(SampleRow.at_ms, SampleRow.path)
            return [_record(Sample, row) for row in session.scalars(query)]

    # Settings

    def setting(self, name: str) -> str | None:
        with Session(self.engine) as session:
            return session.scalar(select(SettingRow.value).filter_by(name=name))

    def setting_or(self, name: str, value: str) -> str:
        """Return a setting, after setting it to `value` if it had none. All processes get the same value."""
        with writing(self.engine) as session:
            insert_new(session, SettingRow, [{"name": name, "value": value}])
            return session.scalar(select(SettingRow.value).filter_by(name=name)) or value

    def set_setting(self, name: str, value: str | None) -> None:
        """Set a value; None removes the setting."""
        with writing(self.engine) as session:
            session.execute(delete(SettingRow).filter_by(name=name))
            if value is not None:
                session.add(SettingRow(name=name, value=value))


def _record(kind: type[Record], row: Base) -> Record:
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})


def _attempt_row(entry: Entry) -> dict[str, Any]:
    attempt = asdict(entry.attempt)
    # The way to practise tells it.
    del attempt["in_order"]
    return {"drill": entry.drill, "turn": entry.turn} | attempt.pop("fact") | attempt


def _changed(session: Session, statement: Update | Delete) -> bool:
    """Execute a statement; return whether it changed a row."""
    return cast(CursorResult[Any], session.execute(statement)).rowcount > 0


def _drill_of(record: Drill | Entry) -> int:
    return record.id if isinstance(record, Drill) else record.drill


def _deleted_drills(session: Session, unwritten: Sequence[Drill], missing: Sequence[Drill | Entry]) -> set[int]:
    """Return which of the missing drills belong to learners who were deleted. What comes of those later does, too."""
    if not missing:
        return set()
    ids = {*map(_drill_of, missing), *(drill.learner for drill in unwritten)}
    known = {row.id: row.at_ms for row in session.scalars(select(DeletedRow).where(DeletedRow.id.in_(ids)))}
    new = {
        drill.id: known[drill.learner] for drill in unwritten if drill.learner is not None and drill.learner in known
    }
    insert_new(session, DeletedRow, [{"id": drill, "at_ms": at_ms} for drill, at_ms in new.items()])
    return {*known, *new}


def _taken_over(session: Session, records: Sequence[Entry | Unfinished]) -> frozenset[tuple[str, int]]:
    """Return keys and epochs of the drills whose stored epoch is newer. None is taken up during the transaction."""
    keys = {record.key for record in records if record.key}
    if not keys:
        return frozenset()
    query = select(UnfinishedRow.key, UnfinishedRow.epoch).where(UnfinishedRow.key.in_(keys))
    # In order, since two transactions that lock the same rows would wait for each other. SQLite locks the whole file.
    epochs = {row.key: row.epoch for row in session.execute(query.order_by(UnfinishedRow.key).with_for_update())}
    return frozenset((record.key, record.epoch) for record in records if epochs.get(record.key, 0) > record.epoch)


def _keep_unfinished(session: Session, records: Sequence[Unfinished]) -> None:
    over = [record.key for record in records if record.content is None and not record.epoch]
    if over:
        session.execute(delete(UnfinishedRow).where(UnfinishedRow.key.in_(over)))
    rows = [asdict(record) | {"content": record.content or ""} for record in records if record.key not in over]
    if rows:
        insert = _insert(session, UnfinishedRow)
        changes = {name: insert.excluded[name] for name in ("content", "saved_at_ms", "epoch")}
        session.execute(insert.on_conflict_do_update(index_elements=[UnfinishedRow.key], set_=changes), rows)


def _present(session: Session, learners: set[int]) -> set[int]:
    """Return those of the learners that exist."""
    return set(session.scalars(select(LearnerRow.id).where(LearnerRow.id.in_(learners)))) if learners else set()


def _learners_of(session: Session, drills: set[int]) -> dict[int, int | None]:
    """Return each drill's learner, None for a guest. Missing drills are left out."""
    query = select(DrillRow.id, DrillRow.learner).where(DrillRow.id.in_(drills))
    return {row.id: row.learner for row in session.execute(query)} if drills else {}


def _sample_paths(session: Session, learner: int) -> list[str]:
    return list(session.scalars(select(SampleRow.path).filter_by(learner=learner).order_by(SampleRow.path)))


def _join_class(session: Session, name: str | None) -> None:
    if name is not None:
        insert_new(session, ClassRow, [{"name": name}])


def _unknown_learner(learner: int) -> StoreError:
    return StoreError("unknown_learner", f"there is no learner {learner}")


def _unknown_class(name: str) -> StoreError:
    return StoreError("unknown_class", f"there is no class {name}")
