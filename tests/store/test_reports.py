"""The counts of the list of learners, compared with counts by hand."""

import random
from collections import Counter

from server.drill.attempt import Attempt
from server.drill.judging import Verdict
from server.store.reports import Counts, overview
from server.store.store import Store
from tests.store.making import NOON_MS, a_drill, a_learner, an_entry, practise


def settled(attempts: list[Attempt]) -> Counts:
    """Count by hand: each appeal replaces a wrong answer."""
    verdicts = Counter(attempt.verdict for attempt in attempts)
    appeals = sum(attempt.appeal for attempt in attempts)
    return Counts(
        verdicts[Verdict.CORRECT],
        verdicts[Verdict.WRONG] - appeals,
        verdicts[Verdict.UNSURE],
        appeals,
        max(attempt.at_ms for attempt in attempts),
    )


def random_practice(store: Store, learner: int, seed: int) -> None:
    chance = random.Random(seed)
    drill = a_drill(learner)
    store.write([drill])
    for turn in range(1, 80):
        left, right = chance.choice([2, 7]), chance.randint(1, 3)
        heard = chance.choice([left * right, left * right, left * right + 1, None])
        verdict = Verdict.UNSURE if heard and chance.random() < 0.1 else None
        entries = [an_entry(drill, turn, left, right, heard, verdict=verdict)]
        if entries[0].attempt.verdict is Verdict.WRONG and chance.random() < 0.3:
            entries.append(an_entry(drill, turn, left, right, left * right, appeal=True))
        store.write(entries)


def test_each_learner_is_counted_apart(store: Store) -> None:
    practised = {
        name: a_learner(store, name, class_name)
        for name, class_name in [("Asha", "2A"), ("Ravi", "2A"), ("Meera", "2B"), ("Zoya", None)]
    }
    for seed, learner in enumerate(practised.values()):
        random_practice(store, learner, seed)
    practise(store, None, [(7, 8, 56)])
    for class_name, names in (("2A", ["Asha", "Ravi"]), ("2B", ["Meera"]), (None, ["Zoya"])):
        counted = {summary.learner.id: summary.counts for summary in overview(store.engine, class_name)}
        assert counted == {practised[name]: settled(store.attempts_of(practised[name])) for name in names}


def test_the_misheard_rate_counts_asking_again_and_appeals(store: Store) -> None:
    drill = a_drill(a_learner(store, class_name="2A"))
    store.write(
        [
            drill,
            an_entry(drill, 1),
            an_entry(drill, 2, heard=54),
            an_entry(drill, 2, appeal=True),
            an_entry(drill, 3, verdict=Verdict.UNSURE),
            an_entry(drill, 4, heard=None),
            an_entry(drill, 5, heard=54),
        ]
    )
    (summary,) = overview(store.engine, "2A")
    assert summary.counts and summary.counts.misheard_rate == 2 / 4
    assert (summary.counts.answered, summary.counts.correct) == (3, 2)


def test_the_overview_lists_those_who_have_not_practised_too(store: Store) -> None:
    ravi, asha = a_learner(store, "Ravi", "2A"), a_learner(store, "Asha", "2A")
    practise(store, asha, [(7, 8, 56), (7, 8, 54)])
    a_learner(store, "Meera", "2B")
    first, second = overview(store.engine, "2A")
    assert (first.learner, second.learner) == (store.learner(asha), store.learner(ravi))
    assert first.counts and first.counts.last_at_ms == NOON_MS + 12_000
    assert second.counts is None
    assert overview(store.engine, "none") == []
