"""The modes, their orders, and the placement on simulated children."""

import random
from itertools import combinations
from statistics import mean

import pytest

from bench.placement import place
from server.drill.facts import Fact, facts_of
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge, Status
from server.drill.modes import CALM, CHECK, MODES, PLACEMENT, RECITATION, Mode
from server.drill.placement import Placement
from server.drill.selection import TooFewFacts


def all_of(mode: Mode, tables: list[int], seed: int = 1) -> list[Fact]:
    practice, asked = mode.practice(tables, seed=seed), []
    while (fact := practice.next(0)) is not None:
        asked.append(fact)
        practice.judged(fact, Verdict.WRONG, 1000, 0)
    return asked


def test_every_mode_has_its_name() -> None:
    assert list(MODES) == ["calm", "timed-12", "timed-6", "timed-3", "check", "recitation", "placement"]


def test_a_clock_is_seen_only_where_it_was_chosen() -> None:
    assert [mode.name for mode in MODES.values() if mode.shows_clock] == ["timed-12", "timed-6", "timed-3", "check"]
    assert CALM.answer_ms is None


def test_the_check_is_the_uk_s() -> None:
    asked = all_of(CHECK, [3])
    assert (len(asked), CHECK.questions, CHECK.answer_ms, CHECK.gap_ms, CHECK.feedback) == (25, 25, 6000, 3000, False)
    assert all(fact.left >= 2 for fact in asked)
    assert {fact for seed in range(20) for fact in all_of(CHECK, [3], seed)} > set(facts_of([11, 12], 12)[1:])
    assert all(fact.answer <= 100 for fact in all_of(CHECK.within(10, 100), [3]))
    assert not [pair for pair in combinations(asked, 2) if pair[0] in (pair[1], pair[1].twin)]
    assert asked != all_of(CHECK, [3], seed=2)


def test_a_recitation_goes_through_its_tables_in_order() -> None:
    assert all_of(RECITATION, [7, 3]) == list(facts_of([3, 7]))


def test_a_session_ends_as_wished_unless_the_mode_has_its_own_end() -> None:
    assert (CALM.lasting(20, 2).questions, CALM.lasting(20, 2).session_ms) == (20, 120_000)
    assert (CALM.lasting(None, None).questions, CALM.lasting(None, None).session_ms) == (None, None)
    for mode in (CHECK, PLACEMENT):
        assert mode.lasting(3, 2) == mode


def test_tables_are_as_long_as_wished_unless_the_mode_has_its_own() -> None:
    assert len(CALM.within(12, 300).facts([7, 13])) == 22
    assert CHECK.within(10, 300).facts([3]) == CHECK.facts([3])
    assert max(fact.answer for fact in CALM.within(12, 100).facts([9])) == 99


def test_only_some_lines_are_asked_as_wished_unless_the_mode_has_its_own_tables() -> None:
    assert CALM.within(10, 300, [8, 3]).facts([7]) == (Fact(7, 3), Fact(7, 8))
    assert all_of(RECITATION.within(10, 300, [8, 3]), [7, 2]) == [Fact(2, 3), Fact(2, 8), Fact(7, 3), Fact(7, 8)]
    assert CHECK.within(10, 300, [3]).facts([3]) == CHECK.within(10, 300).facts([3])
    for mode in (CALM, RECITATION):
        with pytest.raises(TooFewFacts):
            mode.within(10, 300, [12]).practice([7])


def test_placement_stops_when_nothing_is_in_doubt() -> None:
    placement, asked = Placement(facts_of(range(1, 11)), random.Random(1)), []
    assert placement.placed() == {}
    while (fact := placement.choose(Knowledge(), 0)) is not None:
        asked.append(fact)
        placement.judged(fact, True, 1000)
    assert len(asked) < 40
    assert all(before != after for before, after in zip(asked, asked[1:], strict=False))
    assert placement.known() == set(facts_of(range(1, 11)))
    assert set(placement.placed().values()) == {Status.KNOWN}


def test_placement_takes_silence_for_not_knowing_until_it_is_told_otherwise() -> None:
    placement = Placement(facts_of([6, 7, 8, 9]), random.Random(1))
    at_first = placement.belief(Fact(8, 7))
    placement.missed(Fact(7, 8))
    assert placement.belief(Fact(7, 8)) < placement.belief(Fact(8, 7)) < at_first
    assert Fact(7, 8) not in placement.known()
    assert placement.placed()[Fact(7, 8)] is Status.NEW
    placement.forgive(Fact(7, 8))
    assert placement.belief(Fact(7, 8)) > placement.belief(Fact(8, 7)) > at_first


@pytest.mark.parametrize("practised", [3, 6, 12], ids=["beginners", "middling", "advanced"])
def test_placement_is_right_on_nine_facts_in_ten(practised: float) -> None:
    """Eight simulated children; over many more it is 90 % of all facts (`python -m bench.placement`)."""
    placed = [place(seed, practised) for seed in range(8)]
    assert mean(each.right_of_clear for each in placed) >= 0.9
    assert mean(each.right for each in placed) >= 0.86
