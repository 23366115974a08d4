"""What helps whoever is asked in vain: a little more each time."""

from enum import Enum, auto

from .settings import SILENT_TRIES, UNSURE_TRIES


class Help(Enum):
    """What comes before the same question again. ANSWER: the fact, then the next question. SLEEP: nobody is there."""

    NONE = auto()
    HINT = auto()
    LESSON = auto()
    REPROMPT = auto()
    KEYPAD = auto()
    ANSWER = auto()
    SLEEP = auto()


class Patience:
    """Counts silences in a row, and how often this question was not understood.

    `said`: the numbers that were the likeliest then.
    """

    def __init__(self) -> None:
        self._silences = self._unsures = 0
        self.said: set[int] = set()

    @property
    def has_helped(self) -> bool:
        """Whether more than the question has been said since somebody was last heard."""
        return self._silences >= SILENT_TRIES - 1

    def heard(self) -> None:
        """Somebody is there."""
        self._silences = 0

    def next_question(self) -> None:
        self._unsures = 0
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

    def unsure(self, number: int | None) -> Help:
        """Something was said, and not understood; likeliest `number`."""
        self._unsures += 1
        if number is not None:
            self.said.add(number)
        if self._unsures > UNSURE_TRIES:
            return Help.ANSWER
        return Help.KEYPAD if self._unsures == UNSURE_TRIES else Help.REPROMPT
