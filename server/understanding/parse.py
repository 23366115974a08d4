"""From recognised words to the number or the command that a child meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from .lexicon import COMMANDS, Lexicon, Phrase, Spoken
from .text import digits_value


@dataclass(frozen=True, slots=True)
class Answer:
    """What an utterance says."""

    number: int | None = None
    """The last number that was said and not taken back."""
    command: Spoken | None = None
    """The command that was given, if any."""
    extendable: bool = False
    """The number may still go on ("twenty" before "four")."""
    in_turn: tuple[int, ...] = ()
    """All of several different numbers, if none was taken back."""


def parse_answer(words: Sequence[str], lexicon: Lexicon, question: tuple[int, int] | None = None) -> Answer:
    """Find the answer in `words` (folded by `words_of`).

    The last complete number wins, so a self-correction needs no special rule ("forty-eight, no, fifty-six"). An echo of
    `question`, the operands (left, right), is not an answer. Fillers vanish, also inside a number.
    """
    rest, objecting = _without_objection(_without(words, Spoken.FILLER, lexicon), lexicon)
    rest = _without_echo(rest, lexicon, question)
    number: int | None = None
    in_turn: tuple[int, ...] = ()
    command = Spoken.APPEAL if objecting else None
    extendable = False
    position = 0
    while position < len(rest):
        phrase, meaning = _longest_match(rest, position, lexicon)
        position += len(phrase)
        if isinstance(meaning, int):
            # "Twenty, twenty-four" is one number, started anew.
            anew = number is None or number == meaning or number in lexicon.beginnings(meaning)
            number, in_turn = meaning, (meaning,) if anew and len(in_turn) < 2 else (*in_turn, meaning)
            extendable = position == len(rest) and phrase in lexicon.extendable_phrases
            if command is not Spoken.APPEAL:
                command = None
        elif meaning in COMMANDS:
            command, number, in_turn, extendable = meaning, None, (), False
        elif meaning is Spoken.CORRECTION:
            # "Fifty... no" takes the number back. A withdrawn answer is asked again, not judged.
            number, in_turn, extendable = None, (), False
    return Answer(number, command, extendable, in_turn if len(in_turn) > 1 else ())


def _longest_match(words: Phrase, start: int, lexicon: Lexicon) -> tuple[Phrase, int | Spoken | None]:
    for size in range(min(6, len(words) - start), 0, -1):
        phrase = words[start : start + size]
        if phrase in lexicon.numbers:
            return phrase, lexicon.numbers[phrase]
        if phrase in lexicon.phrases:
            return phrase, lexicon.phrases[phrase]
    phrase = words[start : start + 1]
    return phrase, digits_value(phrase[0])


def _without(words: Sequence[str], meaning: Spoken, lexicon: Lexicon) -> Phrase:
    kept: list[str] = []
    position = 0
    while position < len(words):
        phrase, found = _longest_match(tuple(words), position, lexicon)
        if found is not meaning:
            kept += phrase
        position += len(phrase)
    return tuple(kept)


def _without_objection(words: Phrase, lexicon: Lexicon) -> tuple[Phrase, bool]:
    """Return the words without an objection around a number ("मैंने छप्पन कहा था"), and whether there was one."""
    for start in range(len(words)):
        begin = _skip_one(words, start, lexicon.appeal_before)
        for end in range(begin + 1, len(words)) if begin is not None else ():
            behind = _skip_one(words, end, lexicon.appeal_behind)
            if behind is not None:
                return words[:start] + words[begin:end] + words[behind:], True
    return words, False


def _without_echo(words: Phrase, lexicon: Lexicon, question: tuple[int, int] | None) -> Phrase:
    if question is None:
        return words
    left, right = (lexicon.left.get(question[0], frozenset()), lexicon.right.get(question[1], frozenset()))
    for start in range(len(words)):
        after_left = _skip_one(words, start, left | _digits(question[0]))
        if after_left is None:
            continue
        after_right = _skip_one(words, _skip_all(words, after_left, lexicon.linking), right | _digits(question[1]))
        if after_right is not None:
            return words[:start] + words[_skip_all(words, after_right, lexicon.linking) :]
    return words


def _digits(number: int) -> frozenset[Phrase]:
    deva = str(number).translate({ord(str(digit)): chr(0x966 + digit) for digit in range(10)})
    return frozenset({(str(number),), (deva,)})


def _skip_one(words: Phrase, start: int, phrases: frozenset[Phrase]) -> int | None:
    ends = [start + len(phrase) for phrase in phrases if words[start : start + len(phrase)] == phrase]
    return max(ends, default=None)


def _skip_all(words: Phrase, start: int, phrases: frozenset[Phrase]) -> int:
    while (end := _skip_one(words, start, phrases)) is not None:
        start = end
    return start
