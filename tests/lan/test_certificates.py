"""Certificates: what they cover, for how long, and what makes a new one. The time is an argument; files are real."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509

from server.lan.addresses import LOOPBACK, Names
from server.lan.authority import Pair, is_by, make_authority, make_certificate, names_in
from server.lan.certificates import (
    AUTHORITY_FILE,
    LOCK_FILE,
    OLDER_AUTHORITIES,
    SERVER_FILE,
    CertificateError,
    News,
    keep_certificates,
    new_authority,
)
from tests.support.lan import forged

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = Names(("class-pc.local", "class-pc", "localhost"), (IPv4Address("192.168.1.5"), LOOPBACK))
ELSEWHERE = Names(HERE.hosts, (IPv4Address("10.0.0.9"), LOOPBACK))


def server_in(folder: Path) -> Pair:
    return Pair.from_pem((folder / SERVER_FILE).read_bytes())


def is_accepted(authority: Pair, server: Pair, host: str) -> bool:
    """Tell whether a client that trusts the authority accepts the server by this name: a real handshake, in memory."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=authority.der)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = serving(server).wrap_bio(to_server, to_client, server_side=True)
    here = client.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(4):
        for end in (here, there):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return here.version() is not None and here.getpeercert() != {}


def serving(server: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(server.to_pem())
        file.flush()
        context.load_cert_chain(file.name)
    return context


@pytest.fixture
def now() -> datetime:
    """The real time, because OpenSSL checks the real clock."""
    return datetime.now(UTC)


def test_a_server_is_trusted_under_all_of_its_names_and_no_other(now: datetime) -> None:
    authority = make_authority(HERE, now)
    server = make_certificate(authority, HERE, now)
    for name in HERE:
        assert is_accepted(authority, server, name), name
    for name in ("192.168.1.6", "other.local", "example.com"):
        assert not is_accepted(authority, server, name), name
    assert not is_accepted(make_authority(HERE, now), server, "localhost")


@pytest.mark.parametrize("name", ["example.com", "class-pc.example.com", "8.8.8.8", "notlocal", "evil-class-pc"])
def test_a_stolen_authority_vouches_for_nothing_outside(now: datetime, name: str) -> None:
    authority = make_authority(HERE, now)
    assert is_accepted(authority, forged(authority, "any.local"), "any.local")
    assert not is_accepted(authority, forged(authority, name), name)


def test_what_ios_asks_for() -> None:
    authority = make_authority(HERE, NOW)
    server = make_certificate(authority, HERE, NOW).certificate
    assert server.not_valid_after_utc - server.not_valid_before_utc == 397 * DAY
    assert server.not_valid_before_utc <= NOW - 30 * DAY, "for tablets whose clock is behind"
    extensions = server.extensions
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        x509.oid.ExtendedKeyUsageOID.SERVER_AUTH
    ]
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert server.signature_hash_algorithm is not None and server.signature_hash_algorithm.name == "sha256"
    assert authority.certificate.subject.rfc4514_string() == "CN=Paadas (class-pc.local)", (
        "iOS lists only those with a name"
    )
    assert authority.certificate.not_valid_after_utc - NOW == 3650 * DAY
    constraints = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints.ca and constraints.path_length == 0
    assert authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_no_certificate_outlives_its_authority() -> None:
    authority = make_authority(HERE, NOW)
    late = NOW + 3500 * DAY
    assert (
        make_certificate(authority, HERE, late).certificate.not_valid_after_utc
        == authority.certificate.not_valid_after_utc
    )


def test_keys_are_readable_by_the_servers_user_alone(tmp_path: Path) -> None:
    keep_certificates(tmp_path / "lan", HERE, NOW)
    assert (tmp_path / "lan").stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "lan").iterdir()} == {
        AUTHORITY_FILE: 0o600,
        SERVER_FILE: 0o600,
        LOCK_FILE: 0o600,
    }


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    first = keep_certificates(tmp_path, HERE, NOW)
    kept = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    again = keep_certificates(tmp_path, HERE, NOW + 300 * DAY)
    assert (first.news, again.news) == (News.FIRST, News.NONE)
    assert again.authority.fingerprint == first.authority.fingerprint
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == kept


def test_a_new_address_makes_a_new_certificate_by_the_same_authority(tmp_path: Path) -> None:
    first = keep_certificates(tmp_path, HERE, NOW)
    moved = keep_certificates(tmp_path, ELSEWHERE, NOW + DAY)
    assert moved.news is News.MOVED
    assert moved.authority.fingerprint == first.authority.fingerprint
    assert names_in(server_in(tmp_path).certificate) == set(ELSEWHERE)
    assert keep_certificates(tmp_path, ELSEWHERE, NOW + DAY).news is News.NONE


def test_an_address_that_is_gone_makes_none(tmp_path: Path) -> None:
    keep_certificates(tmp_path, HERE, NOW)
    assert keep_certificates(tmp_path, Names(HERE.hosts, (LOOPBACK,)), NOW).news is News.NONE


def test_a_computer_with_another_name_is_found_by_what_the_authority_may_vouch_for(tmp_path: Path) -> None:
    keep_certificates(tmp_path, HERE, NOW)
    renamed = Names(("lab.local", "lab", "localhost"), HERE.addresses)
    assert keep_certificates(tmp_path, renamed, NOW).news is News.MOVED
    assert names_in(server_in(tmp_path).certificate) == {"lab.local", "localhost", *map(str, HERE.addresses)}
    assert keep_certificates(tmp_path, renamed, NOW).news is News.NONE


def test_a_certificate_is_renewed_before_it_ends(tmp_path: Path) -> None:
    first = keep_certificates(tmp_path, HERE, NOW)
    ends = server_in(tmp_path).certificate.not_valid_after_utc
    assert keep_certificates(tmp_path, HERE, ends - 30 * DAY).news is News.NONE
    renewed = keep_certificates(tmp_path, HERE, ends - 29 * DAY)
    assert renewed.news is News.RENEWED
    assert renewed.authority.fingerprint == first.authority.fingerprint
    assert server_in(tmp_path).certificate.not_valid_after_utc > ends + 300 * DAY


AWAY = [-20 * 365, -400, -60, 60, 365, 500, 3640, 11 * 365]


@pytest.mark.parametrize("off_days", AWAY)
def test_a_clock_that_was_wrong_for_a_while_locks_no_tablet_out(tmp_path: Path, now: datetime, off_days: int) -> None:
    """However wrong the clock was and however often it was read: once it is right, tablets connect again."""
    first = keep_certificates(tmp_path, HERE, now)
    for names in (HERE, ELSEWHERE):
        for minutes in range(3):
            keep_certificates(tmp_path, names, now + off_days * DAY + timedelta(minutes=minutes))
    last = keep_certificates(tmp_path, HERE, now + DAY)
    assert last.authority.fingerprint == first.authority.fingerprint
    assert is_accepted(first.authority, server_in(tmp_path), "class-pc.local")
    assert keep_certificates(tmp_path, HERE, now + DAY).news is News.NONE


@pytest.mark.parametrize("off_days", [-20 * 365, -31, 3640, 11 * 365])
def test_an_authority_that_is_not_valid_is_told_kept_and_used(tmp_path: Path, now: datetime, off_days: int) -> None:
    """Tablets with the right time are served while the server's clock is far off."""
    first = keep_certificates(tmp_path, HERE, now)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert keep_certificates(tmp_path, HERE, now + off_days * DAY).news is News.OUT_OF_DATE
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
    assert is_accepted(first.authority, server_in(tmp_path), "class-pc.local")


def test_a_new_authority_is_made_when_it_is_asked_for_and_the_older_one_is_kept(tmp_path: Path) -> None:
    first = keep_certificates(tmp_path, HERE, NOW)
    late = NOW + 3640 * DAY
    made = new_authority(tmp_path, HERE, late)
    last = keep_certificates(tmp_path, HERE, late)
    assert made.fingerprint == last.authority.fingerprint != first.authority.fingerprint
    assert is_by(last.authority, server_in(tmp_path).certificate)
    (older,) = tmp_path.glob(OLDER_AUTHORITIES)
    assert Pair.from_pem(older.read_bytes()).fingerprint == first.authority.fingerprint
    assert older.stat().st_mode & 0o777 == 0o600


def test_an_authority_that_a_wrong_clock_made_gives_way_to_the_one_before(tmp_path: Path) -> None:
    first = keep_certificates(tmp_path, HERE, NOW)
    wrong = NOW + 11 * 365 * DAY
    made = new_authority(tmp_path, HERE, wrong)
    again = keep_certificates(tmp_path, HERE, NOW + DAY)
    assert (again.news, again.authority.fingerprint) == (News.RETURNED, first.authority.fingerprint)
    assert is_by(first.authority, server_in(tmp_path).certificate)
    assert keep_certificates(tmp_path, HERE, NOW + 2 * DAY).news is News.NONE
    # It stays on the disk: in eleven years it may be the right one.
    assert keep_certificates(tmp_path, HERE, wrong).authority.fingerprint == made.fingerprint


def test_another_authority_of_the_same_name_is_no_mistake(tmp_path: Path) -> None:
    keep_certificates(tmp_path, HERE, NOW)
    (tmp_path / AUTHORITY_FILE).write_bytes(make_authority(HERE, NOW).to_pem())
    assert keep_certificates(tmp_path, HERE, NOW).news is News.RENEWED


@pytest.mark.parametrize("name", [AUTHORITY_FILE, SERVER_FILE])
@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_damaged_file_is_named_and_not_replaced(tmp_path: Path, name: str, content: bytes) -> None:
    keep_certificates(tmp_path, HERE, NOW)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CertificateError, match=name):
        keep_certificates(tmp_path, HERE, NOW)
    assert (tmp_path / name).read_bytes() == content


def test_a_key_of_another_certificate_is_damage(tmp_path: Path) -> None:
    one, other = make_authority(HERE, NOW), make_authority(HERE, NOW)
    with pytest.raises(ValueError, match="belong together"):
        Pair.from_pem(Pair(one.certificate, other.key).to_pem())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "lan").write_text("in the way")
    with pytest.raises(CertificateError, match="mend its owner"):
        keep_certificates(tmp_path / "lan", HERE, NOW)
