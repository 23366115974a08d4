"""The real server as in a classroom: HTTPS with its own authority, at addresses of this computer only."""

import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from server.lan.authority import Pair

from .server import free_port, running


@dataclass(frozen=True)
class LanServer:
    """Its addresses, its data folder, and the file with the terminal's text."""

    practice: str
    guide: str
    data: Path
    log: Path

    @property
    def authority(self) -> bytes:
        """The authority's certificate as the guide sends it (DER)."""
        with urllib.request.urlopen(f"{self.guide}/paadas-ca.crt", timeout=10) as answer:
            content: bytes = answer.read()
        return content

    def trusting(self) -> ssl.SSLContext:
        """The TLS context of a client that trusts only this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.authority)
        return context


@contextmanager
def running_lan_server(data: Path, *options: str, host: str = "127.0.0.1") -> Iterator[LanServer]:
    port, guide_port = free_port(), free_port()
    practice = f"https://{host}:{port}"
    given = ("--lan", "--host", host, "--port", str(port), "--guide-port", str(guide_port), "--data", str(data))
    with running(practice, *given, *options) as log:
        yield LanServer(practice, f"http://{host}:{guide_port}", data, log)


def forged(authority: Pair, name: str) -> Pair:
    """Make a certificate for any name with a stolen key of the authority."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    is_address = name[0].isdigit()
    builder = x509.CertificateBuilder(
        authority.certificate.subject,
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Thief")]),
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=1),
        now + timedelta(days=1),
    ).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ip_address(name)) if is_address else x509.DNSName(name)]),
        critical=False,
    )
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)
