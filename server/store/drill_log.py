"""Where one drill's answers go."""

from ..drill.attempt import Attempt
from .records import Drill, Entry
from .writer import Writer


class DrillLog:
    """Hands the attempts of a learner's drill to the writer; the drill itself goes before the first of them."""

    def __init__(self, writer: Writer, drill: Drill) -> None:
        self._writer = writer
        self._drill = drill
        self._begun = False

    def keep(self, turn: int, attempt: Attempt, now_ms: float) -> str | None:
        """Returns when the answer is committed; or, while the database is in trouble, at once with the code of that."""
        if not self._begun:
            self._begun = self._writer.keep(self._drill, now_ms)
        self._writer.keep(Entry(self._drill.id, turn, attempt), now_ms)
        return self._writer.health.code
