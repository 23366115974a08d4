"""Ways to practise: values that say what is asked, how long one may think, and when it ends."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .facts import LARGEST_ANSWER, LINES, LONGER_LINES, Fact, facts_of
from .knowledge import Knowledge
from .placement import Placement
from .practice import Practice
from .selection import CHECK_QUESTIONS, Adaptive, Order, check, recitation
from .speaker import Speaker

MINUTE_MS = 60_000
SESSION_MINUTES = (2, 5, 10)


@dataclass(frozen=True, slots=True)
class Mode:
    """answer_ms: time to begin an answer, then the question is over; None: as long as thinking and help take.

    shows_clock: whether the page may show that time; time pressure worries many children, so only by choice.
    gap_ms: quiet time before each further question. feedback: whether right and wrong are told at once, or only the
    score at the end. questions, session_ms: when to end; None: not by number, not by time. A session runs over by one
    question at most. tables: what is asked whatever was chosen, with so many lines each; no answer above `largest`.
    """

    name: str
    order: Callable[[Sequence[Fact], random.Random], Order] = Adaptive
    answer_ms: int | None = None
    shows_clock: bool = False
    gap_ms: int = 0
    feedback: bool = True
    questions: int | None = None
    session_ms: int | None = None
    tables: tuple[int, ...] | None = None
    lines: int = LINES
    largest: int = LARGEST_ANSWER

    def lasting(self, questions: int | None, minutes: int | None) -> "Mode":
        """This mode with the learner's wishes for its end, where it has no end of its own."""
        if self.questions or self.session_ms:
            return self
        return replace(self, questions=questions, session_ms=minutes * MINUTE_MS if minutes else None)

    def within(self, lines: int, largest: int) -> "Mode":
        """This mode with tables of so many lines, unless it has its own; of answers up to `largest`."""
        return replace(self, lines=self.lines if self.tables else lines, largest=largest)

    def facts(self, tables: Iterable[int]) -> tuple[Fact, ...]:
        """What may be asked. Raises ValueError for tables not taught."""
        return facts_of(self.tables or tables, self.lines, self.largest)

    def practice(
        self,
        tables: Iterable[int],
        known: Knowledge = Knowledge(),
        seed: int | None = None,
        epoch_ms: float = 0.0,
        speaker: Speaker = Speaker(),
    ) -> Practice:
        """A session of this mode for a learner of whom this is known. Raises what `facts` does, and TooFewFacts."""
        facts = self.facts(tables)
        return Practice(lambda: self.order(facts, random.Random(seed)), known, epoch_ms, speaker)


CALM = Mode("calm")
# XtraMath's 12, 6 and 3 s.
TIMED = tuple(Mode(f"timed-{seconds}", answer_ms=seconds * 1000, shows_clock=True) for seconds in (12, 6, 3))
# The UK's Multiplication Tables Check: 25 questions, 6 s each, 3 s between them, no word on right or wrong.
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
# Nobody is hurried, but who says nothing for so long does not know; and no answer is taught, since the next could
# profit.
PLACEMENT = Mode(
    "placement", Placement, answer_ms=12_000, feedback=False, session_ms=5 * MINUTE_MS, tables=tuple(range(1, 11))
)

MODES = {mode.name: mode for mode in (CALM, *TIMED, CHECK, RECITATION, PLACEMENT)}
