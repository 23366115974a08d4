"""Daily backups of an SQLite database in a folder of their own, rotated and limited in size."""

import logging
import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine

from .backups import back_up
from .errors import StoreError

logger = logging.getLogger(__name__)

# A folder in the data folder.
FOLDER = "backups"
DAYS_KEPT, WEEKS_KEPT = 7, 4
# The limit of all backups together. The newest one stays, whatever its size.
LARGEST_BYTES = 4 * 1024**3
# Space that a backup leaves on the disk: answers matter more.
SPARE_BYTES = 256 * 1024**2
NAME = "paadas-%Y-%m-%d.sqlite3"


class DailyBackups:
    """Makes and rotates the backups. Every method reads or writes files: call it off the event loop, one at a time."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self.folder = folder
        self._trouble_told_on: date | None = None

    def last_at_ms(self) -> int | None:
        """Return the time of the newest backup, UTC; None without one."""
        newest = self._newest_first(date.today())[:1]
        return newest[0][1].stat().st_mtime_ns // 1_000_000 if newest else None

    def make_if_due(self, now: datetime | None = None) -> None:
        """Make today's backup if there is none. A failure is logged once a day, and tried again."""
        now = now or datetime.now()
        target = self.folder / now.strftime(NAME)
        if target.exists():
            return
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            for left in self.folder.glob(".*.partial*"):  # left by a killed server
                left.unlink()
            self._require_room()
            back_up(self._engine, target)
            self._rotate(now.date())
        except (OSError, StoreError) as error:
            if self._trouble_told_on != now.date():
                self._trouble_told_on = now.date()
                logger.error("there is no backup of today: %s", error)

    def _require_room(self) -> None:
        """Raise StoreError if the disk lacks room, or OSError."""
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
        """Return the backups, the newest first. A backup dated in the future counts as older than all others.

        A wrong clock made it, before the right one; that also holds if the clock is wrong now.
        """
        files = [(day, file) for file in self.folder.glob("*") if (day := _day_of(file))]
        return sorted(files, key=lambda made: (made[0] <= today, made[0]), reverse=True)


def kept_days(newest_first: Iterable[date]) -> set[date]:
    """Return the days whose backups stay: the newest ones, and the last of each of the newest weeks."""
    days = list(newest_first)
    newest_of_week: dict[tuple[int, int], date] = {}
    for day in days:
        newest_of_week.setdefault(day.isocalendar()[:2], day)
    return {*days[:DAYS_KEPT], *list(newest_of_week.values())[:WEEKS_KEPT]}


def _day_of(file: Path) -> date | None:
    """Return the day in a backup's name; None for any other file."""
    try:
        return datetime.strptime(file.name, NAME).date()
    except ValueError:
        return None
