"""Stores one drill: its answers and the state that it can be resumed from."""

from collections.abc import Callable, Sequence

from ..drill.attempt import Attempt
from .records import Drill, Entry, Unfinished, Written
from .writer import Writer


class TakenOver(Exception):
    """The drill belongs to another process, so nothing was stored."""


class DrillLog:
    """Hands the records of a drill to the writer: its state and, of a learner, the answers and the drill's own row.

    `state()` returns the drill's state, None after its end. It is stored under `key`. `ended()` is called at the end.
    `epoch`: see Unfinished.
    """

    def __init__(
        self,
        writer: Writer,
        drill: Drill,
        key: str,
        state: Callable[[], str | None],
        ended: Callable[[], object] = lambda: None,
        epoch: int = 0,
    ) -> None:
        self._writer = writer
        self._drill = drill
        self._key = key
        self._state = state
        self._ended = ended
        self._epoch = epoch
        self._begun = False

    def keep_lines(self, attempts: Sequence[Attempt], now_ms: float) -> str | None:
        """Store the lines of a recitation, each at the turn of its number. Returns what `keep` does."""
        if self._drill.learner is not None and attempts:
            entries = [Entry(self._drill.id, attempt.fact.right, attempt) for attempt in attempts]
            self._writer.keep([self._drill, *entries], now_ms)
        self._ended()
        return self._writer.trouble_of(self._drill.id)

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None:
        """Store the state, and the answer to `turn` if there is one.

        Returns None once they are committed. While the database is in trouble, it returns that error's code at once;
        so it does if the row of the drill or of its learner is gone. Raises TakenOver.
        """
        state = self._state()
        records: list[Written] = [Unfinished(self._key, self._drill.learner, state, at_ms, self._epoch)]
        if attempt is not None and self._drill.learner is not None:
            records.append(Entry(self._drill.id, turn, attempt, self._key, self._epoch))
            if not self._begun:
                records.insert(0, self._drill)
        kept = self._writer.keep(records, now_ms)
        if self._writer.is_taken_over(self._key, self._epoch):
            raise TakenOver
        if state is None:
            self._ended()
        self._begun = (self._begun or (kept and attempt is not None)) and not self._writer.is_gone(self._drill.id)
        return self._writer.trouble_of(self._drill.id)
