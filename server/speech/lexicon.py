"""The words that can be heard during a drill in one language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

Phrase = tuple[str, ...]


class Spoken(StrEnum):
    """What a phrase does, other than naming a number."""

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
    """Phrases (tuples of words as `words_of` folds them) and what they mean.

    `left` and `right` hold how each operand is chanted, so that an echoed question can be told from an answer;
    `linking` are the words that may stand between the operands and before the answer ("times", "are"). An objection may
    stand around its number, one of `appeal_before` and one of `appeal_behind` ("मैंने छप्पन कहा था"). No question has
    an answer above `largest_answer`.
    """

    numbers: Mapping[Phrase, int]
    largest_answer: int
    phrases: Mapping[Phrase, Spoken] = field(default_factory=dict)
    left: Mapping[int, frozenset[Phrase]] = field(default_factory=dict)
    right: Mapping[int, frozenset[Phrase]] = field(default_factory=dict)
    linking: frozenset[Phrase] = frozenset()
    appeal_before: frozenset[Phrase] = frozenset()
    appeal_behind: frozenset[Phrase] = frozenset()

    @cached_property
    def extendable_phrases(self) -> frozenset[Phrase]:
        """Number phrases that a possible answer begins with: after "twenty" may come "four".

        "Two" goes on to "two hundred" only where a table goes that far: else every "two" would wait for nothing.
        """
        answers = (phrase for phrase, number in self.numbers.items() if number <= self.largest_answer)
        begins = {phrase[:size] for phrase in answers for size in range(1, len(phrase))}
        return frozenset(phrase for phrase in self.numbers if phrase in begins)

    @cached_property
    def extendable_numbers(self) -> frozenset[int]:
        return frozenset(self.numbers[phrase] for phrase in self.extendable_phrases)
