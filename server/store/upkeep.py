"""The store's upkeep by an adult: stray recordings, wrong dates, and how long answers are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .clock_steps import ClockSteps, Suspect, suspects
from .recorder import Strays, delete_strays, strays
from .retention import SETTING, reduced_until_ms
from .store import Store


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The upkeep of one store. Every method blocks."""

    store: Store
    data_dir: Path
    clock: ClockSteps
    dates_changed: Callable[[], object]
    """Called when the knowledge of all learners must be derived anew."""

    def strays(self) -> Sequence[Strays]:
        return strays(self.store, self.data_dir)

    def delete_strays(self) -> int:
        return delete_strays(self.store, self.data_dir)

    def suspects(self, now_ms: int) -> Sequence[Suspect]:
        """Return the spans in which the clock may have been wrong."""
        return suspects(self.clock.open(), now_ms)

    def settle_clock(self) -> None:
        self.clock.settle()

    def repair_dates(self, from_ms: int, until_ms: int, by_ms: int) -> int:
        """Apply `ClockSteps.repair`. Raises StoreError bad_dates."""
        repaired = self.clock.repair(from_ms, until_ms, by_ms)
        self.dates_changed()
        return repaired

    def months_kept(self) -> int | None:
        """Return how long answers are kept; None: for ever."""
        months = self.store.setting(SETTING)
        return int(months) if months else None

    def keep_for(self, months: int | None) -> None:
        self.store.set_setting(SETTING, None if months is None else str(months))

    def reduced_until_ms(self) -> int | None:
        """Return the time up to which a learner's answers were deleted; None if all are there."""
        return reduced_until_ms(self.store.engine)
