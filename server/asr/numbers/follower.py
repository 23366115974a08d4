"""Follows a child that chants a table: the numbers network over a sliding window, and the aligner behind it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ...audio import SAMPLE_BYTES, SAMPLE_RATE
from ...audio.trim import around_words, find_words
from ...understanding.chant import Chant, ChantedLine
from ...understanding.hypothesis import Hypothesis
from ...understanding.interpretation import COMMAND_AT
from ...understanding.lexicon import Spoken
from .aligner import Aligner, Said, TableForms
from .ctc import BLANK, log_likelihoods

# The network gives the sounds of 25 moments a second.
MOMENT_MS = 40
_MOMENT_BYTES = SAMPLE_RATE * MOMENT_MS // 1000 * SAMPLE_BYTES
# Silence that the engine puts before a window, in moments; so are all lengths here.
_MARGIN = 2
# What was taken for good is heard again for so long, for the sake of what comes after it.
_CONTEXT = 12
# What is so new is not taken for good: the network hears a sound up to 250 ms after it began.
_NEW = 10
# The longest window.
_WINDOW = 82
# Between two utterances.
_SILENCE = 8
# So much of what was heard before an utterance is kept.
_KEPT = 200
# Sounds of a product may lie so far outside of it.
_AROUND = 2
# A number sounds so much longer than its last sound is heard.
_BEHIND = 5
# How likely the product has to be by its meaning, or others together; and the product at most for them to be meant.
_SURELY, _HARDLY = 0.6, 0.05
# What it costs that something else is said beside a product, in nats.
_SOMETHING_ELSE = 3.0
# A product is right where no other number fits so much better, in nats; wrong where one does, and is meant. Of 571
# right lines of people and prompt voices, 1 % are below -5.3; of 9 wrong ones the best was at -11.
_RIGHT, _WRONG = -3.0, -8.0
# What a child may ask for between lines.
_COMMANDS = frozenset({Spoken.REPEAT, Spoken.SKIP, Spoken.STOP, Spoken.START})


class NumbersFollower:
    """A `Recogniser` of chants: the utterance that is open, on top of all that was chanted before.

    `sounds`: what the network hears in samples (float32, 16 kHz); `meaning`: which numbers, after a second look.
    """

    def __init__(
        self,
        sounds: Callable[[np.ndarray], np.ndarray],
        meaning: Callable[[np.ndarray], Hypothesis],
        forms: TableForms,
        labels: int,
    ) -> None:
        self._listen, self._mean = sounds, meaning
        self._table = forms.table
        self._ways = [(number, form) for number, ways in forms.numbers.items() for form in ways]
        self._silence = np.full((_SILENCE, labels), np.log(1e-6), np.float32)
        self._silence[:, BLANK] = 0.0
        self._aligner = Aligner(forms)
        self._sounds, self._sounds_from = self._silence[:0], 0
        self.start()

    def start(self) -> None:
        """A new utterance, behind those that were heard."""
        heard = self._sounds[: self._aligner.moment - self._sounds_from]
        self._aligner.accept(self._silence)
        self._sounds = np.concatenate([heard, self._silence])[-_KEPT:]
        self._first = self._aligner.moment
        self._sounds_from = self._first - len(self._sounds)
        self._known = len(self._aligner.said)
        self._audio = bytearray()
        self._judged: dict[tuple[int, ...], bool | None] = {}

    def feed(self, pcm: bytes) -> None:
        """Take more audio of the utterance."""
        self._audio += pcm

    def partial(self) -> Chant:
        """What has been chanted so far; costs one run of the network for each 3 s of new audio.

        Where no line is right, it may be a command instead: one more run.
        """
        chant = self._follow()
        return chant if any(line.is_right for line in chant.lines) else replace(chant, command=self._command())

    def finish(self) -> Chant:
        """The same; even what fits one line well may be a command: "दोबारा" is like "दो, बारह"."""
        chant = self._follow()
        is_chanted = len(chant.lines) > 1 and any(line.is_right for line in chant.lines)
        return chant if is_chanted else replace(chant, command=self._command())

    def _follow(self) -> Chant:
        """Read the lines of all audio so far."""
        end = self._first + len(self._audio) // _MOMENT_BYTES
        while self._sounds_from + len(self._sounds) < end:
            self._hear(end)
        reading = self._aligner.look_ahead(self._of(self._aligner.moment, end))
        return Chant(tuple(self._told(said) for said in reading.said[self._known :]), reading.line)

    def _command(self) -> Spoken | None:
        """What the whole utterance asks for, if it is short enough to be heard at once."""
        if len(self._audio) > _WINDOW * _MOMENT_BYTES:
            return None
        samples = _samples(self._audio)
        words = find_words(samples)
        heard = self._mean(around_words(samples, words)).commands if words else {}
        return next((each for each in _COMMANDS if heard.get(each, 0.0) >= COMMAND_AT), None)

    def _hear(self, end: int) -> None:
        """Take what is new, as far as a window reaches."""
        taken = self._aligner.moment
        begin = max(self._first, taken - _CONTEXT)
        is_all = end - begin <= _WINDOW
        until = end if is_all else begin + _WINDOW
        pcm = self._audio[
            (begin - self._first) * _MOMENT_BYTES : None if is_all else (until - self._first) * _MOMENT_BYTES
        ]
        heard = self._listen(_samples(pcm))
        heard = heard[_MARGIN : _MARGIN + until - begin]
        self._sounds = np.concatenate([self._sounds[: begin - self._sounds_from], heard])
        self._aligner.accept(self._of(taken, max(taken, until - _NEW)))
        if not is_all:
            # The rest is heard with the next window.
            self._sounds = self._sounds[: self._aligner.moment - self._sounds_from]

    def _of(self, first: int, end: int) -> np.ndarray:
        """The sounds of these moments of the stream."""
        return self._sounds[max(0, first - self._sounds_from) : max(0, end - self._sounds_from)]

    def _told(self, said: Said) -> ChantedLine:
        begin_ms, end_ms = (said.begin - self._first) * MOMENT_MS, (said.end - self._first) * MOMENT_MS
        return ChantedLine(
            said.line, said.product, self._is_right(said), begin_ms, end_ms, said.other * MOMENT_MS, said.is_whole
        )

    def _is_right(self, said: Said) -> bool | None:
        """By how the sounds of the product fit the right number and all others; in doubt by its meaning as well."""
        key = said.line, said.product, said.product_begin, said.end
        if key not in self._judged:
            self._judged[key] = self._judge(said)
        return self._judged[key]

    def _judge(self, said: Said) -> bool | None:
        sounds = self._of(said.product_begin - _AROUND, said.end + _AROUND)
        fits: dict[int, float] = {}
        likelihoods = log_likelihoods(sounds, [form for _, form in self._ways], _SOMETHING_ELSE)
        for (number, _), fit in zip(self._ways, likelihoods.tolist(), strict=True):
            fits[number] = max(fits.get(number, -np.inf), fit)
        product = self._table * said.line
        right = fits.pop(product)
        number = max(fits, key=fits.__getitem__)
        if said.product == product and right - fits[number] >= _RIGHT:
            return True
        meant = self._meaning_of(said)
        if meant.get(product, 0.0) >= _SURELY:
            return True
        # "Six, ten" are two products of the table of two, rather than "sixes are ten".
        is_meant = said.has_left or said.product % self._table
        others = sum(meant.values()) - meant.get(product, 0.0)
        is_other = right - fits[number] <= _WRONG and others >= _SURELY
        is_hardly_right = meant.get(product, 0.0) <= _HARDLY and not self._is_part(number, product)
        return False if is_meant and is_other and is_hardly_right else None

    def _meaning_of(self, said: Said) -> Mapping[int, float]:
        """How likely the product is each number; nothing where it began before the utterance."""
        begin, end = said.product_begin - _AROUND - self._first, said.end + _BEHIND - self._first
        if begin < 0:
            return {}
        pcm = self._audio[begin * _MOMENT_BYTES : end * _MOMENT_BYTES]
        return self._mean(_samples(pcm)).numbers

    def _is_part(self, number: int, product: int) -> bool:
        """Whether the product begins or ends with the number when it is said: "twenty" of "twenty-four"."""
        parts, wholes = ([tuple(form) for known, form in self._ways if known == each] for each in (number, product))
        return any(whole[: len(part)] == part or whole[-len(part) :] == part for part in parts for whole in wholes)


def _samples(pcm: bytearray) -> np.ndarray:
    # A copy: audio that an array looks at cannot grow.
    return np.frombuffer(bytes(pcm), "<i2", len(pcm) // SAMPLE_BYTES).astype(np.float32) / 32768
