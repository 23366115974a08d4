"""TLS on a port where plain HTTP arrives as well: whoever types an address without https:// is told where to go."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import MSG_PEEK, socket

# A tablet that leaves the room in the middle of it must not hold a thread for ever.
HANDSHAKE_S = 10.0
HANDSHAKE = b"\x16"
LARGEST_REQUEST_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Tls:
    """`where_to(host)`: the address to which a plain visitor is sent who asked for `host`, "" if that is not known."""

    context: ssl.SSLContext
    where_to: Callable[[str], str]

    def load(self, certificate_and_key: Path) -> None:
        """Also while it is served: whoever comes from now on is shown the new one."""
        self.context.load_cert_chain(certificate_and_key)

    def begin(self, connection: socket) -> ssl.SSLSocket | None:
        """The secured connection; None where the visitor has gone, or had to be sent on."""
        connection.settimeout(HANDSHAKE_S)
        try:
            if connection.recv(1, MSG_PEEK) == HANDSHAKE:
                secured = self.context.wrap_socket(connection, server_side=True)
                secured.settimeout(None)
                return secured
            request = connection.recv(LARGEST_REQUEST_BYTES)
            if request:
                connection.sendall(_redirect(self.where_to(_host_in(request))))
        except OSError:
            pass  # the visitor does not trust us (yet), or has gone
        return None


def make_tls(kind: type[ssl.SSLContext], where_to: Callable[[str], str]) -> Tls:
    """Without a certificate, which has to be loaded first. `kind`: as the concurrency needs it."""
    context = kind(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return Tls(context, where_to)


def _host_in(request: bytes) -> str:
    found = re.search(rb"^host:\s*([a-z0-9.-]{1,253})", request, re.IGNORECASE | re.MULTILINE)
    return found[1].decode() if found else ""


def _redirect(address: str) -> bytes:
    return (
        f"HTTP/1.1 302 Found\r\nLocation: {address}\r\nContent-Length: 0\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
