"""Who sits where, for how long. Time is virtual."""

from types import SimpleNamespace
from typing import Any

import pytest
from server.dialogue.phases import Phase
from server.web.mailbox import Mailbox
from server.web.registry import Full, Registry, Seat, new_token

TTL_MS = 120_000


def new_seat(phase: Phase = Phase.LISTEN, answers: int = 3, is_guest: bool = False, address: str = "") -> Seat:
    session: Any = SimpleNamespace(token=new_token(), dialogue=SimpleNamespace(
        phase=phase, course=SimpleNamespace(score=SimpleNamespace(total=answers)),
    ))
    return Seat(session, Mailbox(print, print), address, is_guest)


def seated(registry: Registry, connection: str, phase: Phase = Phase.LISTEN, **details: Any) -> Seat:
    seat = registry.open(new_seat(phase, **details), connection)
    registry.attach(seat, connection)
    return seat


def test_a_seat_is_found_by_token_and_by_connection() -> None:
    registry = Registry(2, TTL_MS)
    seat = seated(registry, "a")
    assert registry.of_token(seat.token) is registry.of_connection("a") is seat
    assert registry.of_token("guess") is registry.of_token(None) is registry.of_connection("b") is None


def test_no_more_than_the_limit() -> None:
    registry = Registry(1, TTL_MS)
    seated(registry, "a")
    with pytest.raises(Full):
        registry.open(new_seat(), "b")
    assert len(registry) == 1


def test_a_finished_drill_whose_learner_left_makes_room() -> None:
    registry = Registry(1, TTL_MS)
    seated(registry, "a", Phase.FINISHED)
    with pytest.raises(Full):
        seated(registry, "b")
    registry.detach("a", now_ms=0)
    seated(registry, "b")
    assert len(registry) == 1


def test_a_new_drill_takes_the_place_of_the_old_one() -> None:
    registry = Registry(1, TTL_MS)
    old = seated(registry, "a")
    new = registry.open(new_seat(), "a")
    assert len(registry) == 1 and registry.of_token(new.token) is new and registry.of_token(old.token) is None


def test_a_drill_that_went_on_elsewhere_meanwhile_keeps_its_place() -> None:
    registry = Registry(2, TTL_MS)
    old = seated(registry, "a")
    registry.require_room("a", "")
    registry.attach(old, "b")  # while the history of the new one was read
    registry.open(new_seat(), "a")
    assert old in registry.seats() and len(registry) == 2


def test_of_two_who_take_up_the_same_drill_the_first_has_the_seat() -> None:
    registry = Registry(2, TTL_MS)
    first = seated(registry, "a")
    assert registry.open(Seat(first.session, Mailbox(print, print)), "b") is first


def test_a_seat_waits_for_its_token_and_no_longer() -> None:
    registry = Registry(2, TTL_MS)
    seat = seated(registry, "a")
    registry.detach("a", now_ms=1000)
    registry.sweep(1000 + TTL_MS)
    assert registry.of_token(seat.token) is seat
    registry.sweep(1001 + TTL_MS)
    assert registry.of_token(seat.token) is None


def test_a_seat_in_use_is_never_swept() -> None:
    registry = Registry(2, TTL_MS)
    seat = seated(registry, "a")
    registry.detach("a", now_ms=0)
    registry.attach(seat, "b")
    registry.sweep(10 * TTL_MS)
    assert registry.of_token(seat.token) is seat


def test_a_second_connection_takes_the_seat_over_and_the_first_one_is_nobody() -> None:
    registry = Registry(2, TTL_MS)
    seat = seated(registry, "a")
    assert registry.attach(seat, "b") == "a"
    assert registry.of_connection("a") is None
    assert registry.detach("a", now_ms=0) is None  # the old tab closing does not suspend the new one
    assert seat.connection == "b"
    assert registry.attach(seat, "b") is None


def test_tokens_cannot_be_guessed() -> None:
    tokens = {new_seat().token for _ in range(100)}
    assert len(tokens) == 100 and min(map(len, tokens)) >= 20
