"""A service manager that a server reports to."""

import socket

ALIVE = "READY=1\nWATCHDOG=1"


class Manager:
    """Stands in for systemd: it only listens."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def hears(self, within_s: float) -> str | None:
        self.socket.settimeout(within_s)
        try:
            return self.socket.recv(4096).decode()
        except TimeoutError:
            return None

    def forget(self) -> None:
        """Drop earlier messages."""
        while self.hears(0.01):
            pass
