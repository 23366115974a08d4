"""Who may see the teacher's pages: one passphrase, kept as an argon2 hash."""

import hashlib
import os
import secrets
import threading
import time
from pathlib import Path
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

SETTING = "teacher.passphrase"
KEY_FILE = "secret.key"
SHORTEST, LONGEST = 8, 200
# Wrong tries from one address. A child on the shared tablet locks that tablet only.
TRIES = "5 per minute; 30 per hour"


class Settings(Protocol):
    """The part of the store that is needed here."""

    def setting(self, name: str) -> str | None: ...
    def set_setting(self, name: str, value: str | None) -> None: ...


class BadPassphrase(Exception):
    """It cannot be taken; `code` is the key of the text that says why: too_short, too_long, not_the_same, wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooManyTries(Exception):
    """From this address; after `wait_s` seconds it may try again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"wait {wait_s} s")
        self.wait_s = wait_s


class Access:
    """The passphrase. Every method blocks: hashing takes a tenth of a second on purpose."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hasher = PasswordHasher()
        self._first = threading.Lock()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits = parse_many(TRIES)

    @property
    def stamp(self) -> str | None:
        """Changes with the passphrase, so that a session opened with an older one ends; None: there is none yet."""
        kept = self._settings.setting(SETTING)
        return kept and hashlib.sha256(kept.encode()).hexdigest()[:32]

    def set_first(self, passphrase: str, again: str) -> bool:
        """False where somebody was faster: of two first visitors only one can set it. Raises BadPassphrase."""
        _check(passphrase, again)
        with self._first:
            if self._settings.setting(SETTING) is not None:
                return False
            self._settings.set_setting(SETTING, self._hasher.hash(passphrase))
            return True

    def change(self, old: str, passphrase: str, again: str, address: str) -> None:
        """Raises BadPassphrase and TooManyTries."""
        _check(passphrase, again)
        self.admit(old, address)
        self._settings.set_setting(SETTING, self._hasher.hash(passphrase))

    def admit(self, passphrase: str, address: str) -> None:
        """Raises BadPassphrase where it is wrong, TooManyTries where too many were wrong before."""
        # Counted before it is looked at: tries at the same moment all count.
        for limit in self._limits:
            if not self._limiter.hit(limit, address):
                opens_at_s = self._limiter.get_window_stats(limit, address).reset_time
                raise TooManyTries(max(1, round(opens_at_s - time.time())))
        kept = self._settings.setting(SETTING) or ""
        try:
            self._hasher.verify(kept, passphrase[:LONGEST])
        except (VerificationError, InvalidHashError):
            raise BadPassphrase("wrong") from None
        for limit in self._limits:
            self._limiter.clear(limit, address)


def forget(settings: Settings) -> None:
    """The next visitor of the teacher's page sets a new passphrase; whoever is logged in is logged out."""
    settings.set_setting(SETTING, None)


def _check(passphrase: str, again: str) -> None:
    if len(passphrase) < SHORTEST:
        raise BadPassphrase("too_short")
    if len(passphrase) > LONGEST:
        raise BadPassphrase("too_long")
    if passphrase != again:
        raise BadPassphrase("not_the_same")


def secret_key(data_dir: Path) -> bytes:
    """What signs the session cookies: made once, readable by the server's user alone. Raises OSError."""
    path = data_dir / KEY_FILE
    if not path.exists():
        partial = path.with_suffix(".partial")
        with open(partial, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_hex(32).encode())
        partial.replace(path)
    return path.read_bytes()
