"""TLS on a port that plain HTTP reaches as well: a visitor without https:// is redirected."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import MSG_PEEK, socket

# A tablet that leaves during the handshake must not hold a thread for ever.
HANDSHAKE_S = 10.0
HANDSHAKE = b"\x16"
LARGEST_REQUEST_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Tls:
    """`where_to(host)`: where a plain visitor who asked for `host` is redirected, "" if unknown."""

    context: ssl.SSLContext
    where_to: Callable[[str], str]

    def load(self, certificate_and_key: Path) -> None:
        """Load a certificate, also while serving: new visitors see it."""
        self.context.load_cert_chain(certificate_and_key)

    def begin(self, connection: socket) -> ssl.SSLSocket | None:
        """The secured connection; None if the visitor has gone, or was redirected."""
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
            pass  # the visitor does not trust the certificate (yet), or has gone
        return None


def make_tls(kind: type[ssl.SSLContext], where_to: Callable[[str], str]) -> Tls:
    """A context without a certificate, to be loaded first. `kind`: see `Concurrency.tls_context`."""
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
