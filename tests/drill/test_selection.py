"""The order of an ordinary drill."""

from collections.abc import Callable, Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from server.drill.attempt import Attempt
from server.drill.dates import DAY_MS
from server.drill.facts import Fact, facts_of
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge
from server.drill.modes import CALM
from server.drill.practice import Practice
from server.drill.selection import NEW_FACTS, Adaptive, Returns, TooFewFacts

TURN_MS = 6000
ALL = range(1, 11)
Answer = Callable[[Fact], tuple[Verdict, int | None] | None]


def quick(fact: Fact) -> tuple[Verdict, int]:
    return Verdict.CORRECT, 1200


def hesitant(fact: Fact) -> tuple[Verdict, int]:
    return Verdict.CORRECT, 4000


def slow(fact: Fact) -> tuple[Verdict, int]:
    return Verdict.CORRECT, 7000


def never(fact: Fact) -> tuple[Verdict, int]:
    return Verdict.WRONG, 3000


def silent(fact: Fact) -> None:
    return None


def ask(practice: Practice, answer: Answer, questions: int, start_ms: float = 0) -> list[Fact]:
    asked = []
    for number in range(questions):
        fact = practice.next(start_ms + number * TURN_MS)
        assert fact is not None
        asked.append(fact)
        said = answer(fact)
        if said is None:
            practice.missed(fact)
        else:
            practice.judged(fact, *said, now_ms=start_ms + number * TURN_MS + 4000)
    return asked


def history(facts: Iterable[Fact], response_ms: int = 1200, verdict: Verdict = Verdict.CORRECT) -> Knowledge:
    return Knowledge.of(
        Attempt(fact, verdict, None, 1.0, response_ms, number * TURN_MS) for number, fact in enumerate(facts)
    )


@effort(deadline=None, max_examples=25)
@given(
    st.integers(),
    st.lists(st.sampled_from([quick, slow, never, silent]), min_size=40, max_size=40),
    st.sets(st.integers(1, 10), min_size=1, max_size=3),
)
def test_no_fact_twice_in_a_row_whatever_is_answered(seed: int, answers: list[Answer], tables: set[int]) -> None:
    script = iter(answers)
    asked = ask(CALM.practice(tables, seed=seed), lambda fact: next(script)(fact), len(answers))
    assert all(before != after for before, after in zip(asked, asked[1:], strict=False))


@pytest.mark.parametrize("answer", [quick, slow, never, silent])
def test_a_seed_repeats_the_order_and_another_changes_it(answer: Answer) -> None:
    def order(seed: int) -> list[Fact]:
        return ask(CALM.practice(ALL, seed=seed), answer, 30)

    assert order(3) == order(3) != order(4)


def test_a_missed_fact_returns_after_one_three_and_six_others() -> None:
    returns, taken = Returns(), []
    returns.missed(Fact(7, 8), 1)
    for asked in range(1, 20):
        taken.append(returns.take(asked, None))
    assert [position for position, fact in enumerate(taken) if fact] == [1, 5, 12]


@pytest.mark.parametrize(("then", "times"), [(hesitant, 3), (quick, 1)])
def test_returns_end_once_the_fact_comes_quickly(then: Answer, times: int) -> None:
    practice = CALM.practice(ALL, seed=1)
    (missed,) = ask(practice, never, 1)
    later = ask(practice, lambda fact: then(fact) if fact == missed else quick(fact), 11, TURN_MS)
    asked = [position for position, fact in enumerate(later) if fact == missed]
    assert (asked[0], len(asked)) == (1, times)


def test_a_fact_that_had_to_be_told_returns_too() -> None:
    practice = CALM.practice(ALL, seed=1)
    (told,) = ask(practice, silent, 1)
    assert ask(practice, quick, 2, TURN_MS)[1] == told


def test_an_appeal_takes_the_return_back_and_the_memory_of_the_mistake() -> None:
    practice, flawless = CALM.practice(ALL, seed=1), CALM.practice(ALL, seed=1)
    (appealed,) = ask(practice, never, 1)
    practice.judged(appealed, Verdict.CORRECT, 1200, now_ms=5000, appeal=True)
    ask(flawless, lambda fact: (Verdict.CORRECT, 3000), 1)
    assert practice.knowledge == flawless.knowledge
    assert ask(practice, quick, 20, TURN_MS) == ask(flawless, quick, 20, TURN_MS)


def test_an_expert_meets_a_different_fact_each_time() -> None:
    asked = ask(CALM.practice([2, 3, 4, 5]), quick, 20)
    assert len(set(asked)) == 20


def test_a_child_who_works_everything_out_meets_new_facts_too() -> None:
    assert len(set(ask(CALM.practice([6, 7, 8, 9], seed=2), slow, 20))) >= 8


@pytest.mark.parametrize("tables", [[7], [6, 7, 8, 9], ALL])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_beginner_is_taught_few_facts_a_session(tables: Iterable[int], seed: int) -> None:
    asked = {fact.pair for fact in ask(CALM.practice(tables, seed=seed), never, 40)}
    # A fact that was probably known may turn out not to be: at most three.
    assert NEW_FACTS <= len(asked) <= NEW_FACTS + 3


def test_facts_known_at_first_sight_are_not_new() -> None:
    hard = {fact for fact in facts_of(ALL) if min(fact.left, fact.right) > 5}
    asked = ask(CALM.practice(ALL, seed=1), lambda fact: never(fact) if fact in hard else quick(fact), 60)
    assert len(set(asked) & hard) <= NEW_FACTS + 3
    assert len(set(asked) - hard) >= 15


def test_weak_facts_come_back_the_next_day() -> None:
    weak = [Fact(7, 8), Fact(6, 9), Fact(8, 8)]
    practice = CALM.practice([6, 7, 8, 9], history(weak, verdict=Verdict.WRONG), seed=1, epoch_ms=DAY_MS)
    asked = ask(practice, quick, 20)
    assert asked[0] in weak and set(weak) <= set(asked)


def test_known_facts_are_left_alone_until_they_are_due() -> None:
    known = facts_of([6, 7, 8])
    practice = CALM.practice([6, 7, 8, 9], history(known), seed=1, epoch_ms=DAY_MS)
    assert all(fact.left == 9 and fact.twin not in known for fact in ask(practice, quick, 3))
    much_later = CALM.practice([6, 7, 8], history(known), seed=1, epoch_ms=300 * DAY_MS)
    assert len(set(ask(much_later, quick, 20))) == 20


def test_what_became_stronger() -> None:
    known, forgotten = Fact(6, 6), Fact(7, 7)
    practice = CALM.practice([6, 7], history([forgotten], verdict=Verdict.WRONG), epoch_ms=DAY_MS)
    practice.judged(known, Verdict.CORRECT, 1000, 0)  # at first sight: nothing was learnt
    practice.judged(forgotten, Verdict.CORRECT, 2000, 5000)
    practice.judged(Fact(6, 8), Verdict.WRONG, 2000, 10_000)
    practice.judged(Fact(6, 9), Verdict.UNSURE, None, 15_000)
    assert practice.stronger(20_000) == (forgotten,)
    practice.judged(Fact(6, 8), Verdict.CORRECT, 2000, 60_000)
    assert Fact(6, 8) in practice.stronger(61_000)


def test_one_fact_is_no_drill() -> None:
    with pytest.raises(TooFewFacts):
        Adaptive([Fact(2, 2)], Random(1))
