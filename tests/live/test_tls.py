"""A certificate that changes while it is served, and what is announced. Real sockets, at loopback addresses."""

import socket
import ssl
import threading
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509

from server.files import Chores
from server.lan.addresses import LOOPBACK, Names
from server.lan.authority import names_in
from server.lan_mode import Lan
from server.live.tls import Tls
from server.settings import Settings

HOME = Names(("class-pc.local", "localhost"), (IPv4Address("192.168.1.5"), LOOPBACK))
SCHOOL = Names(HOME.hosts, (IPv4Address("10.0.0.9"), LOOPBACK))
NOWHERE = Names(HOME.hosts, (LOOPBACK,))


class Computer:
    """A Lan whose computer the test moves between networks; `said` is the terminal's text."""

    def __init__(self, data: Path) -> None:
        self.names, self.said = HOME, ""
        server = SimpleNamespace(
            concurrency=SimpleNamespace(tls_context=ssl.SSLContext),
            languages={},
            default_language="mr",
            chores=Chores(data),
        )
        settings = Settings(lan=True, data_dir=data)
        self.lan = Lan(settings, server, self._say, lambda host: self.names)  # type: ignore[arg-type]

    def _say(self, text: str) -> None:
        self.said += text + "\n"

    def carried_to(self, names: Names) -> str:
        """Move to a network; returns what is announced."""
        self.names, self.said = names, ""
        self.lan.look_again()
        return self.said


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


@pytest.fixture
def line(computer: Computer) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_all, args=(listener, computer.lan.tls), daemon=True).start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)  # closing alone does not wake accept()


def answer_all(listener: socket.socket, tls: Tls) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, tls.begin(connection) or socket.socket():
            pass


def shown_names(address: tuple[str, int]) -> set[str]:
    """Return the names of the certificate that a visitor gets now."""
    return names_in(x509.load_pem_x509_certificate(ssl.get_server_certificate(address).encode()))


def test_a_computer_that_is_carried_elsewhere_is_secure_there_too(computer: Computer, line: tuple[str, int]) -> None:
    assert "https://192.168.1.5:5000/" in computer.said and "http://192.168.1.5:5080/" in computer.said
    assert "an authority was made" in computer.said
    assert shown_names(line) == set(HOME)
    assert computer.carried_to(HOME) == ""
    told = computer.carried_to(SCHOOL)
    assert "the addresses have changed" in told and "https://10.0.0.9:5000/" in told and "http://10.0.0.9:5080/" in told
    assert shown_names(line) == set(SCHOOL)


def test_without_a_network_it_says_so_and_waits_for_one(computer: Computer) -> None:
    assert "in no private network" in computer.carried_to(NOWHERE)
    told = computer.carried_to(HOME)
    assert "https://192.168.1.5:5000/" in told and "no private network" not in told


def test_a_plain_visitor_is_sent_on(computer: Computer, line: tuple[str, int]) -> None:
    for host, where in ((b"class-pc.local:5000", b"class-pc.local"), (b"elsewhere", b"192.168.1.5")):
        with socket.create_connection(line, timeout=20) as visitor:
            visitor.sendall(b"GET / HTTP/1.1\r\nAccept: */*\r\nhost: " + host + b"\r\n\r\n")
            assert b"Location: http://" + where + b":5080/\r\n" in visitor.recv(4096)
