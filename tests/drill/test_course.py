"""A course follows from its steps: it can be replayed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from server.drill.attempt import Attempt
from server.drill.course import MOST_STEPS, Course, Step, StepKind
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge
from server.drill.modes import CALM, CHECK, MODES, PLACEMENT, RECITATION, Mode
from server.drill.practice import Practice

EPOCH_MS = 1_700_000_000_000.25
# The learner's earlier attempts: some facts are familiar.
HISTORY = [
    Attempt(
        Fact(2, right),
        Verdict.CORRECT if right % 3 else Verdict.WRONG,
        None,
        1.0,
        900 * right,
        1_699_900_000_000 + right,
    )
    for right in range(1, 11)
]
TURNS = st.lists(
    st.tuples(
        st.sampled_from(["correct", "wrong", "unsure", "silence", "skip", "rest", "appeal"]), st.floats(50, 20_000)
    ),
    max_size=40,
)


def practice(mode: Mode, epoch_ms: float = EPOCH_MS) -> Practice:
    return mode.practice([2, 3], Knowledge.of(HISTORY), seed=5, epoch_ms=epoch_ms)


def gone_through(mode: Mode, turns: list[tuple[str, float]]) -> Course:
    course, now_ms = Course(practice(mode), mode, 17.0), 100.0
    course.begin(now_ms)
    for turn, (what, after_ms) in enumerate(turns, 1):
        now_ms += after_ms
        if what == "appeal":
            if course.mistake:
                course.appeal(course.mistake, now_ms)
            continue
        if what == "skip":
            course.missed(now_ms)
        elif what == "rest":
            course.rest(now_ms)
        else:
            course.judged(turn, Verdict(what), round(after_ms), now_ms, 1 / (1 + turn % 3))
        if what in ("skip", "rest", "correct", "wrong") and not course.advance(now_ms):
            course.finish(now_ms)
            break
    return course


def standing(course: Course) -> tuple[object, ...]:
    return (
        course.fact,
        course.number,
        course.turn,
        course.score,
        course.mistake,
        course.came_back,
        course.unheard,
        course.steps,
        course.practice.speaker,
        course.can_be_replayed,
    )


@given(st.sampled_from([mode.lasting(None, None) for mode in MODES.values()]), TURNS)
def test_it_stands_where_its_steps_lead_and_goes_on_alike(mode: Mode, turns: list[tuple[str, float]]) -> None:
    course = gone_through(mode, turns)
    # The clock of another process counts from another start.
    again = Course.replay(practice(mode, EPOCH_MS - 123_456.5), mode, course.steps)
    assert standing(again) == standing(course)
    for now_ms in (600_000.0, 601_000.0, 602_000.0):
        assert again.advance(now_ms + 123_456.75) == course.advance(now_ms + 0.25)
        assert again.fact == course.fact


def test_the_steps_of_earlier_versions_can_be_read() -> None:
    steps = TypeAdapter(tuple[Step, ...]).validate_json("""[
        {"did": "asked", "at_ms": 1700000000000, "fact": {"left": 2, "right": 7}},
        {"did": "begun", "at_ms": 1700000001000},
        {"did": "judged", "at_ms": 1700000005000, "turn": 1, "verdict": "unsure"},
        {"did": "missed", "at_ms": 1700000005000},
        {"did": "asked", "at_ms": 1700000005000, "fact": {"left": 3, "right": 7}}
    ]""")
    course = Course.replay(practice(CALM), CALM, steps)
    assert (course.fact, course.number, course.unheard, course.came_back) == (Fact(3, 7), 2, (), False)


@pytest.mark.parametrize("mode", [CALM, CHECK, RECITATION, PLACEMENT], ids=lambda mode: mode.name)
def test_a_fact_that_rests_is_chosen_no_more_but_asked_once_again(mode: Mode) -> None:
    course = Course(practice(mode), mode)
    course.begin(0.0)
    resting, asked = course.fact, []
    course.rest(0.0)
    for turn in range(1, 60):
        if not course.advance(0.0):
            break
        asked.append(course.fact)
        if course.fact == resting:
            assert course.came_back
            course.rest(0.0)
        else:
            course.judged(turn, Verdict.CORRECT, 2000, 0.0)
    assert asked.count(resting) == 1 and asked.index(resting) >= 10
    assert course.unheard == (resting,)


@pytest.mark.parametrize("mode", MODES.values(), ids=lambda mode: mode.name)
def test_what_is_not_understood_is_never_asked_more_than_twice(mode: Mode) -> None:
    course = Course(practice(mode), mode)
    course.begin(0.0)
    asked = [course.fact]
    course.rest(0.0)
    while course.advance(0.0):
        asked.append(course.fact)
        course.rest(0.0)
    assert max(asked.count(fact) for fact in asked) <= 2
    assert course.practice.knowledge == practice(mode).knowledge


@given(st.sampled_from([mode.lasting(None, None) for mode in MODES.values()]), TURNS)
def test_what_is_not_settled_can_be_undone(mode: Mode, turns: list[tuple[str, float]]) -> None:
    course = gone_through(mode, turns)
    course.settle()
    before = standing(course.as_settled())
    assert before == standing(course) and not course.has_progressed
    course.missed(1e6)
    course.finish(2e6)
    assert course.has_progressed and standing(course.as_settled()) == before


def test_a_stored_answer_beyond_the_steps_keeps_its_turn() -> None:
    course = gone_through(CALM, [("correct", 1000)])
    assert [Course.replay(practice(CALM), CALM, course.steps, turn).turn for turn in (0, 1, 5)] == [1, 1, 5]


def test_what_was_asked_is_asked_even_where_another_fact_would_be_chosen_today() -> None:
    course = gone_through(CALM, [("correct", 1000), ("wrong", 1000)])
    again = Course.replay(CALM.practice([2, 3], seed=6, epoch_ms=EPOCH_MS), CALM, course.steps)
    assert (again.fact, again.number, again.score) == (course.fact, course.number, course.score)


def test_the_time_of_a_session_runs_on_while_the_server_is_away() -> None:
    mode = CALM.lasting(None, 2)
    again = Course.replay(practice(mode), mode, gone_through(mode, [("correct", 1000)]).steps)
    assert again.advance(119_000) and not again.advance(120_101)


def test_neither_a_finished_course_nor_one_too_long_is_worth_keeping() -> None:
    finished = gone_through(CALM.lasting(1, None), [("correct", 1000)])
    assert [step.did for step in finished.steps] == [StepKind.ASKED, StepKind.BEGUN, StepKind.JUDGED, StepKind.FINISHED]
    assert not finished.can_be_replayed
    long = Course(practice(CALM), CALM)
    assert long.can_be_replayed and not long.has_begun
    for turn in range(MOST_STEPS):
        long.judged(turn, Verdict.UNSURE, None, turn)
    assert len(long.steps) == MOST_STEPS and not long.can_be_replayed
