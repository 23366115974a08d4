"""What an adult looks after in the store: stray recordings, wrong dates, and for how long answers are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .clock_steps import ClockSteps, Suspect, suspects
from .recorder import Strays, delete_strays, strays
from .retention import SETTING, reduced_until_ms
from .store import Store


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Every method blocks. `dates_changed` hears that what is known of all learners is to be derived anew."""

    store: Store
    data_dir: Path
    clock: ClockSteps
    dates_changed: Callable[[], object]

    def strays(self) -> Sequence[Strays]:
        return strays(self.store, self.data_dir)

    def delete_strays(self) -> int:
        return delete_strays(self.store, self.data_dir)

    def suspects(self, now_ms: int) -> Sequence[Suspect]:
        """Times at which the clock may have been wrong."""
        return suspects(self.clock.open(), now_ms)

    def settle_clock(self) -> None:
        self.clock.settle()

    def repair_dates(self, from_ms: int, until_ms: int, by_ms: int) -> int:
        """See ClockSteps.repair. Raises StoreError bad_dates."""
        repaired = self.clock.repair(from_ms, until_ms, by_ms)
        self.dates_changed()
        return repaired

    def months_kept(self) -> int | None:
        """How long answers are kept; None: for good."""
        months = self.store.setting(SETTING)
        return int(months) if months else None

    def keep_for(self, months: int | None) -> None:
        self.store.set_setting(SETTING, None if months is None else str(months))

    def reduced_until_ms(self) -> int | None:
        """Up to when answers of some child are gone; None where all are there."""
        return reduced_until_ms(self.store.engine)
