"""Access to the teacher's pages: one passphrase, kept as an argon2 hash. A class's tablet also has a PIN."""

import hashlib
import logging
import secrets
import threading
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ... import security
from ...files import write_private
from ...store.tries import KeptTries
from . import tries
from .tries import Tries

logger = logging.getLogger(__name__)

SETTING = "teacher.passphrase"
PIN_SETTING = "kiosk.pin"
SECRETS = (SETTING, PIN_SETTING)
# The code that the server prints at its start. Only a person who has seen it may set the first passphrase.
CODE_SETTING = "teacher.code"
CODE_DIGITS = 6
KEY_FILE = "secret.key"
SHORTEST_KEY_BYTES = 32
# Of a new passphrase; an older, shorter one stays valid.
SHORTEST, LONGEST = 12, 200
# Of a new PIN. All PINs of 4 digits can be tried in a month even if tries are slowed; those of 6 take years.
PIN_DIGITS = range(6, 9)
# Words that are guessed first. The rest of a passphrase without them must still be hard to guess.
COMMON = (
    "password",
    "passphrase",
    "passwort",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "asdf",
    "zxcvbnm",
    "letmein",
    "welcome",
    "iloveyou",
    "administrator",
    "admin",
    "teacher",
    "school",
    "student",
    "paadas",
    "abcdefghijkl",
    "abcdef",
    "abc",
    "multiplication",
    "tables",
    "india",
    "maharashtra",
    "secret",
    "monkey",
    "dragon",
    "login",
    "hello",
    "नमस्ते",
    "पासवर्ड",
    "शिक्षक",
    "शाळा",
    "पाढे",
)
LEAST_DIFFERENT_LETTERS = 5


class Settings(Protocol):
    """The part of the store that access needs."""

    def setting(self, name: str) -> str | None: ...
    def setting_or(self, name: str, value: str) -> str: ...
    def set_setting(self, name: str, value: str | None) -> None: ...


class BadPassphrase(Exception):
    """A passphrase or PIN is refused.

    `code` is the key of a text: too_short, too_long, too_simple, not_the_same, wrong, wrong_code, bad_pin,
    pin_too_simple.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Access:
    """The passphrase and the PIN. Every method blocks: hashing takes a tenth of a second on purpose."""

    def __init__(self, settings: Settings, shared: KeptTries | None = None) -> None:
        self._settings = settings
        self._hasher = PasswordHasher()
        self._first = threading.Lock()
        self._tries = Tries(
            SECRETS,
            settings.setting(tries.SETTING),
            lambda kept: settings.set_setting(tries.SETTING, kept),
            shared=shared,
        )

    @property
    def stamp(self) -> str | None:
        """Return a value that changes with the passphrase and so ends older sessions; None without a passphrase."""
        kept = self._settings.setting(SETTING)
        return kept and hashlib.sha256(kept.encode()).hexdigest()[:32]

    def set_first(self, code: str, passphrase: str, again: str, address: str) -> bool:
        """Set the first passphrase. Returns False if another visitor was faster.

        Raises BadPassphrase, and TooManyTries after too many wrong codes.
        """
        _check(passphrase, again)
        self._tries.begin(SETTING, address)
        with self._first:
            right = first_code(self._settings)
            if right is None:
                return False
            if not secrets.compare_digest(code.strip().encode(), right.encode()):
                self._tries.wrong(SETTING, address)
                raise BadPassphrase("wrong_code")
            self._settings.set_setting(SETTING, self._hasher.hash(passphrase))
            self._settings.set_setting(CODE_SETTING, None)
        self._tries.right(SETTING, address, *SECRETS)
        security.note("passphrase_set", address=address)
        return True

    def change(self, old: str, passphrase: str, again: str, address: str) -> None:
        """Change the passphrase. Raises BadPassphrase, TooManyTries."""
        _check(passphrase, again)
        self.admit(old, address)
        self._settings.set_setting(SETTING, self._hasher.hash(passphrase))
        security.note("passphrase_changed", address=address)

    @property
    def has_pin(self) -> bool:
        return self._settings.setting(PIN_SETTING) is not None

    def set_pin(self, pin: str | None, address: str = security.HERE) -> None:
        """Set the PIN; None removes it. Raises BadPassphrase."""
        if pin is not None and not (pin.isascii() and pin.isdecimal() and len(pin) in PIN_DIGITS):
            raise BadPassphrase("bad_pin")
        if pin is not None and _is_simple_pin(pin):
            raise BadPassphrase("pin_too_simple")
        self._settings.set_setting(PIN_SETTING, pin and self._hasher.hash(pin))
        security.note("pin_set" if pin else "pin_removed", address=address)

    def release(self, secret: str, address: str) -> None:
        """Let an adult out of a kiosk: by the PIN, without one by the passphrase, without either freely.

        Raises as `admit` does.
        """
        pin = self._settings.setting(PIN_SETTING)
        if pin is not None:
            self._try(pin, secret, address, PIN_SETTING)
            # The PIN does not help to guess the passphrase: the passphrase's count stays.
            self._tries.right(PIN_SETTING, address, PIN_SETTING)
        elif self.stamp is not None:
            self.admit(secret, address)
        security.note("released", address=address)

    def admit(self, passphrase: str, address: str) -> None:
        """Check the passphrase. Raises BadPassphrase if it is wrong, TooManyTries after too many wrong ones."""
        self._try(self._settings.setting(SETTING) or "", passphrase, address, SETTING)
        self._tries.right(SETTING, address, *SECRETS)

    def _try(self, kept: str, secret: str, address: str, tried: str) -> None:
        self._tries.begin(tried, address)
        try:
            self._hasher.verify(kept, secret[:LONGEST])
        except (VerificationError, InvalidHashError):
            self._tries.wrong(tried, address)
            raise BadPassphrase("wrong") from None


def forget(settings: Settings) -> None:
    """Delete the passphrase and the kiosk's PIN. All sessions end; a new passphrase must be set."""
    for name in (SETTING, PIN_SETTING):
        settings.set_setting(name, None)


def first_code(settings: Settings) -> str | None:
    """Return the code that sets the first passphrase; None if it is set."""
    if settings.setting(SETTING) is not None:
        return None
    return settings.setting(CODE_SETTING) or settings.setting_or(
        CODE_SETTING, f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    )


def _check(passphrase: str, again: str) -> None:
    if len(passphrase) < SHORTEST:
        raise BadPassphrase("too_short")
    if len(passphrase) > LONGEST:
        raise BadPassphrase("too_long")
    if _is_simple(passphrase):
        raise BadPassphrase("too_simple")
    if passphrase != again:
        raise BadPassphrase("not_the_same")


def _is_simple(passphrase: str) -> bool:
    """Tell whether a passphrase is only common words, digits and repetitions."""
    rest = unicodedata.normalize("NFC", passphrase).casefold()
    for word in COMMON:
        rest = rest.replace(word, " ")
    return (
        len({letter for letter in rest if not letter.isdecimal() and letter.isprintable()} - {" "})
        < LEAST_DIFFERENT_LETTERS
    )


def _is_simple_pin(pin: str) -> bool:
    """Tell whether a PIN is like 111111, 121212 or 123456."""
    steps = {int(second) - int(first) for first, second in pairwise(pin)}
    return len(set(pin)) < 3 or steps in ({1}, {-1})


def secret_key(data_dir: Path) -> bytes:
    """Return the key that signs the session cookies. Made once, readable by the server's user alone. Raises OSError."""
    path = data_dir / KEY_FILE
    if path.exists():
        key = path.read_bytes()
        # A power cut can leave a file that is empty or full of zeros.
        if len(key) >= SHORTEST_KEY_BYTES and len(set(key)) > 1:
            return key
        logger.warning("%s held no usable key and is made anew: teachers must log in again", path)
    write_private(path, secrets.token_hex(32).encode())
    return path.read_bytes()
