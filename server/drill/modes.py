"""Ways to practise: values that say what is asked, how long a child may think, and when the session ends."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .facts import LARGEST_ANSWER, LINES, LONGER_LINES, Fact, facts_of
from .knowledge import Knowledge
from .placement import Placement
from .practice import Practice
from .selection import CHECK_QUESTIONS, Adaptive, Order, TooFewFacts, check, recitation
from .speaker import Speaker

CHANT = "chant"
"""The name of the recitation of a whole table in one go, which `server.chant` follows. It asks no questions."""
MINUTE_MS = 60_000
SESSION_MINUTES = (2, 5, 10)


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to practise. A session runs over its end by one question at most."""

    name: str
    order: Callable[[Sequence[Fact], random.Random], Order] = Adaptive
    """Makes the order of the questions."""
    answer_ms: int | None = None
    """Time to begin an answer, then the question is over; None: as long as thinking and help take."""
    shows_clock: bool = False
    """The page may show that time. Time pressure worries many children, so it is a choice."""
    gap_ms: int = 0
    """Pause before each further question."""
    feedback: bool = True
    """Right and wrong are told at once; otherwise only the score at the end."""
    questions: int | None = None
    """The session ends after this many questions; None: not by number."""
    session_ms: int | None = None
    """The session ends after this time; None: not by time."""
    tables: tuple[int, ...] | None = None
    """These tables are asked, whatever was chosen; None: the chosen ones."""
    lines: int = LINES
    """Lines of each table."""
    only_lines: frozenset[int] | None = None
    """Those of them that are asked; None: all."""
    largest: int = LARGEST_ANSWER
    """No answer is larger."""

    def lasting(self, questions: int | None, minutes: int | None) -> "Mode":
        """Return this mode with the learner's wishes for its end, unless it has an end of its own."""
        if self.questions or self.session_ms:
            return self
        return replace(self, questions=questions, session_ms=minutes * MINUTE_MS if minutes else None)

    def within(self, lines: int, largest: int, only_lines: Iterable[int] | None = None) -> "Mode":
        """Return this mode with tables of this many lines, or only some of those, unless it has its own tables.

        No answer is above `largest`.
        """
        if self.tables:
            return replace(self, largest=largest)
        only = None if only_lines is None else frozenset(only_lines)
        return replace(self, lines=lines, only_lines=only, largest=largest)

    def facts(self, tables: Iterable[int]) -> tuple[Fact, ...]:
        """Return what may be asked. Raises ValueError for tables that are not taught."""
        facts = facts_of(self.tables or tables, self.lines, self.largest)
        return tuple(fact for fact in facts if self.only_lines is None or fact.right in self.only_lines)

    def practice(
        self,
        tables: Iterable[int],
        known: Knowledge = Knowledge(),
        seed: int | None = None,
        epoch_ms: float = 0.0,
        speaker: Speaker = Speaker(),
    ) -> Practice:
        """Start a session of this mode for a learner with this knowledge. Raises as `facts` does, and TooFewFacts."""
        facts = self.facts(tables)
        if not facts:
            raise TooFewFacts("nothing is left to ask")
        return Practice(lambda: self.order(facts, random.Random(seed)), known, epoch_ms, speaker)


CALM = Mode("calm")
# The limits of XtraMath: 12, 6 and 3 s.
TIMED = tuple(Mode(f"timed-{seconds}", answer_ms=seconds * 1000, shows_clock=True) for seconds in (12, 6, 3))
# The UK's Multiplication Tables Check: 25 questions, 6 s each, 3 s between them, no feedback.
CHECK = Mode(
    "check",
    check,
    answer_ms=6000,
    shows_clock=True,
    gap_ms=3000,
    feedback=False,
    questions=CHECK_QUESTIONS,
    tables=tuple(range(2, 13)),
    lines=LONGER_LINES,
)
RECITATION = Mode("recitation", recitation)
# No hurry, but a long silence means that the child does not know. No answer is taught: the next question could profit.
PLACEMENT = Mode(
    "placement", Placement, answer_ms=12_000, feedback=False, session_ms=5 * MINUTE_MS, tables=tuple(range(1, 11))
)

MODES = {mode.name: mode for mode in (CALM, *TIMED, CHECK, RECITATION, PLACEMENT)}
