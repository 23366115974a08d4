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


def test_where_all_are_taken_who_left_without_an_answer_makes_room_and_who_answered_does_not() -> None:
    registry = Registry(3, TTL_MS)
    answered = seated(registry, "a", is_guest=False)
    earlier, later = seated(registry, "b", answers=0), seated(registry, "c", answers=0)
    registry.detach("a", now_ms=0)
    registry.detach("b", now_ms=1)
    registry.detach("c", now_ms=2)
    seated(registry, "d")
    assert registry.of_token(earlier.token) is None
    assert registry.of_token(answered.token) and registry.of_token(later.token)
    seated(registry, "e")
    with pytest.raises(Full):
        seated(registry, "f")
    assert registry.of_token(answered.token) is answered


def test_then_the_guest_who_left_longest_ago() -> None:
    registry = Registry(3, TTL_MS)
    seats = [seated(registry, name, is_guest=name != "a") for name in "abc"]
    for at, name in enumerate("acb"):
        registry.detach(name, now_ms=at)
    seated(registry, "d")
    assert [bool(registry.of_token(seat.token)) for seat in seats] == [True, True, False]


def test_nobody_who_is_there_is_sent_away() -> None:
    registry = Registry(2, TTL_MS)
    seats = [seated(registry, name, answers=0, is_guest=True) for name in "ab"]
    with pytest.raises(Full):
        seated(registry, "c")
    assert registry.seats() == seats


def test_one_address_has_three_quarters_of_the_seats_and_always_a_class() -> None:
    registry = Registry(100, TTL_MS)
    for number in range(75):
        seated(registry, f"school {number}", address="192.0.2.1")
    with pytest.raises(Full):
        seated(registry, "school", address="192.0.2.1")
    for number in range(25):
        seated(registry, f"other {number}", address="192.0.2.2")
    small = Registry(40, TTL_MS)
    for number in range(40):
        seated(small, f"class {number}", address="192.0.2.1")


def test_an_address_that_has_its_share_loses_its_own_seats_first() -> None:
    registry = Registry(100, TTL_MS)
    other = seated(registry, "other", answers=0, address="192.0.2.2")
    registry.detach("other", now_ms=0)
    for number in range(200):
        seated(registry, f"stranger {number}", answers=0, is_guest=True, address="192.0.2.1")
        registry.detach(f"stranger {number}", now_ms=number)
    assert len(registry) == 76 and registry.of_token(other.token) is other


def test_one_visitor_cannot_fill_the_house() -> None:
    """Who begins a drill and hangs up, again and again, finds room only where he made it."""
    registry = Registry(40, TTL_MS)
    children = [seated(registry, f"child {number}", address=f"192.0.2.{number}") for number in range(20)]
    for number in range(1000):
        seated(registry, f"stranger {number}", answers=0, is_guest=True, address="198.51.100.1")
        registry.detach(f"stranger {number}", now_ms=number)
    seated(registry, "late", address="192.0.2.99")
    assert all(registry.of_token(child.token) for child in children)
