"""Who may see the teacher's pages: one passphrase, kept as an argon2 hash. A tablet of a class has a PIN beside it."""

import hashlib
import logging
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

from ...files import write_private

logger = logging.getLogger(__name__)

SETTING = "teacher.passphrase"
PIN_SETTING = "kiosk.pin"
SECRETS = (SETTING, PIN_SETTING)
# Whoever set up the server knows it: only they may set the first passphrase.
CODE_SETTING = "teacher.code"
CODE_DIGITS = 6
KEY_FILE = "secret.key"
SHORTEST_KEY_BYTES = 32
SHORTEST, LONGEST = 8, 200
PIN_DIGITS = range(4, 9)
# Wrong tries of passphrase, PIN or code from one address. A child on the shared tablet locks that tablet only.
TRIES = "5 per minute; 30 per hour"


class Settings(Protocol):
    """The part of the store that is needed here."""

    def setting(self, name: str) -> str | None: ...
    def set_setting(self, name: str, value: str | None) -> None: ...


class BadPassphrase(Exception):
    """It cannot be taken; `code` is the key of the text that says why: too_short, too_long, not_the_same, wrong,
    wrong_code, bad_pin."""

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

    def set_first(self, code: str, passphrase: str, again: str, address: str) -> bool:
        """False where somebody was faster: of two first visitors only one can set it.

        Raises BadPassphrase, and TooManyTries where too many codes were wrong before.
        """
        _check(passphrase, again)
        self._count(address, SETTING)
        with self._first:
            right = first_code(self._settings)
            if right is None:
                return False
            if not secrets.compare_digest(code.strip().encode(), right.encode()):
                raise BadPassphrase("wrong_code")
            self._settings.set_setting(SETTING, self._hasher.hash(passphrase))
            self._settings.set_setting(CODE_SETTING, None)
        self._clear(address, *SECRETS)
        return True

    def change(self, old: str, passphrase: str, again: str, address: str) -> None:
        """Raises BadPassphrase and TooManyTries."""
        _check(passphrase, again)
        self.admit(old, address)
        self._settings.set_setting(SETTING, self._hasher.hash(passphrase))

    @property
    def has_pin(self) -> bool:
        return self._settings.setting(PIN_SETTING) is not None

    def set_pin(self, pin: str | None) -> None:
        """None takes it away. Raises BadPassphrase."""
        if pin is not None and not (pin.isascii() and pin.isdecimal() and len(pin) in PIN_DIGITS):
            raise BadPassphrase("bad_pin")
        self._settings.set_setting(PIN_SETTING, pin and self._hasher.hash(pin))

    def release(self, secret: str, address: str) -> None:
        """Let an adult out of a kiosk: by the PIN; without one by the passphrase; without that nothing is locked.

        Raises as `admit` does.
        """
        pin = self._settings.setting(PIN_SETTING)
        if pin is not None:
            self._try(pin, secret, address, PIN_SETTING)
            # Whoever knows the PIN guesses the passphrase no faster: that count stays as it is.
            self._clear(address, PIN_SETTING)
        elif self.stamp is not None:
            self.admit(secret, address)

    def admit(self, passphrase: str, address: str) -> None:
        """Raises BadPassphrase where it is wrong, TooManyTries where too many were wrong before."""
        self._try(self._settings.setting(SETTING) or "", passphrase, address, SETTING)
        self._clear(address, *SECRETS)

    def _try(self, kept: str, secret: str, address: str, tried: str) -> None:
        self._count(address, tried)
        try:
            self._hasher.verify(kept, secret[:LONGEST])
        except (VerificationError, InvalidHashError):
            raise BadPassphrase("wrong") from None

    def _count(self, address: str, tried: str) -> None:
        """Before it is looked at: tries at the same moment all count, and those of one secret for the other, too."""
        for limit in self._limits:
            hits = {secret: self._limiter.hit(limit, secret, address) for secret in SECRETS}
            if not hits[tried]:
                opens_at_s = self._limiter.get_window_stats(limit, tried, address).reset_time
                raise TooManyTries(max(1, round(opens_at_s - time.time())))

    def _clear(self, address: str, *secrets: str) -> None:
        for limit in self._limits:
            for secret in secrets:
                self._limiter.clear(limit, secret, address)


def forget(settings: Settings) -> None:
    """A new passphrase is to be set; whoever is logged in is logged out. The PIN of the kiosk goes with it."""
    for name in (SETTING, PIN_SETTING):
        settings.set_setting(name, None)


def first_code(settings: Settings) -> str | None:
    """What must be given to set the passphrase; None where it is set."""
    if settings.setting(SETTING) is not None:
        return None
    code = settings.setting(CODE_SETTING)
    if code is None:
        code = f"{secrets.randbelow(10 ** CODE_DIGITS):0{CODE_DIGITS}}"
        settings.set_setting(CODE_SETTING, code)
    return code


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
    if path.exists():
        key = path.read_bytes()
        # A power cut can leave a file that is empty or full of zeros.
        if len(key) >= SHORTEST_KEY_BYTES and len(set(key)) > 1:
            return key
        logger.warning("%s held no usable key and is made anew: whoever was logged in logs in again", path)
    write_private(path, secrets.token_hex(32).encode())
    return path.read_bytes()
