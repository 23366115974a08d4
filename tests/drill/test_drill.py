"""Facts, judging and scoring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.drill.course import Score
from server.drill.facts import EVERY_FACT, LARGEST_ANSWER, Fact, facts_of, lines_to, tables_to
from server.drill.judging import Judgement, JudgingSettings, Verdict, judge


def test_a_table_has_ten_facts() -> None:
    assert [fact.answer for fact in facts_of([7])] == [7, 14, 21, 28, 35, 42, 49, 56, 63, 70]
    assert facts_of([3, 2, 3]) == facts_of([2, 3])


def test_tables_go_to_thirty_and_the_first_twelve_to_twelve_lines() -> None:
    assert [facts_of([table])[-1].answer for table in (10, 12, 30)] == [100, 120, 300]
    assert [facts_of([table], 12)[-1].answer for table in (10, 12, 30)] == [120, 144, 300]
    assert len(EVERY_FACT) == 300 + 2 * 12
    assert max(fact.answer for fact in EVERY_FACT) == LARGEST_ANSWER


def test_what_the_recogniser_does_not_understand_is_not_offered() -> None:
    assert (tables_to(100), lines_to(100)) == (list(range(1, 11)), [10])
    assert (tables_to(400), lines_to(400)) == (list(range(1, 31)), [10, 12])
    assert [fact.right for fact in facts_of([12], 12, largest=100)] == list(range(1, 9))


@pytest.mark.parametrize("tables", [[], [0], [31], [2, 99]])
def test_unknown_tables_are_refused(tables: list[int]) -> None:
    with pytest.raises(ValueError):
        facts_of(tables)


def test_a_twin_is_the_fact_the_other_way_round() -> None:
    assert Fact(7, 8).twin == Fact(8, 7) and Fact(6, 6).twin == Fact(6, 6)


SETTINGS = JudgingSettings(correct_at=0.5, wrong_at=0.9, expected_below=0.02)


@pytest.mark.parametrize(
    ("numbers", "verdict", "heard"),
    [
        ({56: 0.9, 50: 0.05}, Verdict.CORRECT, 56),
        ({56: 0.5, 16: 0.45}, Verdict.CORRECT, 56),
        ({50: 0.95, 56: 0.01}, Verdict.WRONG, 50),
        ({50: 0.95, 56: 0.03}, Verdict.UNSURE, None),  # the expected answer is not clearly out
        ({50: 0.7, 52: 0.2}, Verdict.UNSURE, None),  # no other number is clearly in
        ({50: 0.2}, Verdict.UNSURE, None),
        ({}, Verdict.UNSURE, None),
    ],
)
def test_judging_by_the_whole_belief(numbers: dict[int, float], verdict: Verdict, heard: int | None) -> None:
    judgement = judge(numbers, 56, SETTINGS)
    assert (judgement.verdict, judgement.heard) == (verdict, heard)


def test_what_is_said_again_is_believed_sooner() -> None:
    settings = JudgingSettings(correct_at=0.5, wrong_at=0.98, again_at=0.9, expected_below=0.02)
    heard = {50: 0.95}
    assert judge(heard, 56, settings).verdict is judge(heard, 56, settings, said={60}).verdict is Verdict.UNSURE
    assert judge(heard, 56, settings, said={50, 60}) == Judgement(Verdict.WRONG, 50, 0.95)
    assert judge({50: 0.89}, 56, settings, said={50}).verdict is Verdict.UNSURE
    assert judge({50: 0.95, 56: 0.03}, 56, settings, said={50}).verdict is Verdict.UNSURE


@given(st.dictionaries(st.integers(0, 100), st.floats(0, 1), max_size=8), st.integers(0, 100))
def test_wrong_needs_both_conditions(numbers: dict[int, float], expected: int) -> None:
    judgement = judge(numbers, expected)
    if judgement.verdict is Verdict.WRONG:
        assert numbers.get(expected, 0) < JudgingSettings().expected_below
        others = {number: p for number, p in numbers.items() if number != expected}
        assert sum(others.values()) >= JudgingSettings().wrong_at - 1e-9
        assert judgement.heard is not None and others[judgement.heard] == max(others.values())


@pytest.mark.parametrize(
    "nonsense",
    [{"correct_at": 0.0}, {"correct_at": 1.5}, {"wrong_at": 0.2}, {"expected_below": 0.9}, {"again_at": 0.99}],
)
def test_nonsense_thresholds_are_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        JudgingSettings(**nonsense)


def test_a_mistake_can_be_taken_back() -> None:
    score, fact = Score(), Fact(7, 8)
    score.add(fact, correct=False)
    score.add(fact, correct=True)
    score.correct_mistake(fact)
    assert (score.correct, score.total) == (2, 2)
