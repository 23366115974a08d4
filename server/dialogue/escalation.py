"""What helps whoever is asked in vain: a little more each time."""

from collections import Counter
from enum import Enum, auto

from ..drill.facts import Fact
from ..understanding.interpretation import Interpretation
from .settings import DOZING_TRIES, SILENT_TRIES, UNSURE_TRIES, VAIN_TRIES


class Help(Enum):
    """What comes before the same question again.

    ANSWER: the fact, then the next question. REST: the next question, the fact untold. SLEEP: nobody is there.
    """

    NONE = auto()
    HINT = auto()
    LESSON = auto()
    REPROMPT = auto()
    KEYPAD = auto()
    ANSWER = auto()
    REST = auto()
    SLEEP = auto()


class Patience:
    """Counts silences in a row, how often each fact was not understood, and how often in a row nothing was.

    A fact that was not understood before is helped sooner when it is asked again: a voice that the recogniser does not
    know costs a drill few turns. `said`: the numbers that were the likeliest since this question was asked.
    """

    def __init__(self) -> None:
        self._silences = self._in_vain = 0
        self._unsures: Counter[Fact] = Counter()
        self._vain_tries = VAIN_TRIES
        self.said: set[int] = set()

    @property
    def has_helped(self) -> bool:
        """Whether more than the question has been said since somebody was last heard."""
        return self._silences >= SILENT_TRIES - 1

    def answered(self) -> None:
        """Somebody is there who knows how it goes on."""
        self._silences = 0
        self.understood()

    def understood(self) -> None:
        """Somebody is there, and can make themselves understood."""
        self._in_vain, self._vain_tries = 0, VAIN_TRIES

    def next_question(self) -> None:
        self.said.clear()

    def silent(self, in_time: bool) -> Help:
        """Nothing was said. `in_time`: the time to answer is over, and with it the question."""
        self._silences += 1
        if self._silences > SILENT_TRIES:
            self._silences = 0
            return Help.SLEEP
        if in_time:
            return Help.ANSWER
        return {SILENT_TRIES: Help.LESSON, SILENT_TRIES - 1: Help.HINT}.get(self._silences, Help.NONE)

    def unsure(self, interpretation: Interpretation, fact: Fact, last_chance: bool = False) -> Help:
        """Something was said to `fact`, and not understood. `last_chance`: the fact rested before."""
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
