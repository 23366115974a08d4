"""Which lines of the table were recited, and how."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from ..drill.facts import Fact
from ..understanding.chant import ChantedLine


class Mark(StrEnum):
    """How a line went. The values are names of the protocol."""

    OPEN = "open"
    """It has not been said."""
    RIGHT = "right"
    """It was said rightly."""
    MENDED = "mended"
    """It was said rightly after it had been wrong, skipped or helped."""
    HELPED = "helped"
    """The tablet said it."""
    WRONG = "wrong"
    """Another product was said."""
    SKIPPED = "skipped"
    """A later line was said in its place."""
    UNSURE = "unsure"
    """It was not understood; it does not count."""


BEGUN_WELL = frozenset({Mark.RIGHT, Mark.MENDED})
# A jump over more lines than these is believed only where the line behind it is said as well.
MOST_SKIPPED = 2
# Where so much else was heard, a line between may have been said and not understood: three sounds.
OTHER_MS = 120
# So long is the shortest line, a product alone; and so long a pause, where none is known.
SHORT_LINE_MS, USUAL_GAP_MS = 300, 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table, and how it went."""

    fact: Fact
    mark: Mark = Mark.OPEN
    took_ms: int | None = None
    """From the end of the line before it to its own, where both were said one after the other."""


@dataclass(frozen=True, slots=True)
class _Jump:
    """A line that was heard in place of the one that comes next."""

    at: int
    is_right: bool
    """Whether its product is right."""
    is_clear: bool
    """Whether nothing else was heard before it, nor was there time for it."""
    ended_at_ms: int


class Progress:
    """One recitation of a table."""

    def __init__(self, table: int, lines: Iterable[int], from_line: int = 1) -> None:
        self.lines = [Line(Fact(table, line)) for line in lines]
        self.expected = next((at for at, line in enumerate(self.lines) if line.fact.right >= from_line), 0)
        """The index of the line that comes next; that behind the last line at the end."""
        self._jump: _Jump | None = None
        self._is_doubtful = self._has_heard = False
        self._gaps_ms: tuple[int, ...] = ()
        self._ended_at_ms: int | None = None

    def copy(self) -> "Progress":
        """The same, to go on with for a trial."""
        other = copy(self)
        other.lines = list(self.lines)
        return other

    @property
    def table(self) -> int:
        return self.lines[0].fact.left

    @property
    def is_over(self) -> bool:
        return self.expected >= len(self.lines)

    @property
    def next_fact(self) -> Fact:
        """The fact that comes next; at the end the last one."""
        return self.lines[min(self.expected, len(self.lines) - 1)].fact

    def marked(self, *marks: Mark) -> list[Line]:
        return [line for line in self.lines if line.mark in marks]

    @property
    def recited(self) -> tuple[Line, ...]:
        """The lines that something has come of."""
        return tuple(line for line in self.lines if line.mark is not Mark.OPEN)

    @property
    def correct(self) -> int:
        """How many lines were said rightly, without help."""
        return len(self.marked(Mark.RIGHT))

    @property
    def total(self) -> int:
        """How many lines count so far."""
        return len(self.marked(Mark.RIGHT, Mark.MENDED, Mark.HELPED, Mark.WRONG, Mark.SKIPPED))

    def said(self, said: ChantedLine, stream_ms: int = 0) -> Sequence[Fact]:
        """A line was said, its utterance beginning there in the stream. Returns the facts to be put right."""
        ended_at_ms, gap_ms = stream_ms + said.end_ms, self._gap_ms(stream_ms + said.begin_ms)
        if said.is_right is None and (not said.is_whole or said.other_ms >= OTHER_MS):
            # Talk about other things.
            self._is_doubtful = True
            return ()
        at = said.line - 1
        jump, self._jump = self._jump, None
        leaves_out = any(line.mark is Mark.OPEN for line in self.lines[self.expected : at])
        if leaves_out and (jump is None or at != jump.at + 1):
            # It may be a part of the next line that sounds like another: what follows will tell.
            is_clear = said.other_ms < OTHER_MS and self._is_usual(gap_ms)
            self._jump = _Jump(at, said.is_right is True, is_clear, ended_at_ms)
            self._is_doubtful |= said.is_right is not True
            return ()
        wrong: list[Fact] = []
        if jump is not None and at == jump.at + 1:
            wrong += self._jumped(jump)
        elif jump is not None and jump.is_right and jump.is_clear and at == self.expected:
            # Two lines in the wrong order.
            self._mark(jump.at, Mark.MENDED)
        if at < self.expected and said.is_right is not True:
            self._is_doubtful = True
        mark = self._mark_of(said.is_right, self.lines[at].mark)
        took_ms = ended_at_ms - self._ended_at_ms if self._ended_at_ms is not None and at == self.expected else None
        self._mark(at, mark, took_ms)
        if at >= self.expected:
            self._gaps_ms += () if gap_ms is None else (gap_ms,)
            self._pass(at, ended_at_ms)
        return [*wrong, *([self.lines[at].fact] if mark is Mark.WRONG else ())]

    def _gap_ms(self, began_at_ms: int) -> int | None:
        """How long nothing was understood before a line; None where something else was going on."""
        return None if self._ended_at_ms is None else began_at_ms - self._ended_at_ms

    def _is_usual(self, gap_ms: int | None) -> bool:
        """Whether there was no time for a line between, by the pauses of this child."""
        usual_ms = median(self._gaps_ms) if self._gaps_ms else USUAL_GAP_MS
        return gap_ms is not None and gap_ms <= 1.5 * max(0.0, usual_ms) + SHORT_LINE_MS

    def paused(self) -> Sequence[Fact]:
        """The child has stopped: the line said last was no part of the next. Returns the facts to be put right."""
        jump, self._jump = self._jump, None
        if jump is None or not jump.is_right or jump.at - self.expected > MOST_SKIPPED:
            return ()
        return self._jumped(jump)

    def _jumped(self, jump: "_Jump") -> list[Fact]:
        """Lines were left out. Where something else was heard, they may have been said and not understood."""
        is_clear = jump.is_right and jump.is_clear and not self._is_doubtful and self._has_heard
        skipped = []
        for between in range(self.expected, jump.at):
            if self.lines[between].mark is Mark.OPEN:
                self._mark(between, Mark.SKIPPED if is_clear else Mark.UNSURE)
                skipped += [self.lines[between].fact] if is_clear else []
        self._mark(jump.at, self._mark_of(True if jump.is_right else None, self.lines[jump.at].mark))
        self._pass(jump.at, jump.ended_at_ms)
        return skipped

    def _pass(self, at: int, ended_at_ms: int) -> None:
        """The lines to this one have been said."""
        self.expected, self._ended_at_ms = at + 1, ended_at_ms
        self._is_doubtful, self._has_heard = False, True

    def told(self) -> None:
        """The tablet said the line that comes next."""
        if not self.is_over and self.lines[self.expected].mark in (Mark.OPEN, Mark.UNSURE):
            self._mark(self.expected, Mark.HELPED)
        self._ended_at_ms = None

    def go_on(self) -> None:
        """The line that comes next needs not be said any more."""
        self.expected = min(self.expected + 1, len(self.lines))
        self._ended_at_ms = None

    def interrupted(self) -> None:
        """How long the next line takes says nothing."""
        self._ended_at_ms = None

    @staticmethod
    def _mark_of(is_right: bool | None, before: Mark) -> Mark:
        if is_right is None:
            return Mark.UNSURE if before is Mark.OPEN else before
        if not is_right:
            # Said again after it was right, it may be a misheard echo: rightly once is rightly.
            return before if before in BEGUN_WELL else Mark.WRONG
        return before if before in BEGUN_WELL else Mark.RIGHT if before in (Mark.OPEN, Mark.UNSURE) else Mark.MENDED

    def _mark(self, at: int, mark: Mark, took_ms: int | None = None) -> None:
        self.lines[at] = Line(self.lines[at].fact, mark, took_ms if took_ms is not None else self.lines[at].took_ms)
