"""What a teacher sees of recited tables."""

from dataclasses import replace

from flask.testing import FlaskClient

from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.store.records import Entry
from server.store.store import Store
from server.web.teacher.recitals import Recital, recitals
from tests.store.making import NOON_MS, a_drill, a_learner

RIGHT, WRONG, TOLD, UNSURE = Verdict.CORRECT, Verdict.WRONG, Verdict.SILENCE, Verdict.UNSURE


def recited(table: int, at_ms: int, verdicts: dict[int, Verdict] | None = None, line_ms: int = 2000) -> list[Attempt]:
    """Each line that is not among `verdicts` was said rightly."""
    return [
        Attempt(
            Fact(table, line),
            (verdicts or {}).get(line, RIGHT),
            None,
            1.0,
            None if line == 1 else line_ms,
            at_ms,
            in_order=True,
        )
        for line in range(1, 11)
    ]


def test_the_latest_recitation_and_the_best_time() -> None:
    attempts = recited(7, 1000) + recited(7, 2000, line_ms=1500) + recited(7, 3000, {3: WRONG, 5: TOLD, 6: UNSURE})
    assert recitals(attempts) == [Recital(7, 3, 3000, 7, 10, (Fact(7, 3), Fact(7, 5)), 9 * 1500)]


def test_a_table_with_a_mistake_has_no_time_and_questions_are_no_recitation() -> None:
    question = Attempt(Fact(2, 3), RIGHT, 6, 1.0, 900, 500)
    attempts = [question, *recited(2, 1000, {4: WRONG}), *recited(5, 2000)]
    assert [(each.table, each.best_ms) for each in recitals(attempts)] == [(5, 18_000), (2, None)]


def test_a_recitation_that_was_stopped_has_no_time() -> None:
    (recital,) = recitals(recited(3, 1000)[:4])
    assert (recital.right, recital.lines, recital.best_ms) == (4, 4, None)


def test_a_child_s_page_shows_them(teacher: FlaskClient, store: Store) -> None:
    learner = a_learner(store)
    drill = replace(a_drill(learner), mode="chant", tables=(7,))
    store.write([drill, *(Entry(drill.id, each.fact.right, each) for each in recited(7, NOON_MS, {3: WRONG}))])
    assert store.attempts_of(learner) == recited(7, NOON_MS, {3: WRONG})
    page = teacher.get(f"/teacher/learners/{learner}?language=en").text
    assert "Recited tables" in page and "9 of 10 lines right" in page and "7 × 3" in page
