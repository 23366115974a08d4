"""Which connections are kept, and which are closed. Time is virtual."""

import errno
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.serving.connections import (
    GOING_AWAY,
    POLICY_VIOLATION,
    TRY_AGAIN_LATER,
    Connection,
    Connections,
    State,
    TooFast,
    TooMany,
)
from server.live.serving.limits import (
    BODY_S,
    CLASS_SIZE,
    FRAMES_BURST,
    FRAMES_PER_S,
    HEADER_S,
    KEEP_ALIVE_S,
    LONGEST_PAUSE_S,
    START_S,
    Limits,
    limits_for,
    share,
)
from server.live.serving.networks import network_of


class House:
    """Connections whose clock is `now_ms`, with the codes of those that were closed."""

    def __init__(self, connections: int = 100, max_sessions: int = 100) -> None:
        self.now_ms = 0.0
        self.codes: dict[str, int] = {}
        self.table = Connections(Limits(connections, max_sessions), lambda: self.now_ms)
        self._names = 0

    def open(self, host: str, name: str = "") -> Connection:
        self._names += 1
        name = name or f"{host} {self._names}"
        connection = self.table.open(host, lambda code: self.codes.update({name: code}))
        assert connection is not None
        return connection

    def after(self, seconds: float) -> dict[str, int]:
        self.now_ms += 1000 * seconds
        self.table.sweep()
        return self.codes

    def drill(self, host: str) -> Connection:
        connection = self.open(host)
        self.table.upgrade(connection, lambda code: self.codes.update({host: code}))
        self.table.set_drill(connection, True)
        return connection


def test_in_a_full_table_the_address_with_most_connections_loses_its_oldest() -> None:
    house = House(connections=100)
    house.open("10.0.0.1", "visitor")
    for number in range(74):
        house.open("10.0.0.9", f"stranger {number}")
    for number in range(25):
        house.open(f"10.0.1.{number}", f"other {number}")
    assert house.codes == {}
    house.open("10.0.0.2")
    assert house.codes == {"stranger 0": TRY_AGAIN_LATER} and len(house.table) == 100


def test_one_address_has_a_share() -> None:
    house = House(connections=100)
    for number in range(76):
        house.open("10.0.0.9", f"stranger {number}")
    assert house.codes == {"stranger 0": TRY_AGAIN_LATER}
    assert len(house.table) == share(100) == 75


def test_idle_connections_close_before_busy_ones_and_drills_never() -> None:
    house = House(connections=4)
    house.drill("10.0.0.9")
    asked = house.open("10.0.0.9", "asked")
    house.table.answer(asked, "10.0.0.9", 0)
    house.open("10.0.0.9", "waits")
    house.open("10.0.0.1")
    house.open("10.0.0.2")
    assert list(house.codes) == ["waits"]


def test_if_each_connection_has_a_drill_no_other_is_accepted() -> None:
    house = House(connections=2)
    house.drill("10.0.0.1")
    house.drill("10.0.0.2")
    assert house.table.open("10.0.0.3", lambda code: None) is None
    assert house.codes == {} and len(house.table) == 2


@pytest.mark.parametrize(
    ("enter", "seconds"),
    [("nothing", HEADER_S), ("await_request", KEEP_ALIVE_S + HEADER_S), ("upgrade", START_S), ("body", BODY_S + 5)],
)
def test_each_state_has_a_deadline(enter: str, seconds: float) -> None:
    house = House()
    connection = house.open("10.0.0.1", "late")
    match enter:
        case "await_request":
            house.table.await_request(connection)
        case "upgrade":
            house.table.upgrade(connection, lambda code: house.codes.update(late=code))
        case "body":
            house.table.answer(connection, "10.0.0.1", 100_000)
    assert house.after(seconds) == {}
    assert house.after(0.1) == {"late": POLICY_VIOLATION} and len(house.table) == 0


def test_a_drill_and_an_answer_take_as_long_as_they_take() -> None:
    house = House()
    house.drill("10.0.0.1")
    for host, body in (("10.0.0.2", 0), ("10.0.0.3", 5)):
        connection = house.open(host)
        house.table.answer(connection, host, body)
        house.table.body_ended(connection)
    assert house.after(3600) == {}


def test_after_a_drill_another_one_is_expected() -> None:
    house = House()
    connection = house.drill("10.0.0.1")
    house.after(100)
    house.table.set_drill(connection, False)
    assert house.after(START_S) == {}
    house.table.set_drill(connection, False)  # an error does not extend its deadline
    assert house.after(1) == {"10.0.0.1": POLICY_VIOLATION}


def test_a_connection_is_closed_only_once() -> None:
    house = House()
    connection = house.open("10.0.0.1", "it")
    house.table.hang_up(connection, "late")
    house.codes.clear()
    house.table.hang_up(connection, "late")
    house.table.close(connection)
    house.table.await_request(connection)
    house.table.set_drill(connection, True)
    assert house.codes == {} and len(house.table) == 0


def test_a_frame_too_many_ends_a_connection() -> None:
    house = House()
    connection = house.drill("10.0.0.1")
    for _ in range(int(FRAMES_BURST)):
        house.table.count_frame(connection, 10)
    with pytest.raises(TooFast):
        house.table.count_frame(connection, 10)


def test_a_drill_goes_on_however_long_it_lasts_and_after_its_line_stood_still() -> None:
    house = House()
    connection = house.drill("10.0.0.1")
    for _ in range(3):
        for _ in range(17 * 60):
            house.now_ms += 60
            assert house.table.count_frame(connection, 1960) == 0
        house.now_ms += 18_000
        assert all(house.table.count_frame(connection, 1960) == 0 for _ in range(18 * 17))


@given(st.lists(st.tuples(st.floats(0, 1000), st.integers(0, 65536)), max_size=300))
def test_the_rate_and_one_burst_are_the_limit(frames: list[tuple[float, int]]) -> None:
    house = House()
    connection = house.open("10.0.0.1")
    passed = 0
    for wait_ms, size in frames:
        house.now_ms += wait_ms
        try:
            house.table.count_frame(connection, size)
        except TooFast:
            break
        passed += 1 + size // 4096
    assert passed <= FRAMES_BURST + FRAMES_PER_S * house.now_ms / 1000


def test_strangers_of_one_address_share_a_pace() -> None:
    """A visitor who returns after each flood is slowed down; a class with its drills is not."""
    house = House(connections=1000)
    pauses = [house.table.count_frame(house.open("10.0.0.9"), 10) for _ in range(2000)]
    assert pauses[0] == 0 and pauses[-1] == LONGEST_PAUSE_S
    school = [house.drill("10.0.0.7") for _ in range(CLASS_SIZE)]
    assert not any(house.table.count_frame(each, 1960) for _ in range(18 * 17) for each in school)


def test_a_school_behind_one_address_begins_within_a_minute() -> None:
    house = House(max_sessions=400)
    connection = house.open("10.0.0.7")
    assert all(house.table.may_start(connection) for _ in range(300))
    assert not house.table.may_start(connection)
    assert house.table.may_start(house.open("10.0.0.8"))
    house.now_ms += 60_000
    assert all(house.table.may_start(connection) for _ in range(300))


def test_requests_of_one_address_are_slowed_down_and_those_of_others_are_not() -> None:
    house = House(max_sessions=100)
    connection = house.open("10.0.0.9")
    pauses = [house.table.answer(connection, "10.0.0.9", 0) for _ in range(1500)]
    assert pauses[:101] == [0] * 100 + [0.01] and pauses[-1] == LONGEST_PAUSE_S
    assert house.table.answer(house.open("10.0.0.1"), "10.0.0.1", 0) == 0


def test_behind_a_proxy_each_request_counts_for_its_own_visitor() -> None:
    house = House(connections=8)
    lines = [house.open("127.0.0.1") for _ in range(3)]
    for line, host in zip(lines, ("10.0.0.1", "10.0.0.2", "10.0.0.2"), strict=True):
        house.table.answer(line, host, 0)
    assert [line.address.key for line in lines] == ["10.0.0.1", "10.0.0.2", "10.0.0.2"]
    for _ in range(5):
        house.open("127.0.0.1")
    house.open("127.0.0.1")
    assert len(house.codes) == 1 and len(house.table) == 8


def test_behind_a_proxy_an_address_whose_share_is_all_drills_gets_no_more() -> None:
    house = House(connections=80, max_sessions=80)
    for _ in range(60):
        house.table.set_drill(house.open("10.0.0.1"), True)
    with pytest.raises(TooMany):
        house.table.answer(house.open("127.0.0.1"), "10.0.0.1", 0)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_where_the_system_has_run_out_an_idle_one_makes_room(number: int, caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    house.drill("10.0.0.1")
    for _ in range(3):
        house.open("10.0.0.9")
    for _ in range(10):
        house.table.accept_failed(OSError(number, "no more"))
    assert len(house.codes) == 3 and len(house.table) == 1
    assert len(caplog.records) == 1


@pytest.mark.parametrize("number", [errno.ECONNABORTED, errno.EPROTO, errno.ECONNRESET])
def test_a_visitor_who_left_before_admission_costs_nothing(number: int) -> None:
    house = House()
    house.open("10.0.0.9")
    house.table.accept_failed(OSError(number, "gone"))
    assert house.codes == {}


def test_the_log_has_a_line_in_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    house = House(connections=10)
    for _ in range(95):
        for _ in range(100):
            house.open("10.0.0.9")
        house.after(0.1)
    assert len(caplog.records) == 1


def test_unused_addresses_are_forgotten() -> None:
    house = House()
    for number in range(500):
        house.table.close(house.open(f"10.0.{number // 250}.{number % 250}"))
    house.after(60)
    assert not house.table._addresses


def test_only_websockets_are_told_goodbye() -> None:
    house = House()
    house.drill("10.0.0.1")
    house.open("10.0.0.2", "a page")
    house.table.say_goodbye()
    assert house.codes == {"10.0.0.1": GOING_AWAY}


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("x" * 100, "x" * 64),
    ],
)
def test_an_address_is_a_network_if_one_device_owns_all_of_it(host: str, key: str) -> None:
    assert network_of(host) == key


def test_the_share_of_a_small_server_is_all_of_it() -> None:
    assert [share(most) for most in (1, 30, 40, 50, 100, 400)] == [1, 30, 40, 40, 75, 300]


def test_connections_leave_descriptors_to_everything_else(caplog: pytest.LogCaptureFixture) -> None:
    assert limits_for(400, 65_536).connections == 2440
    assert limits_for(400, 1024).connections == 928 and not caplog.records
    assert limits_for(2000, 1024).connections == 928
    assert "LimitNOFILE" in caplog.text


@given(
    st.lists(
        st.tuples(st.sampled_from(["open", "close", "drill", "answer", "sweep"]), st.integers(0, 5), st.integers(0, 40))
    )
)
def test_the_count_is_right_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    house = House(connections=10)
    there: list[Connection] = []
    for what, host, which in steps:
        chosen = there[which % len(there)] if there else None
        if what == "open" and (connection := house.table.open(f"10.0.0.{host}", lambda code: None)):
            there.append(connection)
        elif what == "sweep":
            house.after(which / 4)
        elif chosen is not None and what == "close":
            house.table.close(chosen)
        elif chosen is not None and what == "drill":
            house.table.set_drill(chosen, which % 2 == 0)
        elif chosen is not None:
            house.table.answer(chosen, f"10.0.0.{host}", which)
        alive = [each for each in there if not each.is_closed]
        assert len(house.table) == len(alive) <= 10
        assert sum(each.state is State.DRILL for each in alive) == sum(
            a.drills for a in house.table._addresses.values()
        )
