"""Under which addresses and names the tablets of a classroom find this computer."""

import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

import psutil

# What is reserved for networks of one's own, and for one's own computer.
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")))
LOOPBACK = IPv4Address("127.0.0.1")
ANY = "0.0.0.0"
# Networks between programs of the same computer.
VIRTUAL = re.compile(r"(docker|veth|virbr|vmnet|vboxnet)|br-[0-9a-f]{12}$")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Names:
    """What a certificate is for: host names and IPv4 addresses, the most useful first."""

    hosts: tuple[str, ...]
    addresses: tuple[IPv4Address, ...]

    def __iter__(self) -> Iterator[str]:
        yield from (*map(str, self.addresses), *self.hosts)


def names_of(listening_at: str) -> Names:
    """Of a server that listens at an address, or at all of them ("0.0.0.0")."""
    addresses = own_addresses() if listening_at == ANY else (IPv4Address(listening_at),)
    return Names(own_hosts(socket.gethostname()), tuple(dict.fromkeys((*filter(is_private, addresses), LOOPBACK))))


def own_hosts(hostname: str) -> tuple[str, ...]:
    """The names of a computer; those that no certificate can hold are left out."""
    full = hostname.lower().rstrip(".")
    label = full.split(".")[0]
    wanted = (f"{label}.local", label, full, "localhost")
    return tuple(dict.fromkeys(name for name in wanted if all(map(LABEL.fullmatch, name.split(".")))))


def own_addresses() -> tuple[IPv4Address, ...]:
    """The IPv4 addresses of the networks that this computer is in now, its main network first."""
    state = psutil.net_if_stats()
    up = (found for name, found in psutil.net_if_addrs().items() if state[name].isup and not VIRTUAL.match(name))
    addresses = [IPv4Address(one.address) for found in up for one in found if one.family == socket.AF_INET]
    return main_first(addresses, _towards_others())


def main_first(addresses: Iterable[IPv4Address], main: IPv4Address | None) -> tuple[IPv4Address, ...]:
    """Without loopback; link-local ones (no router gave an address) last."""
    others = [one for one in addresses if not one.is_loopback]
    return tuple(sorted(others, key=lambda one: (one != main, one.is_link_local)))


def is_private(address: IPv4Address) -> bool:
    return any(address in network for network in PRIVATE)


def _towards_others() -> IPv4Address | None:
    """From which address this computer would speak to the world. Nothing is sent; None: there is no way there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation
            return IPv4Address(probe.getsockname()[0])
        except OSError:
            return None
