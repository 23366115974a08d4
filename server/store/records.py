"""The store's records: small and frozen. Times are milliseconds since 1970, UTC.

The limits in the types are checked in rows that come from a file (rows.py).
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ..drill.attempt import Attempt
from ..drill.facts import TABLES
from ..names import Name

LARGEST_INT = 2**31 - 1
Id = Annotated[int, Field(ge=1, lt=2**53)]
# From 1970 to 2100: calendars can show it, and the forecasts of memory can add a century.
Time = Annotated[int, Field(ge=0, lt=4_102_444_800_000)]
Small = Annotated[int, Field(ge=0, le=LARGEST_INT)]
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Table = Annotated[int, Field(ge=TABLES[0], le=TABLES[-1])]


def _tables_of(cell: Any) -> Any:
    """Read the tables from one CSV cell: 2 3 7."""
    return cell.split() if isinstance(cell, str) else cell


def new_id() -> int:
    """Return a random id, unique across machines. Spreadsheets and JavaScript keep its fifteen digits exactly."""
    return 10**14 + secrets.randbelow(9 * 10**14)


def key_of(token: str) -> str:
    """Return the key under which the store keeps what belongs to a token. A reader of the database cannot use it."""
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Learner:
    """A person who practises."""

    id: Id
    """A random id, see `new_id`."""
    nickname: Name
    picture: Word
    """The code of a picture, such as "tiger"."""
    class_name: Name | None
    """The school class; None for none."""
    language: Word
    """Language code."""
    created_at_ms: Time
    consent_at_ms: Time | None = None
    """Recordings may be kept since then; None: they may not."""


@dataclass(frozen=True, slots=True)
class Drill:
    """One session of practice."""

    id: Id
    learner: Id | None
    """None for a guest, whose answers are not stored."""
    language: Word
    engine: Word
    """Name of the recogniser."""
    mode: Word
    """Name of the `Mode`."""
    tables: Annotated[tuple[Table, ...], Field(min_length=1), BeforeValidator(_tables_of)]
    started_at_ms: Time


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt and its place. A turn has at most one answer and, if it was misheard, one appeal."""

    drill: int
    turn: int
    attempt: Attempt
    key: str = ""
    """The drill's, see Unfinished."""
    epoch: int = 0
    """The drill's, see Unfinished."""


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
    epoch: int = 0
    """Raised by each process that takes the drill up. Records of an older epoch are not written."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording that is kept with consent."""

    # In the folder of samples, because deleting a learner deletes it: no part begins with a dot.
    path: Annotated[str, Field(max_length=255, pattern=r"^samples(/[\w-][\w.-]*)+$")]
    """Below the data folder."""
    learner: Id
    number: Small
    """The number that is said."""
    at_ms: Time


# The records that are written during practice.
Written = Drill | Entry | Unfinished


@dataclass(frozen=True, slots=True)
class PassedOver:
    """The records that were not written."""

    lost: tuple[Drill | Entry, ...] = ()
    """Those whose learner or drill is missing from the database."""
    deleted: tuple[Drill | Entry, ...] = ()
    """Those of learners whom this server deleted."""
    taken_over: frozenset[tuple[str, int]] = frozenset()
    """Keys and epochs of drills that belong to another process."""
