"""The course of one session, question by question, and the steps that led there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from .facts import Fact
from .judging import Verdict
from .modes import Mode
from .practice import Practice
from .resting import Resting
from .selection import TooFewFacts

MOST_STEPS = 2000
"""A thousand questions. A longer drill cannot be resumed after a restart."""


class StepKind(StrEnum):
    """What a step did. The names are stored in the database."""

    ASKED = "asked"
    BEGUN = "begun"
    JUDGED = "judged"
    MISSED = "missed"
    RESTED = "rested"
    CAME_BACK = "came_back"
    APPEALED = "appealed"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that changed where a drill stands. Unfinished drills are stored with these names."""

    did: StepKind
    at_ms: int
    """UTC, since 1970."""
    fact: Fact | None = None
    """The question from now on, of a step that asks."""
    turn: int = 0
    """The turn that was judged, as the next three."""
    verdict: Verdict | None = None
    """What became of that answer."""
    response_ms: int | None = None
    """From the end of the question to the onset of that answer."""
    confidence: float = 1.0
    """Of that answer, if it was right."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """The last answer, if it was judged wrong. An appeal is about it."""

    turn: int
    fact: Fact
    response_ms: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of right and wrong answers to one fact."""

    correct: int = 0
    wrong: int = 0


@dataclass
class Score:
    """Counts judged answers. Asking again, skipping and silence do not count."""

    tallies: dict[Fact, Tally] = field(default_factory=dict)

    @property
    def correct(self) -> int:
        return sum(tally.correct for tally in self.tallies.values())

    @property
    def total(self) -> int:
        return self.correct + sum(tally.wrong for tally in self.tallies.values())

    def add(self, fact: Fact, correct: bool) -> None:
        tally = self.tallies.get(fact, Tally())
        self.tallies[fact] = Tally(tally.correct + correct, tally.wrong + (not correct))

    def correct_mistake(self, fact: Fact) -> None:
        """An answer that was counted as wrong was right."""
        tally = self.tallies[fact]
        self.tallies[fact] = Tally(tally.correct + 1, tally.wrong - 1)


class Course:
    """Where one drill stands: the open question, the score, and the mistake that an appeal would be about.

    It follows from its steps alone: after a restart of the server `replay` brings it back. Raises TooFewFacts if
    `practice` has nothing to ask.
    """

    def __init__(self, practice: Practice, mode: Mode, now_ms: float = 0.0) -> None:
        first = practice.next(now_ms)
        if first is None:
            raise TooFewFacts("there is nothing to ask")
        self.fact = first
        self.number = 1
        self.turn = 0
        self.score = Score()
        self.mistake: Mistake | None = None
        self.came_back = False
        """Whether the open question rested before and is asked for the last time. It keeps the number of the question
        before it."""
        self.steps: list[Step] = []
        self.practice = practice
        self.mode = mode
        self._begun_at_ms = 0.0
        self._ends_at_ms = inf
        self._is_finished = False
        self._resting = Resting()
        self._note(StepKind.ASKED, now_ms, first)
        self.settle()

    @classmethod
    def replay(cls, practice: Practice, mode: Mode, steps: Sequence[Step], latest_turn: int = 0) -> "Course":
        """The course to which these steps lead, on a `practice` as it was before them.

        It asks what was asked, even if the practice would choose otherwise today. `latest_turn`: of an answer that is
        stored beyond the steps.
        """

        def at(step: Step) -> float:
            return step.at_ms - practice.epoch_ms

        course = cls(practice, mode, at(steps[0]))
        course.fact = steps[0].fact or course.fact
        for step in steps[1:]:
            match step.did:
                case StepKind.BEGUN:
                    course.begin(at(step))
                case StepKind.JUDGED if step.verdict is not None:
                    course.judged(step.turn, step.verdict, step.response_ms, at(step), step.confidence)
                case StepKind.MISSED:
                    course.missed(at(step))
                case StepKind.RESTED:
                    course.rest(at(step))
                case StepKind.CAME_BACK if step.fact is not None:
                    course._ask_once_more(step.fact, at(step))
                case StepKind.APPEALED if course.mistake is not None:
                    course.appeal(course.mistake, at(step))
                case StepKind.ASKED if step.fact is not None:
                    practice.next(at(step))
                    course._ask(step.fact, at(step))
                case StepKind.FINISHED:
                    course.finish(at(step))
        course.turn = max(course.turn, latest_turn)
        course.settle()
        return course

    def settle(self) -> None:
        """Mark the steps so far as settled: a failure later does not undo them."""
        self._settled = len(self.steps)

    @property
    def has_progressed(self) -> bool:
        """Whether it has taken steps that are not settled yet."""
        return len(self.steps) > self._settled

    def as_settled(self) -> "Course":
        """This course as it was when it was last settled. Nothing of later steps is left in it."""
        return self.replay(self.practice.anew(), self.mode, self.steps[: self._settled])

    @property
    def is_finished(self) -> bool:
        return self._is_finished

    @property
    def has_begun(self) -> bool:
        return any(step.did is StepKind.BEGUN for step in self.steps[:2])

    @property
    def has_all_steps(self) -> bool:
        """Whether its steps lead to where it stands. A very long drill stops noting them."""
        return len(self.steps) < MOST_STEPS

    @property
    def can_be_replayed(self) -> bool:
        """Whether it can be resumed from its steps."""
        return not self._is_finished and self.has_all_steps

    def time_gone(self, now_ms: float) -> float | None:
        """Which part of a timed session is over, 0 to 1."""
        if self.mode.session_ms is None:
            return None
        return min(1.0, (now_ms - self._begun_at_ms) / self.mode.session_ms) if self.has_begun else 0.0

    def begin(self, now_ms: float) -> None:
        """The learner hears the first question now. A timed session starts here."""
        self._begun_at_ms = now_ms
        self._ends_at_ms = now_ms + (self.mode.session_ms or inf)
        self._note(StepKind.BEGUN, now_ms)

    def judged(
        self, turn: int, verdict: Verdict, response_ms: int | None, now_ms: float, confidence: float = 1.0
    ) -> None:
        """Record what became of an answer to the open question. `confidence` is that of a right answer."""
        confidence = round(confidence, 3)
        self.turn = turn
        if verdict in (Verdict.CORRECT, Verdict.WRONG):
            right = verdict is Verdict.CORRECT
            self.mistake = None if right else Mistake(turn, self.fact, response_ms)
            self.score.add(self.fact, right)
            self._resting.settle(self.fact)
            self.practice.judged(self.fact, verdict, response_ms, now_ms, confidence=confidence)
        self._note(StepKind.JUDGED, now_ms, turn=turn, verdict=verdict, response_ms=response_ms, confidence=confidence)

    def missed(self, now_ms: float) -> None:
        """The open question was told without an answer."""
        self._resting.settle(self.fact)
        self.practice.missed(self.fact)
        self._note(StepKind.MISSED, now_ms)

    @property
    def unheard(self) -> tuple[Fact, ...]:
        """Facts of which no answer was understood."""
        return self._resting.unheard

    def rest(self, now_ms: float) -> None:
        """No answer to the open question was understood. This says nothing about the learner."""
        self._resting.rest(self.fact, self.number)
        self.practice.rest(self.fact)
        self._note(StepKind.RESTED, now_ms)

    def appeal(self, mistake: Mistake, now_ms: float) -> None:
        """The answer that was judged wrong was right."""
        self.mistake = None
        self.score.correct_mistake(mistake.fact)
        self.practice.judged(mistake.fact, Verdict.CORRECT, mistake.response_ms, now_ms, appeal=True)
        self._note(StepKind.APPEALED, now_ms)

    @property
    def total(self) -> int:
        """The number that the score is out of: answers that counted; in a check, as in the UK's, all questions."""
        return self.score.total if self.mode.feedback or self.mode.questions is None else self.number

    def advance(self, now_ms: float) -> bool:
        """Go on to the next question. False after the last, or when the session's time is over."""
        if now_ms >= self._ends_at_ms:
            return False
        rested = self._resting.due(self.number, self.fact) if self.mode.questions is None else None
        if rested is None and self.number != self.mode.questions:
            fact = self.practice.next(now_ms)
            if fact is not None:
                self._ask(fact, now_ms)
                return True
        rested = rested or self._resting.last_chance(self.fact)
        if rested is not None:
            self._ask_once_more(rested, now_ms)
        return rested is not None

    def finish(self, now_ms: float) -> None:
        self._is_finished = True
        self._note(StepKind.FINISHED, now_ms)

    def _ask(self, fact: Fact, now_ms: float) -> None:
        self.fact, self.came_back = fact, False
        self.number += 1
        self._note(StepKind.ASKED, now_ms, fact)

    def _ask_once_more(self, fact: Fact, now_ms: float) -> None:
        self._resting.come_back(fact)
        self.fact, self.came_back = fact, True
        self._note(StepKind.CAME_BACK, now_ms, fact)

    def _note(
        self,
        did: StepKind,
        now_ms: float,
        fact: Fact | None = None,
        turn: int = 0,
        verdict: Verdict | None = None,
        response_ms: int | None = None,
        confidence: float = 1.0,
    ) -> None:
        if self.has_all_steps:
            at_ms = round(self.practice.epoch_ms + now_ms)
            self.steps.append(Step(did, at_ms, fact, turn, verdict, response_ms, confidence))
