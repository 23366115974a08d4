"""Read a hypothesis as an answer or a command, given the question."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .hypothesis import Hypothesis
from .lexicon import Lexicon, Spoken
from .parse import parse_answer
from .text import words_of
from .turns import meant

# Below this sum of probabilities, no number was said. Even an unclear number is far above it.
NOTHING_BELOW = 0.2
# From this probability on, a command or an appeal is obeyed. An estimate, as sure as an ending must be
# (`EndpointingSettings.confident_at`): a missed command is asked again, a mistaken one loses the question.
COMMAND_AT = 0.8
# From this probability on, a number is asked to be completed. It is then by far the likeliest.
BEGINNING_AT = 0.5


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A hypothesis read as an answer or a command."""

    numbers: Mapping[int, float] = field(default_factory=dict)
    """Probability of each number."""
    command: Spoken | None = None
    """The command that was given, if any."""
    extendable: bool = False
    """The last number may still go on ("twenty" before "four")."""
    beginnings: Mapping[int, frozenset[int]] = field(default_factory=dict, compare=False)
    """The numbers that the expected answer begins with, see `Lexicon.beginnings`."""
    none: float = 0.0
    """Probability of "none of these"."""

    @property
    def is_nothing(self) -> bool:
        """Tell whether this is no answer at all: a cough, a chair, an echo of the question."""
        return self.command is None and sum(self.numbers.values()) < NOTHING_BELOW

    @property
    def best(self) -> tuple[int | None, float]:
        """Return the likeliest number and its probability, or (None, 0.0)."""
        if not self.numbers:
            return None, 0.0
        number = max(self.numbers, key=self.numbers.__getitem__)
        return number, self.numbers[number]

    @property
    def beginning(self) -> int | None:
        """Return the number that was probably said if the expected answer begins with it; else None."""
        number, probability = self.best
        return number if number in self.beginnings and probability >= BEGINNING_AT else None

    def weighed(self, none_weight: float) -> "Interpretation":
        """Return the interpretation with the odds of "none of these" multiplied by `none_weight`."""
        scale = 1 / (1 - self.none + none_weight * self.none)
        numbers = {number: p * scale for number, p in self.numbers.items()}
        return replace(self, numbers=numbers, none=self.none * none_weight * scale)

    def completing(self, begun: int | None, answer: int) -> "Interpretation":
        """Return the interpretation as the rest of an answer of which `begun` was said before.

        A number that completes `answer` counts as the answer.
        """
        rests = self.beginnings.get(begun, frozenset()) if begun is not None else frozenset()
        completed = sum(self.numbers.get(rest, 0.0) for rest in rests - {answer})
        if not completed:
            return self
        numbers = {number: p for number, p in self.numbers.items() if number not in rests}
        numbers[answer] = self.numbers.get(answer, 0.0) + completed
        return replace(self, numbers=numbers)


def interpret(hypothesis: Hypothesis, lexicon: Lexicon, question: tuple[int, int] | None = None) -> Interpretation:
    """Read `hypothesis` as a reply to the question (left, right)."""
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
        # An appeal is about the question before, so its numbers are no echo of this one.
        interpretation = Interpretation(hypothesis.numbers, Spoken.APPEAL)
    elif command is Spoken.CORRECTION:
        # "No", and nothing after it, takes the answer back. A withdrawn answer is asked again, not judged.
        interpretation = Interpretation()
    elif command is not None:
        interpretation = Interpretation(command=command)
    else:
        interpretation = Interpretation(hypothesis.numbers, none=hypothesis.none)
    return replace(interpretation, extendable=interpretation.best[0] in lexicon.extendable_numbers)
