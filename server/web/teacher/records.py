"""What the teacher's pages need of a store. The store itself stays out of sight: create_app hands it over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ...drill.attempt import Attempt
from ...drill.knowledge import Knowledge

# The teacher's setting: may children add themselves on the drill page?
MAY_JOIN = "learners.may_join"


class Learner(Protocol):
    """Somebody who practises; `consent_at_ms`: since when their voice may be kept, None: it may not."""

    @property
    def id(self) -> int: ...
    @property
    def nickname(self) -> str: ...
    @property
    def picture(self) -> str: ...
    @property
    def class_name(self) -> str | None: ...
    @property
    def language(self) -> str: ...
    @property
    def created_at_ms(self) -> int: ...
    @property
    def consent_at_ms(self) -> int | None: ...


class Sample(Protocol):
    """A recording: who says which number, in the file `path` of the data folder."""

    @property
    def path(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def at_ms(self) -> int: ...


class Counts(Protocol):
    """What came of a learner's answers; rates from 0 to 1, None where there was nothing to count."""

    @property
    def correct(self) -> int: ...
    @property
    def answered(self) -> int: ...
    @property
    def misheard_rate(self) -> float | None: ...
    @property
    def last_at_ms(self) -> int: ...


class Baseline(Protocol):
    """What is known from answers up to a moment."""

    @property
    def knowledge(self) -> Knowledge: ...
    @property
    def until_ms(self) -> int: ...


class Standing(Protocol):
    """A line of a class list; `counts` is None for somebody who has not practised yet."""

    @property
    def learner(self) -> Learner: ...
    @property
    def counts(self) -> Counts | None: ...


class Backups(Protocol):
    """`last_at_ms`: when the newest one was made, None where there is none. It blocks."""

    @property
    def folder(self) -> Path: ...
    def last_at_ms(self) -> int | None: ...


class Strays(Protocol):
    """Recordings of a child who is not here."""

    @property
    def learner(self) -> int: ...
    @property
    def files(self) -> Sequence[Path]: ...
    @property
    def newest_at_ms(self) -> int: ...


class ClockStep(Protocol):
    @property
    def before_ms(self) -> int: ...
    @property
    def after_ms(self) -> int: ...


class Suspect(Protocol):
    """Dates from one moment to another may be wrong by `by_ms`, since the clock made these steps."""

    @property
    def steps(self) -> Sequence[ClockStep]: ...
    @property
    def from_ms(self) -> int: ...
    @property
    def until_ms(self) -> int: ...
    @property
    def by_ms(self) -> int: ...


class Upkeep(Protocol):
    """What the teacher looks after in the store. Every method blocks."""

    def strays(self) -> Sequence[Strays]: ...

    def delete_strays(self) -> int:
        """Returns how many recordings are gone."""

    def suspects(self, now_ms: int) -> Sequence[Suspect]: ...

    def settle_clock(self) -> None:
        """All dates are right."""

    def repair_dates(self, from_ms: int, until_ms: int, by_ms: int) -> int:
        """The clock was ahead by so much. Returns how many answers are dated anew; raises an error `bad_dates`."""

    def months_kept(self) -> int | None:
        """How long answers are kept; None: for good."""

    def keep_for(self, months: int | None) -> None: ...

    def reduced_until_ms(self) -> int | None:
        """Up to when answers of some child are gone; None where all are there."""


class Records(Protocol):
    """Every method blocks. They raise the store's own error, which has a `code`, for what is not there."""

    def classes(self) -> Sequence[str]: ...
    def add_class(self, name: str) -> None: ...
    def rename_class(self, name: str, new_name: str) -> None: ...
    def delete_class(self, name: str) -> None: ...
    def learners(self) -> Sequence[Learner]: ...
    def learner(self, learner: int) -> Learner: ...

    def add_learner(
        self, nickname: str, picture: str, language: str, created_at_ms: int, class_name: str | None = None
    ) -> Learner: ...

    def change_learner(self, learner: Any) -> None:
        """`learner`: one that came from here, with changes."""

    def delete_learner(self, learner: int) -> None: ...

    def attempts_of(self, learner: int) -> Sequence[Attempt]: ...

    def baseline(self, learner: int) -> Baseline:
        """What is known from answers that are not kept any more."""

    def set_consent(self, learner: int, consent_at_ms: int | None) -> Sequence[str]:
        """Returns the files of the samples that go with the consent, to be unlinked."""

    def delete_samples(self, learner: int, paths: Sequence[str]) -> Sequence[str]:
        """Returns the files that are to be unlinked: those of the paths that are this learner's."""

    def samples(self, learner: int) -> Sequence[Sample]: ...
    def setting(self, name: str) -> str | None: ...
    def set_setting(self, name: str, value: str | None) -> None: ...
