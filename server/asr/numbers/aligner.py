"""Follows a chanted table in the sounds that the network hears: a Viterbi search over all that may be said of it.

A line is chanted as left, right and product ("seven threes are twenty-one"), or without the left, or as the product
alone. Tokens pass from word to word (Young, Russell and Thornton, "Token passing", 1989). A word is a sequence of
labels with CTC's blanks between them. Costs are in nats, against the likeliest sound of each moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .ctc import BLANK

Form = Sequence[int]

# What any sound costs at most, at one moment: one that was swallowed does not lose a whole line.
_FLOOR = 5.0
# What it costs at each moment that something else is said: a filler, a breath, a neighbour.
_ELSEWHERE = 2.5
# What it costs to begin a word, so that a sound or two of noise are none.
_WORD = 1.0
# What it costs to say another product than the line's after its operands.
_WRONG = 4.0
# What a product costs that is said without operands.
_BARE = 1.0
# What it costs to leave a line in its midst and begin one anew.
_RESTART = 3.0
# A line that was begun counts for so many moments of something else.
_RESTARTED = 5
# What it costs to say another line than the next: the same again, any other.
_AGAIN, _JUMP = 2.5, 4.0
# What is so far behind the best reading is not gone on with.
_BEAM = 30.0
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class TableForms:
    """How the parts of a table are said, each way as labels of sounds."""

    table: int
    left: Sequence[Form]
    """The left operand."""
    right: Mapping[int, Sequence[Form]]
    """The right operand of each line."""
    linking: Sequence[Form]
    """Words that may stand behind an operand: "times", "are"."""
    numbers: Mapping[int, Sequence[Form]]
    """Of every number that may be taken for a product, the products among them."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line that was said. Times in moments of the stream."""

    line: int
    product: int
    begin: int
    product_begin: int
    end: int
    other: int = 0
    """How many moments something else was heard, since the line before it and within it."""
    has_left: bool = False
    """Whether the left operand was said as well."""
    is_whole: bool = False
    """Whether the right operand was said as well."""
    before: "Said | None" = field(default=None, repr=False)
    """The line that was said before it."""


# How words are named: the left operand, a linking word, the right operand of a line, a number.
_LEFT, _LINK, _RIGHT, _NUMBER = 0, 1, 2, 100


@dataclass(frozen=True, slots=True)
class _Token:
    """A way to read the sounds so far, between two words."""

    score: float = _NEVER
    said: Said | None = None
    begin: int | None = None
    """Where the present line began."""
    line: int | None = None
    """The present line, once its right operand was said."""
    other: int = 0
    """How many moments something else was heard since the last line."""
    has_left: bool = False
    """Whether the left operand of the present line was said."""

    def later(self, cost: float, is_other: bool = False) -> "_Token":
        return replace(self, score=self.score + cost, other=self.other + is_other)


@dataclass(frozen=True, slots=True)
class Reading:
    """How all sounds so far read best."""

    said: tuple[Said, ...]
    line: int | None
    """The line that is being said, as far as it is known."""


class Aligner:
    """Follows one chant of a table. `accept` takes sounds for good, `look_ahead` tells what more of them would say."""

    def __init__(self, forms: TableForms) -> None:
        self._table, self._lines = forms.table, sorted(forms.right)
        words = [(_LEFT, form) for form in forms.left]
        words += [(_LINK, form) for form in forms.linking]
        words += [(_RIGHT + line, form) for line in self._lines for form in forms.right[line]]
        words += [(_NUMBER + number, form) for number, ways in forms.numbers.items() for form in ways]
        # "Two ones are two" is chanted "बे एके बे" as well.
        words += [(_NUMBER + forms.table, form) for form in forms.left]
        self._words = np.array([word for word, _ in words])
        lengths = np.array([len(form) for _, form in words])
        self._labels = np.full((len(words), 2 * lengths.max() - 1), BLANK)
        for row, (_, form) in zip(self._labels, words, strict=True):
            row[: 2 * len(form) : 2] = form
        # From one label straight to the next, unless they are the same.
        self._leaps = np.full(self._labels.shape, _NEVER)
        self._leaps[:, 2::2][self._labels[:, 2::2] != self._labels[:, :-2:2]] = 0.0
        self._ends = np.arange(len(words)), 2 * lengths - 2
        # Which words lead to which token between words.
        leads_to = {0: self._words >= _NUMBER, 1: self._words == _LEFT}
        leads_to |= {at: self._words == _RIGHT + line for at, line in enumerate(self._lines, 2)}
        self._links = np.flatnonzero(self._words == _LINK)
        self._leads_to = {at: np.flatnonzero(leads) for at, leads in leads_to.items()}
        self._costs: dict[tuple[int | None, int | None, bool], np.ndarray] = {}
        # Within words (words x positions, behind two columns of nothing): scores, and by which entry they came in.
        self._scores = np.full((len(words), self._labels.shape[1] + 2), _NEVER, np.float32)
        self._origins = np.zeros(self._scores.shape, np.int32)
        self._entries: list[tuple[_Token, int]] = []
        # Between words: before a line, after its left operand, after the right one of each line.
        self._tokens = [_Token(0.0)] + [_Token()] * (1 + len(self._lines))
        self.moment = 0
        """How many moments were taken."""

    def accept(self, sounds: np.ndarray) -> None:
        """Take more sounds: log-probabilities of shape (moments, sounds)."""
        for heard in np.maximum(sounds - sounds.max(axis=1, keepdims=True), -_FLOOR):
            self._step(heard)
        self._forget()

    @property
    def said(self) -> tuple[Said, ...]:
        """The lines that were said, as it reads now."""
        return self._read().said

    def look_ahead(self, sounds: np.ndarray) -> Reading:
        """How it reads with these sounds behind those that were taken."""
        state = self._scores, self._origins, self._entries, self._tokens, self.moment
        self._entries = list(self._entries)
        for heard in np.maximum(sounds - sounds.max(axis=1, keepdims=True), -_FLOOR):
            self._step(heard)
        reading = self._read()
        self._scores, self._origins, self._entries, self._tokens, self.moment = state
        return reading

    def _step(self, heard: np.ndarray) -> None:
        begun, begun_from = self._begun()
        scores, origins = self._scores, self._origins
        best, best_from = np.copy(scores[:, 2:]), np.copy(origins[:, 2:])
        for other, other_from in ((scores[:, 1:-1], origins[:, 1:-1]), (scores[:, :-2] + self._leaps, origins[:, :-2])):
            better = other > best
            np.copyto(best, other, where=better)
            np.copyto(best_from, other_from, where=better)
        better = begun > best[:, 0]
        best[better, 0], best_from[better, 0] = begun[better], begun_from[better]
        best += heard[self._labels]
        self._scores = np.pad(best, ((0, 0), (2, 0)), constant_values=_NEVER)
        self._origins = np.pad(best_from, ((0, 0), (2, 0)))
        self._pass_on(heard)
        self.moment += 1

    def _begun(self) -> tuple[np.ndarray, np.ndarray]:
        """How each word may begin now: at which score, and by which entry."""
        begun, origins = np.full(len(self._words), _NEVER), np.zeros(len(self._words), np.int32)
        least = max(float(self._scores.max()), self._tokens[0].score) - _BEAM
        for at, token in enumerate(self._tokens):
            if token.score < least:
                continue
            values = token.score - self._cost(token, has_left=at > 0)
            better = values > begun
            begun[better], origins[better] = values[better], len(self._entries)
            self._entries.append((token, self.moment))
        return begun, origins

    def _cost(self, token: _Token, has_left: bool) -> np.ndarray:
        """What it costs to say each word after this."""
        before = token.said.line if token.said else self._lines[0] - 1
        key = before, token.line, has_left
        if key not in self._costs:
            self._costs[key] = np.array([_WORD + self._cost_of(int(word), *key) for word in self._words])
        return self._costs[key]

    def _cost_of(self, word: int, before: int, line: int | None, has_left: bool) -> float:
        def jump(to: int) -> float:
            return 0.0 if to == before + 1 else _AGAIN if to == before else _JUMP

        if word == _LEFT:
            return -_NEVER if has_left else 0.0
        if word == _LINK:
            return 0.0 if has_left else -_NEVER
        if word < _NUMBER:
            return -_NEVER if line is not None else jump(word - _RIGHT)
        number = word - _NUMBER
        if line is not None:
            return 0.0 if number == self._table * line else _WRONG
        if has_left:
            # Rather "seven, fourteen", two products.
            return -_NEVER
        product_of = self._line_of(number)
        return _BARE + (_WRONG + _JUMP if product_of is None else jump(product_of))

    def _line_of(self, number: int) -> int | None:
        line = number // self._table
        return line if line * self._table == number and line in self._lines else None

    def _pass_on(self, heard: np.ndarray) -> None:
        """Between words: those who wait, and those who come out of a word."""
        waits = max(float(heard[BLANK]), -_ELSEWHERE)
        tokens = [token.later(waits, is_other=bool(heard[BLANK] < 0)) for token in self._tokens]
        restart = max(tokens[1:], key=lambda token: token.score)
        if restart.score - _RESTART > tokens[0].score:
            tokens[0] = _Token(restart.score - _RESTART, restart.said, other=restart.other + _RESTARTED)
        ended = self._scores[self._ends[0], self._ends[1] + 2]
        for at, words in self._leads_to.items():
            word = words[ended[words].argmax()]
            if ended[word] > tokens[at].score:
                token, moment = self._entry(word)
                tokens[at] = self._after(int(self._words[word]), token, moment, float(ended[word]))
        for word in self._links[ended[self._links] > _NEVER / 2]:
            token, _ = self._entry(word)
            at = 1 if token.line is None else 2 + self._lines.index(token.line)
            if ended[word] > tokens[at].score:
                tokens[at] = replace(token, score=float(ended[word]))
        self._tokens = tokens

    def _entry(self, word: int) -> tuple[_Token, int]:
        """How the token came in that is at the end of this word, and when."""
        return self._entries[self._origins[word, self._ends[1][word] + 2]]

    def _after(self, word: int, token: _Token, moment: int, score: float) -> _Token:
        """The token, once it has said `word`, which it began at `moment`."""
        begin = moment if token.begin is None else token.begin
        if word == _LEFT:
            return _Token(score, token.said, begin, other=token.other, has_left=True)
        if word < _NUMBER:
            return _Token(score, token.said, begin, word - _RIGHT, token.other, token.has_left)
        number = word - _NUMBER
        line = token.line if token.line is not None else self._line_of(number)
        if line is None:
            # A number alone that is no product stands for that of the next line.
            line = min((token.said.line if token.said else self._lines[0] - 1) + 1, self._lines[-1])
        is_whole = token.line is not None
        said = Said(line, number, begin, moment, self.moment + 1, token.other, token.has_left, is_whole, token.said)
        return _Token(score, said)

    def _read(self) -> Reading:
        inside = self._scores[:, 2:]
        row, position = np.unravel_index(int(inside.argmax()), inside.shape)
        between = max(self._tokens, key=lambda token: token.score)
        line = between.line
        if inside[row, position] > between.score:
            between, _ = self._entries[self._origins[row, position + 2]]
            word, line = int(self._words[row]), between.line
            if line is None and word >= _NUMBER:
                line = self._line_of(word - _NUMBER)
            elif line is None and word >= _RIGHT:
                line = word - _RIGHT
            return Reading(_history(between.said), line)
        return Reading(_history(between.said), line)

    def _forget(self) -> None:
        """Entries that no token came in by are not needed any more."""
        best = max(float(self._scores.max()), self._tokens[0].score)
        self._scores[self._scores < best - 2 * _BEAM] = _NEVER
        used = np.unique(self._origins[self._scores > _NEVER / 2])
        numbers = np.zeros(len(self._entries) + 1, np.int32)
        numbers[used] = np.arange(len(used))
        self._origins = numbers[np.where(self._scores > _NEVER / 2, self._origins, 0)]
        self._entries = [self._entries[at] for at in used]
        self._scores = np.where(self._scores > _NEVER / 2, self._scores - best, _NEVER)
        self._tokens = [token.later(-best) for token in self._tokens]


def _history(said: Said | None) -> tuple[Said, ...]:
    lines: list[Said] = []
    while said is not None:
        lines.append(said)
        said = said.before
    return tuple(reversed(lines))
