"""Escalating help after silence or unclear answers."""

from collections import Counter
from enum import Enum, auto

from ..drill.facts import Fact
from ..understanding.interpretation import Interpretation
from .settings import DOZING_TRIES, SILENT_TRIES, UNSURE_TRIES, VAIN_TRIES


class Help(Enum):
    """What the drill says next."""

    NONE = auto()
    """The same question again."""
    HINT = auto()
    """A neighbouring fact, then the same question."""
    LESSON = auto()
    """The fact, then the same question."""
    REPROMPT = auto()
    """That it was not understood, then the same question."""
    KEYPAD = auto()
    """The same, and that the answer can be tapped."""
    ANSWER = auto()
    """The fact, then the next question."""
    REST = auto()
    """The next question; the fact comes back later."""
    SLEEP = auto()
    """No child is there."""


class Escalation:
    """Counts silences in a row, unclear answers to each fact, and unclear utterances in a row.

    Unclear answers to a fact count on when it is asked again: a voice that the recogniser does not know costs a drill
    few turns.
    """

    def __init__(self) -> None:
        self._silences = self._in_vain = 0
        self._unsures: Counter[Fact] = Counter()
        self._vain_tries = VAIN_TRIES
        self.said: set[int] = set()
        """The likeliest numbers of the unclear answers to the open question."""

    @property
    def has_helped(self) -> bool:
        """Whether a hint or a lesson has been given since the learner was last heard."""
        return self._silences >= SILENT_TRIES - 1

    def answered(self) -> None:
        """The learner has answered."""
        self._silences = 0
        self.understood()

    def understood(self) -> None:
        """The learner is there and is understood."""
        self._in_vain, self._vain_tries = 0, VAIN_TRIES

    def next_question(self) -> None:
        """Another fact is asked."""
        self.said.clear()

    def silent(self, in_time: bool) -> Help:
        """Nothing was said. `in_time`: the question is over with the time to answer it."""
        self._silences += 1
        if self._silences > SILENT_TRIES:
            self._silences = 0
            return Help.SLEEP
        if in_time:
            return Help.ANSWER
        return {SILENT_TRIES: Help.LESSON, SILENT_TRIES - 1: Help.HINT}.get(self._silences, Help.NONE)

    def unsure(self, interpretation: Interpretation, fact: Fact, last_chance: bool = False) -> Help:
        """An answer to `fact` was not understood. `last_chance`: the fact rested before."""
        self._unsures[fact] += 1
        self._in_vain += 1
        number = interpretation.best[0]
        if number is not None:
            self.said.add(number)
        if not interpretation.is_nothing:
            self._silences = 0
        if last_chance or self._unsures[fact] > UNSURE_TRIES:
            return Help.REST
        if self._in_vain >= self._vain_tries:
            self._silences = self._in_vain = 0
            self._vain_tries = DOZING_TRIES
            return Help.SLEEP
        return Help.KEYPAD if self._unsures[fact] == UNSURE_TRIES else Help.REPROMPT
