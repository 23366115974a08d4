"""Measure the teacher's pages and the commit of an answer: `python -m bench.store [--database URL]`.

The database holds 1,000 learners in classes of 40 and 2 million attempts. The queries of the teacher's pages run again
and again, each time for another learner or class. Without --database: SQLite, then a PostgreSQL server started for it;
--database must be empty. Also measured: the commit that a verdict waits for, with both settings of SQLite.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, insert, text

from bench.common import summary
from server.drill.attempt import Attempt
from server.drill.dates import DAY_MS
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.store.database import make_engine, migrate, writing
from server.store.models import ClassRow, DrillRow, LearnerRow
from server.store.records import Drill, Entry, new_id
from server.store.reports import overview
from server.store.store import Store
from server.store.writer import Writer
from server.web.teacher.heatmap import statuses_of
from server.web.teacher.summary import summarise
from tests.support.postgres import postgres_programs, running_postgres

CLASS_SIZE = 40
TURNS = 20
START_MS = 1_748_736_000_000  # 2025-06-01
SCHOOL_YEAR_DAYS = 200

# The database itself makes the attempts, from pseudo-random numbers: two million in seconds.
ATTEMPTS = f"""
WITH RECURSIVE turns(turn) AS (SELECT 1 UNION ALL SELECT turn + 1 FROM turns WHERE turn < {TURNS}),
asked AS (SELECT drills.id AS drill, turn, started_at_ms + 6000 * turn AS at_ms,
    1 + (drills.id + 7 * turn) % 10 AS l, 1 + (drills.id / 10 + 3 * turn) % 10 AS r,
    (drills.id % 9973 * 7919 + turn * 104729) % 100 AS chance FROM drills CROSS JOIN turns)
INSERT INTO attempts (drill, turn, appeal, "left", "right", heard, verdict, confidence, response_ms, at_ms)
SELECT drill, turn, false, l, r,
    CASE WHEN chance < 80 THEN l * r WHEN chance < 92 THEN l * r + chance % 7 + 1 END,
    CASE WHEN chance < 80 THEN 'correct' WHEN chance < 92 THEN 'wrong' WHEN chance < 97 THEN 'unsure'
        ELSE 'silence' END,
    0.9, CASE WHEN chance < 97 THEN 700 + (drill + turn * 7919) % 5000 END, at_ms FROM asked
ORDER BY at_ms, drill
"""
APPEALS = """
INSERT INTO attempts (drill, turn, appeal, "left", "right", heard, verdict, confidence, response_ms, at_ms)
SELECT drill, turn, true, "left", "right", "left" * "right", 'correct', 1.0, response_ms, at_ms + 2000 FROM attempts
WHERE verdict = 'wrong' AND at_ms % 11 = 0
"""


def fill(engine: Engine, learners: int, attempts: int) -> tuple[list[int], list[str]]:
    """Fill the database. Returns the learners and the classes."""
    chance = random.Random(0)
    classes = [f"Class {number}" for number in range(-(-learners // CLASS_SIZE))]
    people = [
        {
            "id": new_id(),
            "nickname": f"Learner {number}",
            "picture": "tiger",
            "class_name": classes[number // CLASS_SIZE],
            "language": "mr",
            "created_at_ms": START_MS,
        }
        for number in range(learners)
    ]
    begins_ms = [
        START_MS + chance.randrange(SCHOOL_YEAR_DAYS) * DAY_MS + chance.randrange(DAY_MS // 4)
        for _ in range(attempts // TURNS)
    ]
    drills = [
        {
            "id": new_id(),
            "learner": people[number % learners]["id"],
            "language": "mr",
            "engine": "numbers",
            "mode": "kiosk",
            "tables": [2, 3, 7],
            "started_at_ms": begin_ms,
        }
        for number, begin_ms in enumerate(begins_ms)
    ]
    with writing(engine) as session:
        session.execute(insert(ClassRow), [{"name": name} for name in classes])
        session.execute(insert(LearnerRow), people)
        session.execute(insert(DrillRow), drills)
        session.execute(text(ATTEMPTS))
        session.execute(text(APPEALS))
        session.execute(text("ANALYZE"))
    if engine.dialect.name == "postgresql":
        # Otherwise the database would tidy up by itself during a measurement.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return [int(str(person["id"])) for person in people], classes


def times_ms(action: Callable[[], object], runs: int) -> list[float]:
    taken = []
    for _ in range(runs):
        began_s = time.perf_counter()
        action()
        taken.append((time.perf_counter() - began_s) * 1000)
    return taken


def measure_pages(engine: Engine, learners: list[int], classes: list[str], runs: int) -> None:
    store, chance = Store(engine), random.Random(1)

    def child() -> None:
        attempts = store.attempts_of(chance.choice(learners))
        summarise(attempts)
        statuses_of(attempts, START_MS + SCHOOL_YEAR_DAYS * DAY_MS)

    def class_list() -> None:
        store.learners()  # for the sizes of all classes
        overview(engine, chance.choice(classes))

    questions: dict[str, Callable[[], object]] = {
        "the list of a class": class_list,
        "a child: every attempt, read": lambda: store.attempts_of(chance.choice(learners)),
        "a child: every attempt, read and summarised": child,
        "who can practise": store.learners,
    }
    for name, question in questions.items():
        print(f"  {name}: {summary(times_ms(question, runs))} ms")


def measure_commit(engine: Engine, learner: int, runs: int) -> None:
    store = Store(engine)
    writer = Writer(store, lambda function, *arguments: function(*arguments))
    drill = Drill(new_id(), learner, "mr", "numbers", "kiosk", (7,), START_MS)
    writer.keep([drill], 0)
    turns = iter(range(1, runs + 2))

    def answer() -> None:
        attempt = Attempt(Fact(7, 8), Verdict.CORRECT, 56, 0.9, 1500, START_MS)
        writer.keep([Entry(drill.id, next(turns), attempt)], 0)

    settings = ["FULL", "NORMAL"] if engine.dialect.name == "sqlite" else [""]
    for synchronous in settings:
        if synchronous:
            with closing(engine.raw_connection()) as connection:
                connection.cursor().execute(f"PRAGMA synchronous = {synchronous}")
        taken = times_ms(answer, runs // len(settings))
        print(f"  keeping an answer {synchronous}: p50 {sorted(taken)[len(taken) // 2]:.2f}; {summary(taken)} ms")


def measure(url: str, learners: int, attempts: int, runs: int) -> None:
    engine = make_engine(url)
    migrate(engine)
    began_s = time.perf_counter()
    people, classes = fill(engine, learners, attempts)
    with engine.connect() as connection:
        there = connection.scalar(text("SELECT count(*) FROM attempts"))
    print(f"{engine.dialect.name}: {len(people)} learners, {there} attempts in {time.perf_counter() - began_s:.0f} s")
    measure_pages(engine, people, classes, runs)
    measure_commit(engine, people[0], 200)
    engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database")
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--attempts", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=40)
    arguments = parser.parse_args()
    size = (arguments.learners, arguments.attempts, arguments.runs)
    if arguments.database:
        measure(arguments.database, *size)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", *size)
    programs = postgres_programs()
    if programs is None:
        print("postgresql: not installed")
        return
    with running_postgres(programs) as server:
        measure(f"{server}postgres", *size)


if __name__ == "__main__":
    main()
