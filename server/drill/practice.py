"""One learner's practice: asks in an order and remembers the answers."""

from collections.abc import Callable

from .attempt import Attempt
from .facts import Fact
from .judging import Verdict
from .knowledge import Knowledge, Status, settled
from .placement import Placement
from .selection import Order
from .speaker import Speaker

WEEK_MS = 7 * 86_400_000
# A fact became stronger if its chance of recall in a week rose by this much.
STRONGER_BY = 0.05


class Practice:
    """Chooses the questions of one session by what the learner knows, and keeps that up to date.

    `make_order` makes the order of the questions. `known` and `speaker` are what earlier attempts say of the learner;
    empty for a guest. `epoch_ms` turns the `now_ms` of the calls into milliseconds since 1970, UTC, the clock of the
    attempts.
    """

    def __init__(
        self,
        make_order: Callable[[], Order],
        known: Knowledge = Knowledge(),
        epoch_ms: float = 0.0,
        speaker: Speaker = Speaker(),
    ) -> None:
        self.knowledge = self._before = known
        self.speaker = self._speaker_before = speaker
        self._make_order = make_order
        self._order = make_order()
        self.epoch_ms = epoch_ms
        self._attempts: list[Attempt] = []

    def anew(self) -> "Practice":
        """Return this session as it was at its beginning."""
        return Practice(self._make_order, self._before, self.epoch_ms, self._speaker_before)

    def next(self, now_ms: float) -> Fact | None:
        """Return the next question; None if nothing is left to ask."""
        return self._order.choose(self.knowledge, round(self.epoch_ms + now_ms))

    def judged(
        self,
        fact: Fact,
        verdict: Verdict,
        response_ms: int | None,
        now_ms: float,
        appeal: bool = False,
        confidence: float = 1.0,
    ) -> None:
        """Record an answer. With `appeal`, the latest wrong answer to `fact` had been right."""
        attempt = Attempt(fact, verdict, None, confidence, response_ms, round(self.epoch_ms + now_ms), appeal)
        self._attempts.append(attempt)
        self.speaker = self.speaker.after([attempt])
        if appeal:
            self.knowledge = self._before.after(self._attempts)
            self._order.forgive(fact)
        elif verdict in (Verdict.CORRECT, Verdict.WRONG):
            self.knowledge = self.knowledge.after([attempt])
            self._order.judged(fact, verdict is Verdict.CORRECT, response_ms)

    def missed(self, fact: Fact) -> None:
        """The answer to `fact` was told, after silence or a skip."""
        self._order.missed(fact)

    def rest(self, fact: Fact) -> None:
        """No answer to `fact` was understood."""
        self._order.rest(fact)

    def placed(self) -> dict[Fact, Status]:
        """Return what a placement has found so far; empty in other sessions."""
        return self._order.placed() if isinstance(self._order, Placement) else {}

    def stronger(self, now_ms: float) -> tuple[Fact, ...]:
        """Return the facts that this session made stronger, in order: of higher status, or likelier recalled in a week.

        A fact that was known at first sight is not among them: nothing was learnt.
        """
        at_ms = self.epoch_ms + now_ms
        first = {attempt.fact: attempt for attempt in reversed(settled(self._attempts))}
        before = self._before.after(each for each in first.values() if each.fact not in self._before.memories)

        def gained(fact: Fact) -> bool:
            risen = self.knowledge.status(fact, at_ms).rank > before.status(fact, at_ms).rank
            gain = self.knowledge.recall(fact, at_ms + WEEK_MS) - before.recall(fact, at_ms + WEEK_MS)
            return self.knowledge.memories[fact].latest_right and (risen or gain >= STRONGER_BY)

        return tuple(sorted(fact for fact in first if fact in self.knowledge.memories and gained(fact)))
