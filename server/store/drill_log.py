"""Pass one drill's answers and its state to the writer."""

from collections.abc import Callable

from ..drill.attempt import Attempt
from .records import Drill, Entry, Unfinished, Written
from .writer import Writer


class DrillLog:
    """The log of one drill: its state and, for a learner, the answers. The drill's row is written before the first
    answer.

    `standing()` returns the drill's state, None once it is over; it is stored under `key`. `ended()` is called at the
    end.
    """

    def __init__(
        self,
        writer: Writer,
        drill: Drill,
        key: str,
        standing: Callable[[], str | None],
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        self._writer = writer
        self._drill = drill
        self._key = key
        self._standing = standing
        self._ended = ended
        self._begun = False

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None:
        """Store a step, made by an answer to `turn` or otherwise.

        Returns None once that is committed. While the database is in trouble it returns the trouble's code at once. A
        drill whose row or learner was deleted has such a code too.
        """
        standing = self._standing()
        records: list[Written] = [Unfinished(self._key, self._drill.learner, standing, at_ms)]
        if attempt is not None and self._drill.learner is not None:
            records.append(Entry(self._drill.id, turn, attempt))
            if not self._begun:
                records.insert(0, self._drill)
        kept = self._writer.keep(records, now_ms)
        if standing is None:
            self._ended()
        self._begun = (self._begun or (kept and attempt is not None)) and not self._writer.is_gone(self._drill.id)
        return self._writer.trouble_of(self._drill.id)
