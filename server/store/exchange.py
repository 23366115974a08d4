"""Export all data of a class, or of all, to a file, and import it. The teacher's settings stay where they are."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine, Select, delete, select

from .database import writing
from .errors import FileError, StoreError
from .formats import Row, Source, sink, source
from .models import AttemptRow, Base, BaselineRow, ClassRow, DrillRow, LearnerRow, SampleRow, SnapshotRow
from .rows import NAMES, TABLES_OF_FILE, Line
from .store import insert_new

# Drills wait for the lock while a batch of an import is written.
BATCH = 500
# The knowledge of a learner is a hundred times as long as an answer.
BATCHES = {"baselines": 20}
# A school of 1,000 children gives 2 million answers in a hundred thousand drills a year.
MOST_ROWS = {"classes": 10_000, "learners": 100_000, "drills": 1_000_000, "attempts": 10_000_000, "samples": 1_000_000}
MOST_ROWS["baselines"] = MOST_ROWS["learners"]
# `progress(rows)` is called with the number of further rows that are done.
Progress = Callable[[int], object]


def no_progress(rows: int) -> None:
    """Ignore progress."""


def export_file(engine: Engine, path: Path, class_name: str | None = None, progress: Progress = no_progress) -> None:
    """Write `path` (.json or .zip). Raises StoreError: cannot_write, unknown_class; and FileError."""
    snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(yield_per=BATCH, **snapshot) as connection, connection.begin():
        if class_name is not None and connection.scalar(select(ClassRow.name).filter_by(name=class_name)) is None:
            raise StoreError("unknown_class", f"there is no class {class_name}")
        with sink(path) as file:
            for name, (table, line) in TABLES_OF_FILE.items():
                columns = list(line.model_fields)
                query = _of_class(table, class_name).order_by(*table.__table__.primary_key)

                def rows(query: Any = query, columns: list[str] = columns) -> Iterator[Row]:
                    for batch in connection.execute(query).partitions():
                        for row in batch:
                            yield {column: row._mapping[column] for column in columns}
                        progress(len(batch))

                file.write(name, rows())


def _of_class(table: type[Base], class_name: str | None) -> Select[Any]:
    """Select all rows of a table, or those of a class."""
    query: Select[Any] = select(table.__table__)
    if class_name is None:
        return query
    learners = select(LearnerRow.id).filter_by(class_name=class_name)
    drills = select(DrillRow.id).where(DrillRow.learner.in_(learners))
    conditions = {
        ClassRow: ClassRow.name == class_name,
        LearnerRow: LearnerRow.class_name == class_name,
        DrillRow: DrillRow.learner.in_(learners),
        AttemptRow: AttemptRow.drill.in_(drills),
        SampleRow: SampleRow.learner.in_(learners),
        BaselineRow: BaselineRow.learner.in_(learners),
    }
    return query.where(conditions[table])


def import_file(
    engine: Engine, path: Path, progress: Progress = no_progress, checked: Progress = no_progress
) -> dict[str, int]:
    """Add the content of `path`, or nothing if the file is not sound. Existing rows stay, so a repetition is harmless.

    The whole file is checked first, then written batch by batch, so drills need not wait. After an interruption, import
    the file once more. `progress` is called for each row twice, `checked` with the number of rows once the file is
    sound. Returns the number of rows of each table. Raises FileError.
    """
    read = dict.fromkeys(TABLES_OF_FILE, 0)
    with source(path) as file:
        for name, batch in _batches(file):
            read[name] += len(batch)
            if read[name] > MOST_ROWS[name]:
                raise FileError(
                    "too_many_rows",
                    f"{name}: there are more than {MOST_ROWS[name]} rows",
                    table=name,
                    n=MOST_ROWS[name],
                )
            progress(len(batch))
        checked(sum(read.values()))
        for name, batch in _batches(file):
            with writing(engine) as session:
                insert_new(session, TABLES_OF_FILE[name][0], batch)
                if name == "baselines":
                    # Derived from what was known without them.
                    session.execute(delete(SnapshotRow).where(SnapshotRow.learner.in_(row["learner"] for row in batch)))
            progress(len(batch))
    return read


def _batches(file: Source) -> Iterator[tuple[str, list[Row]]]:
    """Yield the sound rows of each table in batches. Raises FileError."""
    # The keys that a later row may name: classes, learners, and the drills of learners.
    known: dict[str, set[object]] = {"classes": set(), "learners": set(), "drills": set()}
    for name, (_, line) in TABLES_OF_FILE.items():
        lines = (_check(name, number, row, line, known) for number, row in file.read(name))
        while batch := [checked.model_dump() for checked in islice(lines, BATCHES.get(name, BATCH))]:
            yield name, batch


def _check(name: str, number: int, row: Any, line: type[Line], known: dict[str, set[object]]) -> Line:
    """Return the row if it is sound and all that it names came before it. Raises FileError."""
    try:
        checked = line.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise FileError(
            "row", f"{name}, row {number}: {where}{': ' if where else ''}{first['msg']}", table=name, row=number
        ) from None
    for (table, column), named_table in NAMES.items():
        named = getattr(checked, column) if table == name else None
        if named is not None and named not in known[named_table]:
            raise FileError(
                "row", f"{name}, row {number}: {column}: {named} is not among the {named_table}", table=name, row=number
            )
    if name in known and getattr(checked, "learner", 0) is not None:
        known[name].add(getattr(checked, "name" if name == "classes" else "id"))
    return checked
