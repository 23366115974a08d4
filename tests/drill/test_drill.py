"""Facts, their order, judging and scoring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.drill.facts import Fact, facts_of
from server.drill.judging import JudgingSettings, Verdict, judge
from server.drill.plan import Plan
from server.drill.score import Score


def test_a_table_has_ten_facts() -> None:
    assert [fact.answer for fact in facts_of([7])] == [7, 14, 21, 28, 35, 42, 49, 56, 63, 70]
    assert facts_of([3, 2, 3]) == facts_of([2, 3])


@pytest.mark.parametrize("tables", [[], [0], [11], [2, 99]])
def test_unknown_tables_are_refused(tables: list[int]) -> None:
    with pytest.raises(ValueError):
        facts_of(tables)


@given(st.integers(), st.lists(st.booleans(), min_size=200, max_size=200), st.sets(st.integers(1, 10), min_size=1))
def test_no_fact_twice_in_a_row_whatever_is_missed(seed: int, missed: list[bool], tables: set[int]) -> None:
    plan = Plan(facts_of(tables), seed)
    asked = []
    for is_missed in missed:
        asked.append(plan.next())
        if is_missed:
            plan.missed(asked[-1])
    assert all(before != after for before, after in zip(asked, asked[1:], strict=False))


def test_every_fact_is_dealt_before_any_comes_again() -> None:
    plan = Plan(facts_of([4, 5]), seed=1)
    assert {plan.next() for _ in range(20)} == set(facts_of([4, 5]))


def test_a_seed_repeats_the_order_and_another_changes_it() -> None:
    def order(seed: int) -> list[Fact]:
        plan = Plan(facts_of(range(1, 11)), seed)
        return [plan.next() for _ in range(50)]

    assert order(3) == order(3) != order(4)


def test_a_missed_fact_returns_after_one_three_and_six_others() -> None:
    plan = Plan(facts_of(range(1, 11)), seed=1)
    missed = plan.next()
    plan.missed(missed)
    later = [plan.next() for _ in range(14)]
    assert [position for position, fact in enumerate(later) if fact == missed] == [1, 5, 12]


def test_a_forgiven_fact_does_not_return() -> None:
    plan = Plan(facts_of(range(1, 11)), seed=1)
    missed = plan.next()
    plan.missed(missed)
    plan.forgive(missed)
    assert missed not in [plan.next() for _ in range(20)]


def test_somebody_who_misses_everything_still_sees_new_facts() -> None:
    plan = Plan(facts_of([2, 3]), seed=1)
    asked = []
    for _ in range(40):
        asked.append(plan.next())
        plan.missed(asked[-1])
    assert set(asked) == set(facts_of([2, 3]))


SETTINGS = JudgingSettings(correct_at=0.5, wrong_at=0.9, expected_below=0.02)


@pytest.mark.parametrize(("numbers", "verdict", "heard"), [
    ({56: 0.9, 50: 0.05}, Verdict.CORRECT, 56),
    ({56: 0.5, 16: 0.45}, Verdict.CORRECT, 56),
    ({50: 0.95, 56: 0.01}, Verdict.WRONG, 50),
    ({50: 0.95, 56: 0.03}, Verdict.UNSURE, None),   # the expected answer is not clearly out
    ({50: 0.7, 52: 0.2}, Verdict.UNSURE, None),     # no other number is clearly in
    ({50: 0.2}, Verdict.UNSURE, None),
    ({}, Verdict.UNSURE, None),
])
def test_judging_by_the_whole_belief(numbers: dict[int, float], verdict: Verdict, heard: int | None) -> None:
    judgement = judge(numbers, 56, SETTINGS)
    assert (judgement.verdict, judgement.heard) == (verdict, heard)


@given(st.dictionaries(st.integers(0, 100), st.floats(0, 1), max_size=8), st.integers(0, 100))
def test_wrong_needs_both_conditions(numbers: dict[int, float], expected: int) -> None:
    judgement = judge(numbers, expected)
    if judgement.verdict is Verdict.WRONG:
        assert numbers.get(expected, 0) < JudgingSettings().expected_below
        assert judgement.heard is not None and numbers[judgement.heard] >= JudgingSettings().wrong_at


@pytest.mark.parametrize("nonsense", [{"correct_at": 0.0}, {"correct_at": 1.5}, {"wrong_at": 0.2}, {"expected_below": 0.9}])
def test_nonsense_thresholds_are_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        JudgingSettings(**nonsense)


def test_a_mistake_can_be_taken_back() -> None:
    score, fact = Score(), Fact(7, 8)
    score.add(fact, correct=False)
    score.add(fact, correct=True)
    score.correct_mistake(fact)
    assert (score.correct, score.total) == (2, 2)
