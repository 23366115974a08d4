"""What a recited line says of a fact: that it was met, or that it is not known."""

import random

from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge, Status

FACT, DAY_MS, NOON_MS = Fact(7, 8), 86_400_000, 1_700_000_000_000


def attempt(at_ms: int, verdict: Verdict = Verdict.CORRECT, in_order: bool = False) -> Attempt:
    return Attempt(FACT, verdict, None, 1.0, 2000, at_ms, in_order=in_order)


def test_a_right_line_is_practice_but_no_proof() -> None:
    asked = Knowledge.of([attempt(NOON_MS)])
    recited = asked.after([attempt(NOON_MS + DAY_MS, in_order=True)])
    at_ms = NOON_MS + 2 * DAY_MS
    assert recited.memories == asked.memories
    assert recited.retrieval(FACT).doubt == asked.retrieval(FACT).doubt
    assert recited.fluent(FACT, at_ms) > asked.fluent(FACT, at_ms)


def test_a_line_that_was_only_recited_is_new_as_a_question() -> None:
    recited = Knowledge.of([attempt(NOON_MS + day * DAY_MS, in_order=True) for day in range(5)])
    assert recited.status(FACT, NOON_MS + 5 * DAY_MS) is Status.NEW


def test_a_wrong_line_is_not_known() -> None:
    knowledge = Knowledge.of([attempt(NOON_MS), attempt(NOON_MS + 1000, Verdict.WRONG, in_order=True)])
    assert knowledge.status(FACT, NOON_MS + 2000) is Status.LEARNING


def test_what_was_told_or_skipped_or_not_understood_changes_nothing() -> None:
    before = Knowledge.of([attempt(NOON_MS)])
    for verdict in (Verdict.SILENCE, Verdict.UNSURE):
        assert before.after([attempt(NOON_MS + 1000, verdict, in_order=True)]) == before


def test_attempts_may_be_added_in_any_pieces() -> None:
    chance = random.Random(5)
    attempts = [
        attempt(NOON_MS + at * 3_600_000, chance.choice(list(Verdict)), chance.random() < 0.5) for at in range(60)
    ]
    half = Knowledge.of(attempts[:31]).after(attempts[31:])
    assert half == Knowledge.of(attempts)
