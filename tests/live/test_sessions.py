"""Which session has which place, and for how long. Time is virtual."""

from types import SimpleNamespace
from typing import Any

import pytest

from server.dialogue.state import Phase
from server.live.serial_queue import SerialQueue
from server.live.sessions import Full, LiveSession, SessionRegistry, new_token

TTL_MS = 120_000


def new_seat(phase: Phase = Phase.LISTEN, answers: int = 3, is_guest: bool = False, address: str = "") -> LiveSession:
    session: Any = SimpleNamespace(token=new_token(), dialogue=SimpleNamespace(phase=phase, has_answers=answers > 0))
    return LiveSession(session, SerialQueue(print, print), address, is_guest)


def seated(sessions: SessionRegistry, connection: str, phase: Phase = Phase.LISTEN, **details: Any) -> LiveSession:
    live_session = sessions.open(new_seat(phase, **details), connection)
    sessions.attach(live_session, connection)
    return live_session


def test_a_seat_is_found_by_token_and_by_connection() -> None:
    sessions = SessionRegistry(2, TTL_MS)
    live_session = seated(sessions, "a")
    assert sessions.of_token(live_session.token) is sessions.of_connection("a") is live_session
    assert sessions.of_token("guess") is sessions.of_token(None) is sessions.of_connection("b") is None


def test_no_more_than_the_limit() -> None:
    sessions = SessionRegistry(1, TTL_MS)
    seated(sessions, "a")
    with pytest.raises(Full):
        sessions.open(new_seat(), "b")
    assert len(sessions) == 1


def test_a_finished_drill_whose_learner_left_makes_room() -> None:
    sessions = SessionRegistry(1, TTL_MS)
    seated(sessions, "a", Phase.FINISHED)
    with pytest.raises(Full):
        seated(sessions, "b")
    sessions.detach("a", now_ms=0)
    seated(sessions, "b")
    assert len(sessions) == 1


def test_a_new_drill_takes_the_place_of_the_old_one() -> None:
    sessions = SessionRegistry(1, TTL_MS)
    old = seated(sessions, "a")
    new = sessions.open(new_seat(), "a")
    assert len(sessions) == 1 and sessions.of_token(new.token) is new and sessions.of_token(old.token) is None


def test_a_drill_that_went_on_elsewhere_meanwhile_keeps_its_place() -> None:
    sessions = SessionRegistry(2, TTL_MS)
    old = seated(sessions, "a")
    sessions.require_room("a", "")
    sessions.attach(old, "b")  # while the history for the new one was read
    sessions.open(new_seat(), "a")
    assert old in sessions.live_sessions() and len(sessions) == 2


def test_of_two_that_resume_the_same_drill_the_first_gets_it() -> None:
    sessions = SessionRegistry(2, TTL_MS)
    first = seated(sessions, "a")
    assert sessions.open(LiveSession(first.session, SerialQueue(print, print)), "b") is first


def test_a_seat_waits_for_its_token_and_no_longer() -> None:
    sessions = SessionRegistry(2, TTL_MS)
    live_session = seated(sessions, "a")
    sessions.detach("a", now_ms=1000)
    sessions.sweep(1000 + TTL_MS)
    assert sessions.of_token(live_session.token) is live_session
    sessions.sweep(1001 + TTL_MS)
    assert sessions.of_token(live_session.token) is None


def test_a_seat_in_use_is_never_swept() -> None:
    sessions = SessionRegistry(2, TTL_MS)
    live_session = seated(sessions, "a")
    sessions.detach("a", now_ms=0)
    sessions.attach(live_session, "b")
    sessions.sweep(10 * TTL_MS)
    assert sessions.of_token(live_session.token) is live_session


def test_a_second_connection_takes_the_drill_over_from_the_first() -> None:
    sessions = SessionRegistry(2, TTL_MS)
    live_session = seated(sessions, "a")
    assert sessions.attach(live_session, "b") == "a"
    assert sessions.of_connection("a") is None
    assert sessions.detach("a", now_ms=0) is None  # the old tab closing does not suspend the new one
    assert live_session.connection == "b"
    assert sessions.attach(live_session, "b") is None


def test_tokens_cannot_be_guessed() -> None:
    tokens = {new_seat().token for _ in range(100)}
    assert len(tokens) == 100 and min(map(len, tokens)) >= 20


def test_in_a_full_server_drills_left_without_an_answer_make_room_and_others_do_not() -> None:
    sessions = SessionRegistry(3, TTL_MS)
    answered = seated(sessions, "a", is_guest=False)
    earlier, later = seated(sessions, "b", answers=0), seated(sessions, "c", answers=0)
    sessions.detach("a", now_ms=0)
    sessions.detach("b", now_ms=1)
    sessions.detach("c", now_ms=2)
    seated(sessions, "d")
    assert sessions.of_token(earlier.token) is None
    assert sessions.of_token(answered.token) and sessions.of_token(later.token)
    seated(sessions, "e")
    with pytest.raises(Full):
        seated(sessions, "f")
    assert sessions.of_token(answered.token) is answered


def test_then_the_guest_who_left_longest_ago() -> None:
    sessions = SessionRegistry(3, TTL_MS)
    live_sessions = [seated(sessions, name, is_guest=name != "a") for name in "abc"]
    for at, name in enumerate("acb"):
        sessions.detach(name, now_ms=at)
    seated(sessions, "d")
    assert [bool(sessions.of_token(live_session.token)) for live_session in live_sessions] == [True, True, False]


def test_a_present_child_is_never_sent_away() -> None:
    sessions = SessionRegistry(2, TTL_MS)
    live_sessions = [seated(sessions, name, answers=0, is_guest=True) for name in "ab"]
    with pytest.raises(Full):
        seated(sessions, "c")
    assert sessions.live_sessions() == live_sessions


def test_one_address_has_three_quarters_of_the_seats_and_always_a_class() -> None:
    sessions = SessionRegistry(100, TTL_MS)
    for number in range(75):
        seated(sessions, f"school {number}", address="192.0.2.1")
    with pytest.raises(Full):
        seated(sessions, "school", address="192.0.2.1")
    for number in range(25):
        seated(sessions, f"other {number}", address="192.0.2.2")
    small = SessionRegistry(40, TTL_MS)
    for number in range(40):
        seated(small, f"class {number}", address="192.0.2.1")


def test_an_address_that_has_its_share_loses_its_own_seats_first() -> None:
    sessions = SessionRegistry(100, TTL_MS)
    other = seated(sessions, "other", answers=0, address="192.0.2.2")
    sessions.detach("other", now_ms=0)
    for number in range(200):
        seated(sessions, f"stranger {number}", answers=0, is_guest=True, address="192.0.2.1")
        sessions.detach(f"stranger {number}", now_ms=number)
    assert len(sessions) == 76 and sessions.of_token(other.token) is other


def test_one_visitor_cannot_fill_the_house() -> None:
    """A visitor who begins a drill and hangs up, again and again, takes only his own places."""
    sessions = SessionRegistry(40, TTL_MS)
    children = [seated(sessions, f"child {number}", address=f"192.0.2.{number}") for number in range(20)]
    for number in range(1000):
        seated(sessions, f"stranger {number}", answers=0, is_guest=True, address="198.51.100.1")
        sessions.detach(f"stranger {number}", now_ms=number)
    seated(sessions, "late", address="192.0.2.99")
    assert all(sessions.of_token(child.token) for child in children)
