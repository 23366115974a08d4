"""The addresses and names under which a classroom's tablets find this computer."""

import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

import psutil

# Ranges reserved for private networks and for this computer itself.
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")))
LOOPBACK = IPv4Address("127.0.0.1")
ANY = "0.0.0.0"
# Networks between programs of one computer.
VIRTUAL = re.compile(r"(docker|veth|virbr|vmnet|vboxnet)|br-[0-9a-f]{12}$")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a certificate covers, the most useful first."""

    hosts: tuple[str, ...]
    """Host names."""
    addresses: tuple[IPv4Address, ...]
    """IPv4 addresses."""

    def __iter__(self) -> Iterator[str]:
        yield from (*map(str, self.addresses), *self.hosts)


def names_of(listening_at: str) -> Names:
    """Return the names of a server that listens at an address, or at all of them ("0.0.0.0")."""
    addresses = own_addresses() if listening_at == ANY else (IPv4Address(listening_at),)
    return Names(own_hosts(socket.gethostname()), tuple(dict.fromkeys((*filter(is_private, addresses), LOOPBACK))))


def own_hosts(hostname: str) -> tuple[str, ...]:
    """Return the names of a computer, without those that no certificate can hold."""
    full = hostname.lower().rstrip(".")
    label = full.split(".")[0]
    wanted = (f"{label}.local", label, full, "localhost")
    return tuple(dict.fromkeys(name for name in wanted if all(map(LABEL.fullmatch, name.split(".")))))


def own_addresses() -> tuple[IPv4Address, ...]:
    """Return this computer's present IPv4 addresses, that of its main network first."""
    state = psutil.net_if_stats()
    up = (found for name, found in psutil.net_if_addrs().items() if state[name].isup and not VIRTUAL.match(name))
    addresses = [IPv4Address(one.address) for found in up for one in found if one.family == socket.AF_INET]
    return main_first(addresses, _towards_others())


def main_first(addresses: Iterable[IPv4Address], main: IPv4Address | None) -> tuple[IPv4Address, ...]:
    """Sort addresses: the main one first, link-local ones (no router gave an address) last, loopback left out."""
    others = [one for one in addresses if not one.is_loopback]
    return tuple(sorted(others, key=lambda one: (one != main, one.is_link_local)))


def is_private(address: IPv4Address) -> bool:
    """Tell whether an address is reserved for private networks or this computer."""
    return any(address in network for network in PRIVATE)


def _towards_others() -> IPv4Address | None:
    """Return the address from which this computer would reach the internet; None without a route. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation
            return IPv4Address(probe.getsockname()[0])
        except OSError:
            return None
