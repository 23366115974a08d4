"""Guessing is slow, from one address and from a thousand, and locks nobody out for ever."""

import itertools
from collections.abc import Callable
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.serving.networks import network_of
from server.store.database import open_database
from server.store.tries import KeptTries
from server.web.teacher import tries as module
from server.web.teacher.tries import FREE_TRIES, LONGEST_DELAY_S, TooManyTries, Tries

PIN, PASSPHRASE = "kiosk.pin", "teacher.passphrase"
DAY_S = 86_400.0


class World:
    """Tries, with a clock that the test moves."""

    def __init__(self, kept: str | None = None, wall_s: float = 1e9, shared: KeptTries | None = None) -> None:
        self.now_s, self.wall_s, self.kept = 0.0, wall_s, kept
        self.tries = Tries(
            (PASSPHRASE, PIN), kept, self._keep, lambda: self.now_s, lambda: self.wall_s + self.now_s, shared
        )

    def _keep(self, kept: str) -> None:
        self.kept = kept

    def wrong(self, address: str, secret: str = PIN) -> float:
        """Try a wrong secret; returns the wait in s, 0 if the try was allowed."""
        try:
            self.tries.begin(secret, address)
        except TooManyTries as many:
            return many.wait_s
        self.tries.wrong(secret, address)
        return 0

    def right(self, address: str, secret: str = PIN) -> float:
        try:
            self.tries.begin(secret, address)
        except TooManyTries as many:
            return many.wait_s
        self.tries.right(secret, address, secret)
        return 0


@pytest.fixture
def shared(tmp_path: Path) -> KeptTries:
    return KeptTries(open_database(None, tmp_path))


def test_tries_at_one_process_count_at_the_others(shared: KeptTries) -> None:
    here, there = World(shared=shared), World(shared=shared)
    assert [world.wrong("10.0.0.1") for world in (here, there, here, there, here)] == [0] * 5
    assert here.wrong("10.0.0.1") > 0 and there.wrong("10.0.0.1", PASSPHRASE) > 0
    assert World(shared=shared).wrong("10.0.0.1") > 0, "nor does a new process help"
    assert there.wrong("10.0.0.2") == 0
    assert there.right("10.0.0.2") == 0
    assert [here.wrong("10.0.0.2") for _ in range(6)].count(0) == 5, "what was right there begins anew here"


def test_many_networks_are_slowed_at_all_processes_together(shared: KeptTries) -> None:
    worlds, address, free = [World(shared=shared) for _ in range(4)], addresses(), 0
    while not worlds[free % 4].wrong(address()):
        free += 1
    assert free <= FREE_TRIES + 1
    assert all(world.wrong(address()) for world in worlds)


def test_without_the_database_each_process_counts_its_own(shared: KeptTries) -> None:
    world = World(shared=shared)
    with shared._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE tries")
    assert [world.wrong("10.0.0.1") for _ in range(5)] == [0] * 5
    assert world.wrong("10.0.0.1") > 0


def addresses() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"10.{(number := next(numbers)) >> 16}.{number >> 8 & 255}.{number & 255}"


@pytest.mark.parametrize("secret", [PIN, PASSPHRASE])
def test_a_thousand_addresses_guess_hardly_faster_than_one(secret: str) -> None:
    world, address, looked_at = World(), addresses(), 0
    while world.now_s < 7 * DAY_S:
        wait_s = world.wrong(address(), secret)
        looked_at += not wait_s
        world.now_s += max(wait_s, 0.1)
    assert looked_at < 7 * 310
    assert 10**6 / (looked_at / 7) / 2 > 4 * 365, "half of the PINs of 6 digits take four years"


def test_each_try_beyond_the_free_ones_doubles_the_wait() -> None:
    world, address, waits = World(), addresses(), []
    for _ in range(FREE_TRIES + 11):
        waits.append(wait_s := world.wrong(address()))
        world.now_s += wait_s
        if wait_s:
            assert world.wrong(address()) == 0
    assert waits[: FREE_TRIES + 1] == [0] * (FREE_TRIES + 1)
    assert 0 < waits[FREE_TRIES + 1] < waits[-1] <= LONGEST_DELAY_S


def test_it_is_a_wait_and_no_lock() -> None:
    world, address = World(), addresses()
    for _ in range(2000):
        world.now_s += world.wrong(address())
    assert world.now_s and world.wrong("10.99.0.1") <= LONGEST_DELAY_S
    world.now_s += LONGEST_DELAY_S
    assert world.right("10.99.0.1") == 0
    world.now_s += 2 * 3600
    assert [world.wrong(address()) for _ in range(3)] == [0, 0, 0], "old tries are forgiven"


def test_where_the_secret_was_right_an_attack_elsewhere_costs_no_wait() -> None:
    world, address = World(), addresses()
    assert world.right("10.99.0.1") == 0
    for _ in range(50):
        world.wrong(address())
    assert world.right("10.99.0.1") == 0
    assert world.wrong("10.99.0.1", PASSPHRASE) > 0, "knowing the PIN does not help with the passphrase"
    assert [world.wrong("10.99.0.1") for _ in range(6)].count(0) < 6, "tries from there count as before"


def test_the_count_survives_a_restart_and_fades() -> None:
    world, address = World(), addresses()
    for _ in range(40):
        world.now_s += world.wrong(address())
    later = World(world.kept, world.wall_s + world.now_s + 1)
    assert 60 < later.wrong(address()) <= LONGEST_DELAY_S
    assert World(world.kept, world.wall_s + world.now_s + DAY_S).tries._level == 0
    for damaged in ("", "x", "1", "nan x", "1 2 3"):
        assert World(damaged).wrong("10.0.0.1") == 0


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    assert World("15 2000000000", 1e9).wrong("10.0.0.1") <= LONGEST_DELAY_S


def test_a_database_in_trouble_changes_nothing() -> None:
    def broken(kept: str) -> None:
        raise OSError("full")

    tries = Tries((PIN,), None, broken)
    for _ in range(5):
        tries.begin(PIN, "10.0.0.1")
        tries.wrong(PIN, "10.0.0.1")
    with pytest.raises(TooManyTries):
        tries.begin(PIN, "10.0.0.1")


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_all_addresses_of_an_ipv6_network_are_one(network: int, one: int, other: int) -> None:
    first, second = (str(IPv6Address((network << 64) | host)) for host in (one, other))
    if IPv6Address(first).ipv4_mapped is None and IPv6Address(second).ipv4_mapped is None:
        assert network_of(first) == network_of(second)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_under_what_an_address_is_counted(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_flood_is_one_line_a_minute_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    with caplog.at_level("INFO", "paadas.security"):
        for _ in range(500):
            world.wrong("10.0.0.1")
    assert caplog.text.count("event=wrong_try") == 5 and caplog.text.count("event=too_many_tries") == 1
    assert module.LIMITS.startswith("5 per minute")
