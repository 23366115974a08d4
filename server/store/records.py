"""What the store takes and gives: small frozen records. Times in milliseconds since 1970, UTC.

The limits in the types hold where a record is read from a file (rows.py).
"""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ..drill.attempt import Attempt
from ..drill.facts import TABLES
from ..names import Name

LARGEST_INT = 2**31 - 1
Id = Annotated[int, Field(ge=1, lt=2**53)]
# From 1970 to 2100: a calendar can show it, and the forecasts of memory can add a century to it.
Time = Annotated[int, Field(ge=0, lt=4_102_444_800_000)]
Small = Annotated[int, Field(ge=0, le=LARGEST_INT)]
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Table = Annotated[int, Field(ge=TABLES[0], le=TABLES[-1])]


def _tables_of(cell: Any) -> Any:
    """In CSV the tables stand in one cell: 2 3 7."""
    return cell.split() if isinstance(cell, str) else cell


def new_id() -> int:
    """A number that nobody else has, on no machine. Fifteen digits: what spreadsheets and JavaScript keep exactly."""
    return 10**14 + secrets.randbelow(9 * 10**14)


@dataclass(frozen=True, slots=True)
class Learner:
    """A child who practises."""

    id: Id
    nickname: Name
    picture: Word
    """The short name of one in client/pictures."""
    class_name: Name | None
    language: Word
    created_at_ms: Time
    consent_at_ms: Time | None = None
    """Since when recordings may be kept; None if they may not."""


@dataclass(frozen=True, slots=True)
class Drill:
    """One session of practice."""

    id: Id
    learner: Id | None
    """None for a guest, whose answers are not kept."""
    language: Word
    engine: Word
    mode: Word
    tables: Annotated[tuple[Table, ...], Field(min_length=1), BeforeValidator(_tables_of)]
    started_at_ms: Time


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt and its place: a turn of a drill is answered once and, if it was misheard, appealed against once."""

    drill: int
    turn: int
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The state of a drill that is going on."""

    key: str
    """Only its learner's page can name it."""
    learner: int | None
    """None for a guest. Nothing else is kept of a guest, and this not for long."""
    content: str | None
    """None once the drill is over."""
    saved_at_ms: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording that a learner allowed to be kept."""

    # Deleting a learner deletes it, so it lies below the folder of samples: no part begins with a dot.
    path: Annotated[str, Field(max_length=255, pattern=r"^samples(/[\w-][\w.-]*)+$")]
    """Below the data folder."""
    learner: Id
    number: Small
    """What the learner says."""
    at_ms: Time


# What is written while somebody practises.
Written = Drill | Entry | Unfinished


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What was not written: `deleted`, of learners whom this server deleted; `lost`, of any others who are missing."""

    lost: tuple[Drill | Entry, ...] = ()
    deleted: tuple[Drill | Entry, ...] = ()
