"""The names under which a computer is found. No network is needed or touched."""

from ipaddress import IPv4Address

import pytest

from server.lan.addresses import LOOPBACK, Names, is_private, main_first, names_of, own_hosts


@pytest.mark.parametrize(
    ("hostname", "hosts"),
    [
        ("class-pc", ("class-pc.local", "class-pc", "localhost")),
        ("Class-PC.School.lan.", ("class-pc.local", "class-pc", "class-pc.school.lan", "localhost")),
        ("localhost", ("localhost.local", "localhost")),
        ("my_box", ("localhost",)),
        ("शाळा", ("localhost",)),
        ("", ("localhost",)),
    ],
)
def test_names_that_no_certificate_can_hold_are_left_out(hostname: str, hosts: tuple[str, ...]) -> None:
    assert own_hosts(hostname) == hosts


def test_the_main_network_comes_first_and_an_address_without_a_router_last() -> None:
    wired, wireless, alone = map(IPv4Address, ("10.0.0.7", "192.168.1.5", "169.254.3.4"))
    assert main_first([alone, wired, LOOPBACK, wireless], wireless) == (wireless, wired, alone)
    assert main_first([alone, wired], None) == (wired, alone)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.168.1.5", True),
        ("10.255.0.1", True),
        ("172.31.0.1", True),
        ("172.32.0.1", False),
        ("8.8.8.8", False),
        ("100.64.0.1", False),
    ],
)
def test_private_networks_are_known(address: str, expected: bool) -> None:
    assert is_private(IPv4Address(address)) is expected


def test_a_server_that_listens_at_one_address_has_that_one() -> None:
    assert names_of("127.0.0.2").addresses == (IPv4Address("127.0.0.2"), LOOPBACK)
    assert names_of("127.0.0.1").addresses == (LOOPBACK,)


def test_a_server_that_listens_everywhere_has_the_addresses_of_this_computer() -> None:
    names = names_of("0.0.0.0")
    assert names.addresses[-1] == LOOPBACK and names.hosts[-1] == "localhost"
    assert all(is_private(address) for address in names.addresses)
    assert list(Names(("a.local",), (LOOPBACK,))) == ["127.0.0.1", "a.local"]
