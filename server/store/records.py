"""What the store takes and gives: small frozen records. Times in milliseconds since 1970, UTC."""

import secrets
from dataclasses import dataclass

from ..drill.attempt import Attempt


def new_id() -> int:
    """A number that nobody else has, on no machine. Fifteen digits: what spreadsheets and JavaScript keep exactly."""
    return 10**14 + secrets.randbelow(9 * 10**14)


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who practises. `picture` is the short name of one; `consent_at_ms`: since when samples may be kept."""

    id: int
    nickname: str
    picture: str
    class_name: str | None
    language: str
    created_at_ms: int
    consent_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Drill:
    """One session of practice. `learner` is None for a guest, whose answers are not kept."""

    id: int
    learner: int | None
    language: str
    engine: str
    mode: str
    tables: tuple[int, ...]
    started_at_ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt and its place: a turn of a drill is answered once and, if it was misheard, appealed against once.

    key, epoch: see Unfinished.
    """

    drill: int
    turn: int
    attempt: Attempt
    key: str = ""
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Where a drill stands, under a key that only its learner's page can name; `content` is None once it is over.

    `learner` is None for a guest, of whom nothing but this is kept, and this not for long. `epoch`: whoever goes on
    with a drill raises it, and what has an older epoch is not written: a drill belongs to one process at a time.
    """

    key: str
    learner: int | None
    content: str | None
    saved_at_ms: int
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording that a learner allowed to be kept: who says which number; `path` is below the data folder."""

    path: str
    learner: int
    number: int
    at_ms: int


# What is written while somebody practises.
Written = Drill | Entry | Unfinished


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What was not written: `deleted`, of learners whom this server deleted; `lost`, of any others who are missing.

    `taken_over`: keys of drills that another process goes on with.
    """

    lost: tuple[Drill | Entry, ...] = ()
    deleted: tuple[Drill | Entry, ...] = ()
    taken_over: frozenset[str] = frozenset()
