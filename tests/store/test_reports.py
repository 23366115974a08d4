"""What a teacher is told, against the same counted by hand."""

import random
from collections import Counter
from statistics import mean, median

from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.store.reports import Confusion, Counts, Reports
from server.store.store import Store
from tests.store.making import DAY_MS, NOON_MS, a_drill, a_learner, an_entry, practise


def settled(attempts: list[Attempt]) -> Counts:
    """By hand: each appeal takes the place of a wrong answer."""
    verdicts = Counter(attempt.verdict for attempt in attempts)
    appeals = sum(attempt.appeal for attempt in attempts)
    times = [a.response_ms for a in attempts if a.verdict is Verdict.CORRECT and a.response_ms is not None]
    return Counts(
        verdicts[Verdict.CORRECT], verdicts[Verdict.WRONG] - appeals, verdicts[Verdict.UNSURE], verdicts[Verdict.SILENCE],
        appeals, mean(times) if times else None, max(attempt.at_ms for attempt in attempts),
    )


def random_practice(store: Store, learner: int, seed: int, start_ms: int = NOON_MS) -> None:
    chance = random.Random(seed)
    drill = a_drill(learner, start_ms)
    store.write([drill])
    for turn in range(1, 80):
        left, right = chance.choice([2, 7]), chance.randint(1, 3)
        heard = chance.choice([left * right, left * right, left * right + 1, None])
        verdict = Verdict.UNSURE if heard and chance.random() < 0.1 else None
        response_ms = None if heard is None else chance.randint(500, 6000)
        entries = [an_entry(drill, turn, left, right, heard, response_ms, verdict)]
        if entries[0].attempt.verdict is Verdict.WRONG and chance.random() < 0.3:
            entries.append(an_entry(drill, turn, left, right, left * right, response_ms, appeal=True))
        store.write(entries)


def test_facts_are_counted_for_a_learner_and_for_a_class(store: Store) -> None:
    asha, ravi = a_learner(store, "Asha", "2A"), a_learner(store, "Ravi", "2A")
    random_practice(store, asha, 1)
    random_practice(store, ravi, 2)
    random_practice(store, a_learner(store, "Meera", "2B"), 3)
    for who, attempts in ((asha, store.attempts_of(asha)), ("2A", store.attempts_of(asha) + store.attempts_of(ravi))):
        facts = {report.fact: report for report in Reports(store.engine).facts(who)}
        assert list(facts) == sorted({attempt.fact for attempt in attempts})
        for fact, report in facts.items():
            mine = [attempt for attempt in attempts if attempt.fact == fact]
            assert report.counts == settled(mine)
            times = [a.response_ms for a in mine if a.verdict is Verdict.CORRECT and a.response_ms is not None]
            assert report.median_ms == (median(times) if times and who == asha else None)


def test_answers_that_were_typed_have_no_time(store: Store) -> None:
    drill = a_drill(a_learner(store))
    store.write([drill, an_entry(drill, 1, response_ms=None)])
    report, = Reports(store.engine).facts(drill.learner or 0)
    assert (report.median_ms, report.counts.mean_ms, report.counts.correct) == (None, None, 1)


def test_the_misheard_rate_counts_asking_again_and_appeals(store: Store) -> None:
    learner = a_learner(store, class_name="2A")
    drill = a_drill(learner)
    store.write([
        drill, an_entry(drill, 1), an_entry(drill, 2, heard=54), an_entry(drill, 2, appeal=True),
        an_entry(drill, 3, verdict=Verdict.UNSURE), an_entry(drill, 4, heard=None), an_entry(drill, 5, heard=54),
    ])
    standing, = Reports(store.engine).overview("2A")
    assert standing.counts and standing.counts.misheard_rate == 2 / 4
    assert (standing.counts.answered, standing.counts.correct) == (3, 2)


def test_confusions_are_those_that_nobody_appealed_against(store: Store) -> None:
    learner = a_learner(store)
    drill = practise(store, learner, [(7, 8, 54), (7, 8, 54), (7, 8, 63), (6, 9, 56), (6, 9, 56), (6, 9, 56), (2, 2, 4)])
    store.write([an_entry(drill, turn, 6, 9, 54, appeal=True) for turn in (4, 5)])
    confusions = Reports(store.engine).confusions(learner)
    assert confusions == [Confusion(Fact(7, 8), 54, 2), Confusion(Fact(6, 9), 56, 1), Confusion(Fact(7, 8), 63, 1)]
    assert Reports(store.engine).confusions(learner, limit=1) == confusions[:1]


def test_days_are_those_of_the_place(store: Store) -> None:
    learner = a_learner(store)
    drill = a_drill(learner)
    store.write([
        drill, an_entry(drill, 1, response_ms=900, at_ms=10 * DAY_MS + 1), an_entry(drill, 2, response_ms=3000, at_ms=11 * DAY_MS - 1),
        an_entry(drill, 3, response_ms=3001, at_ms=11 * DAY_MS), an_entry(drill, 4, heard=54, response_ms=900, at_ms=11 * DAY_MS),
    ])
    reports = Reports(store.engine)
    assert [(day.day, day.fluent, day.counts.answered) for day in reports.days(learner)] == [(10, 2, 2), (11, 0, 2)]
    in_india = reports.days(learner, utc_offset_ms=19_800_000)
    assert [(day.day, day.counts.answered) for day in in_india] == [(10, 1), (11, 3)]
    assert [day.fluent for day in reports.days(learner, fluent_ms=1000)] == [1, 0]


def test_the_overview_lists_those_who_have_not_practised_too(store: Store) -> None:
    ravi, asha = a_learner(store, "Ravi", "2A"), a_learner(store, "Asha", "2A")
    practise(store, asha, [(7, 8, 56), (7, 8, 54)])
    a_learner(store, "Meera", "2B")
    first, second = Reports(store.engine).overview("2A")
    assert (first.learner, second.learner) == (store.learner(asha), store.learner(ravi))
    assert first.counts and first.counts.last_at_ms == NOON_MS + 12_000
    assert second.counts is None


def test_old_drills_can_be_left_out(store: Store) -> None:
    learner = a_learner(store, class_name="2A")
    practise(store, learner, [(7, 8, 56)], NOON_MS)
    practise(store, learner, [(2, 8, 15)], NOON_MS + DAY_MS)
    reports, since_ms = Reports(store.engine), NOON_MS + 1
    assert [report.fact for report in reports.facts(learner, since_ms)] == [Fact(2, 8)]
    assert [standing.counts and standing.counts.answered for standing in reports.overview("2A", since_ms)] == [1]
    assert len(reports.days(learner, since_ms=since_ms)) == len(reports.confusions(learner, since_ms=since_ms)) == 1


def test_who_never_practised_has_empty_reports(store: Store) -> None:
    learner, reports = a_learner(store), Reports(store.engine)
    assert reports.facts(learner) == reports.confusions(learner) == reports.days(learner) == reports.overview("none") == []
