"""The certificates of this computer, kept in a folder: made once, and the server's renewed when it has to be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from ..files import write_private
from .addresses import Names
from .authority import Pair, is_by, make_authority, make_certificate, missing_names

# Certificate and key together in one file each.
AUTHORITY_FILE, SERVER_FILE = "authority.pem", "server.pem"
RENEW_BEFORE = timedelta(days=30)


class CertificateError(Exception):
    """The certificates cannot be used; the message says what to do."""


class News(Enum):
    """What came of looking after the certificates."""

    NONE = "all is as it was"
    FIRST = "an authority was made: every tablet has to trust it once"
    MOVED = "the addresses have changed: the server has a new certificate, and the tablets need nothing"
    RENEWED = "the server's certificate was about to end and is renewed, and the tablets need nothing"


@dataclass(frozen=True, slots=True)
class Certificates:
    """`server_file` holds the server's certificate with its key."""

    authority: Pair
    server_file: Path
    news: News


def keep_certificates(folder: Path, names: Names, now: datetime) -> Certificates:
    """The certificates in `folder`, made or renewed where needed. Raises CertificateError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _read(folder / AUTHORITY_FILE)
        is_first = authority is None or _is_ending(authority, now)
        if authority is None or is_first:
            authority = make_authority(names, now)
            write_private(folder / AUTHORITY_FILE, authority.to_pem())
        server = _read(folder / SERVER_FILE)
        news = News.FIRST if is_first else _what_is_wrong(authority, server, names, now)
        if news is not News.NONE:
            write_private(folder / SERVER_FILE, make_certificate(authority, names, now).to_pem())
        return Certificates(authority, folder / SERVER_FILE, news)
    except OSError as error:
        raise CertificateError(
            f"{error.filename} cannot be read or written ({error.strerror}): mend its owner"
        ) from None


def _what_is_wrong(authority: Pair, server: Pair | None, names: Names, now: datetime) -> News:
    if server is None or not is_by(authority, server.certificate) or _is_ending(server, now):
        return News.RENEWED
    return News.MOVED if missing_names(authority, server.certificate, names) else News.NONE


def _is_ending(pair: Pair, now: datetime) -> bool:
    return pair.certificate.not_valid_after_utc - now < RENEW_BEFORE


def _read(path: Path) -> Pair | None:
    """None where there is none. A damaged one is not replaced unasked: the tablets trust what was in it."""
    if not path.exists():
        return None
    try:
        return Pair.from_pem(path.read_bytes())
    except ValueError as error:
        raise CertificateError(
            f"{path} is damaged ({error}): put it back from a backup, or delete it; if it is {AUTHORITY_FILE}, every "
            "tablet has to trust the new one"
        ) from None
