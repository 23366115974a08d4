"""The words of a drill in one language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

Phrase = tuple[str, ...]


class Spoken(StrEnum):
    """The meaning of a phrase that is not a number."""

    REPEAT = "repeat"
    SKIP = "skip"
    STOP = "stop"
    START = "start"
    APPEAL = "appeal"
    CORRECTION = "correction"
    FILLER = "filler"


COMMANDS = frozenset({Spoken.REPEAT, Spoken.SKIP, Spoken.STOP, Spoken.START, Spoken.APPEAL})


@dataclass(frozen=True)
class Lexicon:
    """Phrases (tuples of words as `words_of` folds them) and their meanings."""

    numbers: Mapping[Phrase, int]
    """All number phrases that are understood."""
    largest_answer: int
    """No question has a larger answer."""
    own_numbers: Mapping[Phrase, int] = field(default_factory=dict)
    """Those of `numbers` that belong to the language itself."""
    phrases: Mapping[Phrase, Spoken] = field(default_factory=dict)
    """Commands, corrections and fillers."""
    left: Mapping[int, frozenset[Phrase]] = field(default_factory=dict)
    """How each left operand is chanted: an echoed question is told from an answer."""
    right: Mapping[int, frozenset[Phrase]] = field(default_factory=dict)
    """How each right operand is chanted."""
    linking: frozenset[Phrase] = frozenset()
    """Words that may stand between the operands and before the answer ("times", "are")."""
    appeal_before: frozenset[Phrase] = frozenset()
    """First parts of an objection around its number: "मैंने" in "मैंने छप्पन कहा था"."""
    appeal_behind: frozenset[Phrase] = frozenset()
    """Last parts of an objection around its number: "कहा था"."""

    @cached_property
    def extendable_phrases(self) -> frozenset[Phrase]:
        """Number phrases that a longer answer begins with: "four" may follow "twenty".

        "Two" goes on to "two hundred" only if a table goes that far: else every "two" would wait in vain.
        """
        answers = (phrase for phrase, number in self.numbers.items() if number <= self.largest_answer)
        begins = {phrase[:size] for phrase in answers for size in range(1, len(phrase))}
        return frozenset(phrase for phrase in self.numbers if phrase in begins)

    @cached_property
    def extendable_numbers(self) -> frozenset[int]:
        return frozenset(self.numbers[phrase] for phrase in self.extendable_phrases)

    def beginnings(self, answer: int) -> Mapping[int, frozenset[int]]:
        """Return the numbers that `answer` begins with when it is said, each with the numbers that complete it.

        36 begins with 30, which 6 completes, if it is called "thirty-six". Digit by digit it begins with 3.
        """
        rests = {begun: set(rest) for begun, rest in self._beginnings.get(answer, {}).items()}
        digits = str(answer)
        if len(digits) > 1:
            rests.setdefault(int(digits[0]), set()).add(int(digits[1:]))
        return {begun: frozenset(rest) for begun, rest in rests.items()}

    @cached_property
    def _beginnings(self) -> Mapping[int, Mapping[int, set[int]]]:
        """The beginnings of every number, by the phrases of the language."""
        found: dict[int, dict[int, set[int]]] = {}
        for phrase, number in self.own_numbers.items():
            for size in range(1, len(phrase)):
                begun, rest = self.own_numbers.get(phrase[:size]), self.own_numbers.get(phrase[size:])
                if begun is not None and begun != number:
                    found.setdefault(number, {}).setdefault(begun, set()).update([] if rest is None else [rest])
        return found
