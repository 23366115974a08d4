"""The daily backups of an SQLite database: one a day in a folder of their own, rotated and bounded."""

import logging
import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine

from .backups import back_up
from .errors import StoreError

logger = logging.getLogger(__name__)

# In the data folder.
FOLDER = "backups"
DAYS_KEPT, WEEKS_KEPT = 7, 4
# All together; the newest one stays however large it is.
LARGEST_BYTES = 4 * 1024**3
# What a backup leaves free on the disk: answers matter more.
SPARE_BYTES = 256 * 1024**2
NAME = "paadas-%Y-%m-%d.sqlite3"


class DailyBackups:
    """Every method reads or writes files: call it off the event loop, one at a time."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self.folder = folder
        self._trouble_told_on: date | None = None

    def last_at_ms(self) -> int | None:
        """When the newest backup was made, UTC; None where there is none."""
        newest = self._newest_first(date.today())[:1]
        return newest[0][1].stat().st_mtime_ns // 1_000_000 if newest else None

    def make_if_due(self, now: datetime | None = None) -> None:
        """Make the backup of the day if there is none yet. Trouble is logged once a day, and tried again."""
        now = now or datetime.now()
        target = self.folder / now.strftime(NAME)
        if target.exists():
            return
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            for left in self.folder.glob(".*.partial*"):  # by a server that was killed
                left.unlink()
            self._require_room()
            back_up(self._engine, target)
            self._rotate(now.date())
        except (OSError, StoreError) as error:
            if self._trouble_told_on != now.date():
                self._trouble_told_on = now.date()
                logger.error("there is no backup of today: %s", error)

    def _require_room(self) -> None:
        """Raises StoreError and OSError."""
        needed = Path(self._engine.url.database or "").stat().st_size + SPARE_BYTES
        if shutil.disk_usage(self.folder).free < needed:
            raise StoreError("store_full", f"the disk has less than {needed // 1024**2} MB left")

    def _rotate(self, today: date) -> None:
        files = self._newest_first(today)
        kept = kept_days(day for day, _ in files)
        total = 0
        for place, (day, file) in enumerate(files):
            size = file.stat().st_size
            if place and (day not in kept or total + size > LARGEST_BYTES):
                file.unlink()
            else:
                total += size

    def _newest_first(self, today: date) -> list[tuple[date, Path]]:
        """A date to come is of a clock that was wrong: such a backup is older than all that are made by the right one.

        So it is where the clock is wrong now, too: what looks to come was made before.
        """
        files = [(day, file) for file in self.folder.glob("*") if (day := _day_of(file))]
        return sorted(files, key=lambda made: (made[0] <= today, made[0]), reverse=True)


def kept_days(newest_first: Iterable[date]) -> set[date]:
    """The days whose backups stay: the newest ones, and the newest of each of the newest weeks."""
    days = list(newest_first)
    newest_of_week: dict[tuple[int, int], date] = {}
    for day in days:
        newest_of_week.setdefault(day.isocalendar()[:2], day)
    return {*days[:DAYS_KEPT], *list(newest_of_week.values())[:WEEKS_KEPT]}


def _day_of(file: Path) -> date | None:
    """None for a file that is none of ours."""
    try:
        return datetime.strptime(file.name, NAME).date()
    except ValueError:
        return None
