"""A hypothesis read as an answer or a command, in the light of the question."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .hypothesis import Hypothesis
from .lexicon import Lexicon, Spoken
from .parse import parse_answer
from .text import words_of
from .turns import meant

# Below this sum of probabilities, no number was said. Whoever says one, however unclearly, is far above it.
NOTHING_BELOW = 0.2
# From this probability on, a command or an appeal is obeyed. A guess, as sure as an ending has to be
# (`EndpointingSettings.confident_at`): who is not obeyed is asked again, who is obeyed by mistake loses the question.
COMMAND_AT = 0.8
# From this probability on, a number is asked to be completed. It is then the likeliest by far.
BEGINNING_AT = 0.5


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A hypothesis read as an answer: probabilities of numbers, perhaps a command, and whether it may still go on.

    `beginnings`: those of the answer that was asked for, see `Lexicon.beginnings`. `none`: see `Hypothesis`.
    """

    numbers: Mapping[int, float] = field(default_factory=dict)
    command: Spoken | None = None
    extendable: bool = False
    beginnings: Mapping[int, frozenset[int]] = field(default_factory=dict, compare=False)
    none: float = 0.0

    @property
    def is_nothing(self) -> bool:
        """Whether this was no answer at all: a cough, a chair, an echo of the question."""
        return self.command is None and sum(self.numbers.values()) < NOTHING_BELOW

    @property
    def best(self) -> tuple[int | None, float]:
        """The likeliest number and its probability, or (None, 0.0)."""
        if not self.numbers:
            return None, 0.0
        number = max(self.numbers, key=self.numbers.__getitem__)
        return number, self.numbers[number]

    @property
    def beginning(self) -> int | None:
        """The number that was probably said, where the answer that was asked for begins with it; else None."""
        number, probability = self.best
        return number if number in self.beginnings and probability >= BEGINNING_AT else None

    def weighed(self, none_weight: float) -> "Interpretation":
        """The interpretation where the odds of "none of these" are so many times those that the recogniser reckons
        with.
        """
        scale = 1 / (1 - self.none + none_weight * self.none)
        numbers = {number: p * scale for number, p in self.numbers.items()}
        return replace(self, numbers=numbers, none=self.none * none_weight * scale)

    def completing(self, begun: int | None, answer: int) -> "Interpretation":
        """The interpretation about an answer of which `begun` was said before: a number that completes it is the
        answer.
        """
        rests = self.beginnings.get(begun, frozenset()) if begun is not None else frozenset()
        completed = sum(self.numbers.get(rest, 0.0) for rest in rests - {answer})
        if not completed:
            return self
        numbers = {number: p for number, p in self.numbers.items() if number not in rests}
        numbers[answer] = self.numbers.get(answer, 0.0) + completed
        return replace(self, numbers=numbers)


def interpret(hypothesis: Hypothesis, lexicon: Lexicon, question: tuple[int, int] | None = None) -> Interpretation:
    """Read `hypothesis` in the light of the question (left, right) that was asked."""
    interpretation = _read(hypothesis, lexicon, question)
    return (
        replace(interpretation, beginnings=lexicon.beginnings(question[0] * question[1]))
        if question
        else interpretation
    )


def _read(hypothesis: Hypothesis, lexicon: Lexicon, question: tuple[int, int] | None) -> Interpretation:
    if hypothesis.text:
        answer = parse_answer(words_of(hypothesis.text), lexicon, question)
        said = {} if answer.number is None else {answer.number: 1.0}
        if answer.in_turn:
            said = meant(answer.in_turn, paused=True, largest=lexicon.largest_answer)
        numbers = {number: share * hypothesis.confidence for number, share in said.items()}
        return Interpretation(numbers, answer.command, answer.extendable)
    command = next((command for command, p in hypothesis.commands.items() if p >= COMMAND_AT), None)
    if hypothesis.appeal >= COMMAND_AT and command in (None, Spoken.CORRECTION):
        # It is about the question before, of which these numbers are no echo.
        interpretation = Interpretation(hypothesis.numbers, Spoken.APPEAL)
    elif command is Spoken.CORRECTION:
        # "No", and nothing after it, takes the answer back: better to ask again than to judge what was withdrawn.
        interpretation = Interpretation()
    elif command is not None:
        interpretation = Interpretation(command=command)
    else:
        interpretation = Interpretation(hypothesis.numbers, none=hypothesis.none)
    return replace(interpretation, extendable=interpretation.best[0] in lexicon.extendable_numbers)
