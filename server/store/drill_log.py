"""Where one drill's answers go, and where it stands."""

from collections.abc import Callable

from ..drill.attempt import Attempt
from .records import Drill, Entry, Unfinished, Written
from .writer import Writer


class TakenOver(Exception):
    """Another process goes on with the drill: what was to be kept here is not."""


class DrillLog:
    """Hands what belongs to a drill to the writer: where it stands and, of a learner, the answers; the drill itself
    goes before the first of them.

    `standing()` says where the drill stands, None once it is over; it is kept under `key`. `ended()` hears that it is.
    `epoch`: see Unfinished.
    """

    def __init__(
        self,
        writer: Writer,
        drill: Drill,
        key: str,
        standing: Callable[[], str | None],
        ended: Callable[[], object] = lambda: None,
        epoch: int = 0,
    ) -> None:
        self._writer = writer
        self._drill = drill
        self._key = key
        self._standing = standing
        self._ended = ended
        self._epoch = epoch
        self._begun = False

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None:
        """A step was made, by an answer to `turn` or otherwise.

        Returns when that is committed; or, while the database is in trouble, at once with the code of that. A drill
        whose row, or whose learner, is gone has such a code too. Raises TakenOver.
        """
        standing = self._standing()
        records: list[Written] = [Unfinished(self._key, self._drill.learner, standing, at_ms, self._epoch)]
        if attempt is not None and self._drill.learner is not None:
            records.append(Entry(self._drill.id, turn, attempt, self._key, self._epoch))
            if not self._begun:
                records.insert(0, self._drill)
        kept = self._writer.keep(records, now_ms)
        if self._writer.is_taken_over(self._key):
            raise TakenOver
        if standing is None:
            self._ended()
        self._begun = (self._begun or (kept and attempt is not None)) and not self._writer.is_gone(self._drill.id)
        return self._writer.trouble_of(self._drill.id)
