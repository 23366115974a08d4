"""The store's records: small and frozen. Times are milliseconds since 1970, UTC."""

import secrets
from dataclasses import dataclass

from ..drill.attempt import Attempt


def new_id() -> int:
    """Return a random id, unique across machines. Spreadsheets and JavaScript keep its fifteen digits exactly."""
    return 10**14 + secrets.randbelow(9 * 10**14)


@dataclass(frozen=True, slots=True)
class Learner:
    """A person who practises."""

    id: int
    """A random id, see `new_id`."""
    nickname: str
    picture: str
    """The code of a picture, such as "tiger"."""
    class_name: str | None
    """The school class; None for none."""
    language: str
    """Language code."""
    created_at_ms: int
    consent_at_ms: int | None = None
    """Recordings may be kept since then; None: they may not."""


@dataclass(frozen=True, slots=True)
class Drill:
    """One session of practice."""

    id: int
    learner: int | None
    """None for a guest, whose answers are not stored."""
    language: str
    engine: str
    """Name of the recogniser."""
    mode: str
    """Name of the `Mode`."""
    tables: tuple[int, ...]
    started_at_ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt and its place. A turn has at most one answer and, if it was misheard, one appeal."""

    drill: int
    turn: int
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The state of a drill in progress."""

    key: str
    """A key that only the learner's page knows."""
    learner: int | None
    """None for a guest. Nothing else of a guest is stored, and this not for long."""
    content: str | None
    """The state, JSON; None once the drill is over."""
    saved_at_ms: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording that is kept with consent."""

    path: str
    """Below the data folder."""
    learner: int
    number: int
    """The number that is said."""
    at_ms: int


# The records that are written during practice.
Written = Drill | Entry | Unfinished


@dataclass(frozen=True, slots=True)
class PassedOver:
    """The records that were not written."""

    lost: tuple[Drill | Entry, ...] = ()
    """Those whose learner or drill is missing from the database."""
    deleted: tuple[Drill | Entry, ...] = ()
    """Those of learners whom this server deleted."""
