"""Knowledge derived from a learner's attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.drill.attempt import Attempt
from server.drill.dates import DAY_MS
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import MODEL_VERSION, Knowledge, Status, appeals_to_earlier

MONDAY = 20_000 * DAY_MS
FACTS = [Fact(7, 8), Fact(8, 7), Fact(6, 6), Fact(2, 3)]


def attempt(
    fact: Fact = FACTS[0],
    verdict: Verdict = Verdict.CORRECT,
    response_ms: int | None = 1500,
    day: float = 0,
    appeal: bool = False,
) -> Attempt:
    return Attempt(fact, verdict, None, 0.9, response_ms, round(MONDAY + day * DAY_MS), appeal)


def wrong(fact: Fact = FACTS[0], day: float = 0) -> Attempt:
    return attempt(fact, Verdict.WRONG, day=day)


HISTORIES = st.lists(
    st.builds(attempt, st.sampled_from(FACTS), st.sampled_from(list(Verdict)), st.none() | st.integers(200, 9000)),
    max_size=25,
)


@given(HISTORIES, st.integers(0, 25))
def test_all_at_once_equals_one_by_one_equals_in_two_parts(history: list[Attempt], cut: int) -> None:
    whole = Knowledge.of(history)
    one_by_one = Knowledge()
    for each in history:
        one_by_one = one_by_one.after([each])
    assert whole == one_by_one == Knowledge.of(history[:cut]).after(history[cut:])


@given(HISTORIES)
def test_unsure_and_silence_change_nothing(history: list[Attempt]) -> None:
    judged = [each for each in history if each.verdict in (Verdict.CORRECT, Verdict.WRONG)]
    assert Knowledge.of(history) == Knowledge.of(judged)


@given(HISTORIES, HISTORIES)
def test_an_appeal_makes_the_latest_wrong_answer_right(before: list[Attempt], after: list[Attempt]) -> None:
    after = [each for each in after if each.fact != FACTS[0]]
    appealed = [*before, wrong(), *after, attempt(appeal=True, day=1)]
    assert Knowledge.of(appealed) == Knowledge.of([*before, attempt(), *after])


def test_an_appeal_about_nothing_changes_nothing() -> None:
    assert Knowledge.of([attempt(), attempt(appeal=True)]) == Knowledge.of([attempt()])


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ([], Status.NEW),
        ([attempt(verdict=Verdict.UNSURE)], Status.NEW),
        ([wrong()], Status.LEARNING),
        ([attempt(), wrong()], Status.LEARNING),
        ([attempt(response_ms=8000)], Status.LEARNING),
        ([attempt(response_ms=4000)], Status.KNOWN),
        ([attempt(response_ms=None)], Status.KNOWN),
        ([attempt(response_ms=1500)], Status.FLUENT),
        ([wrong(), attempt(response_ms=1500)], Status.KNOWN),  # the next day shows whether it lasts
    ],
)
def test_status(history: list[Attempt], status: Status) -> None:
    assert Knowledge.of(history).status(FACTS[0], MONDAY) is status


def test_what_is_never_asked_again_fades() -> None:
    knowledge = Knowledge.of([attempt()])
    assert knowledge.status(FACTS[0], MONDAY + 3000 * DAY_MS) is Status.LEARNING
    assert knowledge.recall(FACTS[0], MONDAY + 100 * DAY_MS) < knowledge.recall(FACTS[0], MONDAY + DAY_MS)


def test_knowing_a_fact_strengthens_its_twin() -> None:
    fact, twin = FACTS[:2]
    knowledge = Knowledge.of([attempt(fact)])
    assert knowledge.recall(twin, MONDAY) > Knowledge().recall(twin, MONDAY)
    assert Knowledge().fluent(twin, MONDAY) < knowledge.fluent(twin, MONDAY) < knowledge.fluent(fact, MONDAY)
    both = Knowledge.of([attempt(twin), attempt(fact)])
    assert both.recall(fact, MONDAY) > knowledge.recall(fact, MONDAY)
    assert Knowledge.of([wrong(fact)]).recall(twin, MONDAY) < Knowledge().recall(twin, MONDAY)


def test_answers_tell_of_facts_never_asked() -> None:
    able = Knowledge.of([attempt(Fact(7, right)) for right in (3, 4, 6, 8)])
    unable = Knowledge.of([wrong(Fact(7, right)) for right in (3, 4, 6, 8)])
    assert able.recall(Fact(7, 9), MONDAY) > Knowledge().recall(Fact(7, 9), MONDAY) > unable.recall(Fact(7, 9), MONDAY)


def test_the_status_for_a_teacher() -> None:
    knowledge = Knowledge.of([attempt()])
    assert knowledge.status(FACTS[0], MONDAY) is Status.FLUENT
    assert 0.9 < knowledge.recall(FACTS[0], MONDAY) <= 1
    assert [status.rank for status in Status] == [0, 1, 2, 3]


def test_other_formulas_are_another_version_of_the_model() -> None:
    """Results that an older program stored must not be mixed with new ones. If this fails, raise MODEL_VERSION too."""
    history = [
        attempt(fact, verdict, response_ms, day)
        for day in (0, 0.01, 2, 9.5)
        for fact, verdict, response_ms in zip(
            FACTS, [*Verdict, Verdict.CORRECT], (1500, 4000, None, 7000), strict=False
        )
    ]
    knowledge = Knowledge.of(history)
    retrieval, memory = knowledge.retrievals[Fact(7, 8)], knowledge.memories[Fact(7, 8)]
    traces = sum(trace.at_s * trace.decay for trace in retrieval.traces)
    derived = [
        memory.stability_days,
        memory.difficulty,
        retrieval.earlier,
        retrieval.shift,
        retrieval.doubt,
        traces,
        knowledge.ability.level,
        knowledge.clock.felt_s,
    ]
    assert MODEL_VERSION == 2
    assert derived == pytest.approx([79.3452, 1.0, 0.224641, -0.152019, 0.025383, 19183.9, 0.308965, 21362.4], rel=1e-5)


def test_an_appeal_is_about_an_earlier_attempt_where_none_before_it_was_wrong() -> None:
    mine, other = attempt(appeal=True), wrong(FACTS[1])
    assert appeals_to_earlier([other, mine])
    assert not appeals_to_earlier([wrong(), other, mine])
    assert appeals_to_earlier([wrong(), mine, mine])
    assert not appeals_to_earlier([other])
