"""Where one drill's answers go, and where it stands."""

from collections.abc import Callable

from ..drill.attempt import Attempt
from .records import Drill, Entry, Unfinished, Written
from .writer import Writer


class DrillLog:
    """Hands what belongs to a drill to the writer: where it stands and, of a learner, the answers; the drill itself
    goes before the first of them.

    `standing()` says where the drill stands, None once it is over; it is kept under `key`. `ended()` hears that it is.
    """

    def __init__(
        self, writer: Writer, drill: Drill, key: str, standing: Callable[[], str | None],
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        self._writer = writer
        self._drill = drill
        self._key = key
        self._standing = standing
        self._ended = ended
        self._begun = False

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None:
        """A step was made, by an answer to `turn` or otherwise.

        Returns when that is committed; or, while the database is in trouble, at once with the code of that.
        """
        records: list[Written] = []
        if attempt is not None and self._drill.learner is not None:
            records = [Entry(self._drill.id, turn, attempt)] if self._begun else [
                self._drill, Entry(self._drill.id, turn, attempt)
            ]
        over = False
        if self._writer.health.code is None:
            # In trouble only what cannot be said again waits: the next step says anew where the drill stands.
            standing = self._standing()
            over = standing is None
            records.append(Unfinished(self._key, self._drill.learner, standing, at_ms))
        kept = self._writer.keep(records, now_ms)
        if over:
            self._ended()
        self._begun = self._begun or (kept and attempt is not None)
        return self._writer.health.code
