"""The certificates of this computer, kept in a folder: made once; the server's is renewed when needed.

The clock may be wrong, and tablets trust what was made long ago. So an authority is never overwritten, and a second one
is made only when an adult asks for it (`new_authority`). Older ones keep names of their own, and the server returns to
a valid one when the present one is not valid.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from ..files import locked, write_private
from .addresses import Names
from .authority import BACKDATED, Pair, is_by, make_authority, make_certificate, missing_names

# A folder in the data folder.
LAN_FOLDER = "lan"
# Certificate and key together in one file each.
AUTHORITY_FILE, SERVER_FILE, LOCK_FILE = "authority.pem", "server.pem", "lock"
OLDER_AUTHORITIES = "authority-*.pem"
RENEW_BEFORE = timedelta(days=30)


class CertificateError(Exception):
    """The certificates cannot be used. The message says what to do."""


class News(Enum):
    """The result of a check of the certificates."""

    NONE = "all is as it was"
    FIRST = "an authority was made: every tablet has to trust it once"
    MOVED = "the addresses have changed: the server has a new certificate, and the tablets need nothing"
    RENEWED = (
        "the server's certificate was about to end, or not valid yet, and is renewed, and the tablets need nothing"
    )
    RETURNED = "the authority from before is valid again and is used again: tablets that trusted it need nothing"
    OUT_OF_DATE = (
        "by this computer's clock the authority is not valid, or ends soon. Look at the clock first. If it is right, "
        "stop the server and run `python run.py new-authority`: every tablet has to trust the new one once"
    )


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates in use."""

    authority: Pair
    """The authority that the tablets trust."""
    server_file: Path
    """The server's certificate with its key (PEM)."""
    news: News
    """What has changed."""


def keep_certificates(folder: Path, names: Names, now: datetime) -> Certificates:
    """Return the certificates in `folder`, made or renewed where needed. Raises CertificateError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(folder / LOCK_FILE):
            authority, news = _authority(folder, names, now)
            server = _read(folder / SERVER_FILE)
            wrong = _what_is_wrong(authority, server, names, None if news is News.OUT_OF_DATE else now)
            if wrong is not News.NONE:
                certificate = make_certificate(authority, names, _within(authority, now))
                write_private(folder / SERVER_FILE, certificate.to_pem())
        return Certificates(authority, folder / SERVER_FILE, wrong if news is News.NONE else news)
    except OSError as error:
        raise _unusable(error) from None


def new_authority(folder: Path, names: Names, now: datetime) -> Pair:
    """Make another authority. The present one keeps a name of its own. Raises CertificateError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = make_authority(names, now)
        _install(folder, authority)
    except OSError as error:
        raise _unusable(error) from None
    return authority


def _authority(folder: Path, names: Names, now: datetime) -> tuple[Pair, News]:
    present = _read(folder / AUTHORITY_FILE)
    if present is None:
        return new_authority(folder, names, now), News.FIRST
    if _is_good(present, now):
        return present, News.NONE
    older = map(_read, sorted(folder.glob(OLDER_AUTHORITIES)))
    good = next((pair for pair in older if pair is not None and _is_good(pair, now)), None)
    if good is None:
        return present, News.OUT_OF_DATE
    _install(folder, good)
    return good, News.RETURNED


def _install(folder: Path, authority: Pair) -> None:
    """Put an authority in its place. The present one is renamed first, so an interruption loses nothing."""
    present = _read(folder / AUTHORITY_FILE)
    if present is not None:
        name = present.fingerprint.replace(":", "").lower()[:16]
        write_private(folder / OLDER_AUTHORITIES.replace("*", name), present.to_pem())
    write_private(folder / AUTHORITY_FILE, authority.to_pem())


def _what_is_wrong(authority: Pair, server: Pair | None, names: Names, now: datetime | None) -> News:
    """Return what must be renewed. `now` is None if the clock cannot be believed."""
    if server is None or not is_by(authority, server.certificate):
        return News.RENEWED
    if missing_names(authority, server.certificate, names):
        return News.MOVED
    return News.NONE if now is None or _is_good(server, now) else News.RENEWED


def _is_good(pair: Pair, now: datetime) -> bool:
    """Tell whether a certificate is valid now and for some time."""
    certificate = pair.certificate
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - RENEW_BEFORE


def _within(authority: Pair, now: datetime) -> datetime:
    """Return the time, moved into the authority's validity: a clock that is far off must not spoil a certificate."""
    certificate = authority.certificate
    first, last = certificate.not_valid_before_utc + BACKDATED, certificate.not_valid_after_utc - RENEW_BEFORE
    return min(max(now, first), last)


def _unusable(error: OSError) -> CertificateError:
    return CertificateError(f"{error.filename} cannot be read or written ({error.strerror}): mend its owner")


def _read(path: Path) -> Pair | None:
    """Read a pair; None without a file. A damaged file is an error, not replaced: the tablets trust what was in it."""
    if not path.exists():
        return None
    try:
        return Pair.from_pem(path.read_bytes())
    except ValueError as error:
        raise CertificateError(
            f"{path} is damaged ({error}): put it back from a backup, or delete it; if it is {AUTHORITY_FILE}, every "
            "tablet has to trust the new one"
        ) from None
