"""A certificate authority for one computer, and certificates by it. The time is an argument; nothing is stored here.

The authority may vouch only for private addresses, `.local` and this computer's own names (name constraints, marked
critical). A tablet that trusts it stays safe elsewhere even if its key is stolen. Chrome and Edge (from 112), Firefox,
OpenSSL and Apple's systems (from iOS 11.3 and macOS 10.13; older ones refuse the certificate) enforce the constraints
on roots that people add. A client that ignores them still accepts our certificates.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .addresses import PRIVATE, Names

AUTHORITY_LIFE = timedelta(days=3650)
# iOS takes no server certificate that lasts more than 398 days.
SERVER_LIFE = timedelta(days=397)
# A tablet whose clock is behind must not find the certificate not yet valid.
BACKDATED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    """The certificate."""
    key: ec.EllipticCurvePrivateKey
    """Its private key."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as devices show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def to_pem(self) -> bytes:
        """Return certificate and key as one PEM, so neither is lost or mixed up."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self.certificate.public_bytes(serialization.Encoding.PEM) + key

    @classmethod
    def from_pem(cls, pem: bytes) -> "Pair":
        """Read certificate and key from one PEM. Raises ValueError."""
        key = serialization.load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("key and certificate do not belong together")
        return cls(certificate, key)


def make_authority(names: Names, now: datetime) -> Pair:
    """Make an authority for a computer with these names, valid in any private network."""
    key = ec.generate_private_key(ec.SECP256R1())
    # iOS lists only authorities with a common name. The computer's name tells two classrooms apart.
    subject = _name(f"Paadas ({names.hosts[0]})")
    permitted: list[x509.GeneralName] = [x509.DNSName(host) for host in dict.fromkeys(("local", *names.hosts))]
    permitted += map(x509.IPAddress, PRIVATE)
    builder = _builder(subject, subject, key, now, now + AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def make_certificate(authority: Pair, names: Names, now: datetime) -> Pair:
    """Make a certificate for a server with these names, without hosts that the authority may not vouch for."""
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now - BACKDATED + SERVER_LIFE, authority.certificate.not_valid_after_utc)
    builder = _builder(_name(names.hosts[0]), authority.certificate.subject, key, now, until)
    alternatives: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts if _may_name(authority, host)]
    alternatives += map(x509.IPAddress, names.addresses)
    builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(issuer, critical=False)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def is_by(authority: Pair, certificate: x509.Certificate) -> bool:
    """Tell whether this authority signed the certificate, not another one of the same name."""
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def names_in(certificate: x509.Certificate) -> set[str]:
    """Return the host names and addresses that a server's certificate covers."""
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    hosts, addresses = (alternatives.get_values_for_type(kind) for kind in (x509.DNSName, x509.IPAddress))
    return {*hosts, *map(str, addresses)}


def missing_names(authority: Pair, certificate: x509.Certificate, names: Names) -> set[str]:
    """Return the names that a certificate lacks but the authority may add."""
    wanted = {*map(str, names.addresses), *(host for host in names.hosts if _may_name(authority, host))}
    return wanted - names_in(certificate)


def _may_name(authority: Pair, host: str) -> bool:
    """Tell whether the authority may vouch for a host. A renamed computer is still found by address and in `.local`."""
    constraints = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = [one.value for one in constraints.permitted_subtrees or () if isinstance(one, x509.DNSName)]
    return any(host == one or host.endswith(f".{one}") for one in permitted)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
