"""The numbers network: a recogniser of spoken numbers from 0 to 400 and of a few commands (MODEL_CARD.md)."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime

from ...asr.base import Recogniser
from ...audio.trim import around_words, find_words
from ...understanding.hypothesis import Hypothesis
from ..errors import EngineError
from .chants import Chants, read_chants
from .decoding import decode
from .features import MELS, log_mel
from .follower import NumbersFollower
from .rescoring import read_spellings, rescore
from .sequences import Parts
from .vocabulary import ALSO_ACCEPTED, CLASSES, HUNDREDS, LANGUAGES, LARGEST_NUMBER

MODEL = Path(__file__).with_name("numbers.onnx")
_OUTPUTS = {
    "last": (1, len(LANGUAGES), CLASSES),
    "hundreds": (1, len(LANGUAGES), HUNDREDS),
    "appeal": (1, len(LANGUAGES)),
}
# Silence before and after the voice, 100 ms each.
_MARGIN = 1600
# The network halves the rate of its 10 ms frames twice, so it takes multiples of four frames.
_STEP = 640
# 3.52 s: the length of the position embedding.
_WINDOW = 56_320


class Heard(NamedTuple):
    """The result of one run of the network."""

    meaning: Hypothesis
    """What the network's outputs for numbers and commands say."""
    sounds: np.ndarray
    """Log-probabilities of sounds, shape (moments, sounds)."""


class NumbersEngine:
    """A `SpeechEngine`: one network that all recognisers share. onnxruntime's `run` is thread-safe.

    Raises EngineError with the code model_missing or model_broken.
    """

    name = "numbers"

    def __init__(self, model_path: Path = MODEL) -> None:
        self._session = _load(Path(model_path))
        self._labels = self._session.get_outputs()[-1].shape[-1]
        self._spellings = read_spellings(self._session.get_modelmeta().custom_metadata_map["spellings"])
        self._chants = read_chants()
        self._parts = {code: Parts(spellings) for code, spellings in self._spellings.items()}
        self._wholes = {
            code: Parts(spellings, range(LARGEST_NUMBER + 1)) for code, spellings in self._spellings.items()
        }

    def speaks(self, language: str) -> bool:
        return language in LANGUAGES

    def largest_number(self, language: str) -> int:
        return LARGEST_NUMBER

    def lease(self, language: str) -> "NumbersRecogniser":
        """Return a recogniser for one turn. It holds nothing worth keeping, so each is new."""
        if not self.speaks(language):
            raise EngineError("language_unknown", f"The numbers network does not speak {language!r}.")
        return NumbersRecogniser(self, language)

    def release(self, language: str, recogniser: Recogniser) -> None:
        """Do nothing: recognisers are not pooled."""

    def follower(self, language: str, table: int, lines: Sequence[int]) -> NumbersFollower:
        """What follows a chant of these lines of a table."""
        spellings = [self._spellings[code] for code in (language, *ALSO_ACCEPTED[language])]
        forms = Chants(self._chants[language], spellings).table(table, lines)
        return NumbersFollower(
            lambda samples: self.listen(samples, language).sounds,
            lambda samples: self.hear(samples, language),
            forms,
            self._labels,
        )

    def listen(self, samples: np.ndarray, language: str) -> Heard:
        """Run the network once on the last 3.32 s of `samples` (float32, 16 kHz)."""
        mel = log_mel(_padded(samples))
        last, hundreds, appeal, sounds = self._session.run([*_OUTPUTS, "sounds"], {"mel": mel[np.newaxis]})
        return Heard(decode(last[0], hundreds[0], appeal[0], language), sounds[0])

    def weigh(self, heard: Heard, language: str) -> Hypothesis:
        """Return the meaning, rescored by its sounds. Only for an utterance that has ended.

        In the middle of a number the sounds fit its first part well, because the rest has not been said: first parts
        were 98 % sure and 91 % right.
        """
        codes = (language, *ALSO_ACCEPTED[language])
        spellings, parts = [self._spellings[code] for code in codes], [self._parts[code] for code in codes]
        wholes = [self._wholes[code] for code in codes]
        return rescore(heard.meaning, heard.sounds, spellings, parts, wholes)

    def hear(self, samples: np.ndarray, language: str) -> Hypothesis:
        """Return what `samples` (float32, 16 kHz, a whole utterance) say."""
        return self.weigh(self.listen(samples, language), language)


class NumbersRecogniser:
    """A `Recogniser` that gathers audio and runs the network on all words in it."""

    def __init__(self, engine: NumbersEngine, language: str) -> None:
        self._engine = engine
        self._language = language
        self.start()

    def start(self) -> None:
        self._audio = bytearray()
        self._judged = 0
        self._words: tuple[int, int] | None = None
        self._heard: Heard | None = None

    def feed(self, pcm: bytes) -> None:
        self._audio += pcm

    def partial(self) -> Hypothesis:
        """Return the opinion on all audio so far. Runs the network once, unless no word came since the last run."""
        if len(self._audio) > self._judged:
            self._judged = len(self._audio)
            samples = np.frombuffer(bytes(self._audio), "<i2").astype(np.float32) / 32768
            before, self._words = self._words, find_words(samples)
            if self._words is None:
                self._heard = None
            elif self._words != before:
                self._heard = self._engine.listen(around_words(samples, self._words), self._language)
        return self._heard.meaning if self._heard else Hypothesis()

    def finish(self) -> Hypothesis:
        """Return the opinion on the whole answer, rescored by its sounds."""
        meaning = self.partial()
        return self._engine.weigh(self._heard, self._language) if self._heard else meaning


def _load(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise EngineError("model_missing", f"There is no numbers network at {path}: fetch it, or give its path.")
    options = onnxruntime.SessionOptions()
    # One thread a run: the server runs several at once, and spinning threads would take the cores from each other.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        outputs = session.run(list(_OUTPUTS), {"mel": np.zeros((1, MELS, 64), np.float32)})
    except Exception as error:  # onnxruntime raises a dozen undocumented kinds
        raise EngineError("model_broken", f"{path} is damaged or another network, fetch it again: {error}") from error
    shapes = [output.shape for output in outputs]
    if shapes != list(_OUTPUTS.values()) or "spellings" not in session.get_modelmeta().custom_metadata_map:
        raise EngineError("model_broken", f"{path} is another network: its outputs are {shapes}.")
    return session


def _padded(samples: np.ndarray) -> np.ndarray:
    samples = samples[-(_WINDOW - 2 * _MARGIN) :]
    size = -(-(len(samples) + 2 * _MARGIN) // _STEP) * _STEP
    window = np.zeros(size, np.float32)
    window[_MARGIN : _MARGIN + len(samples)] = samples
    # As in training. The log-mel has a floor of its own, so this matters for very quiet speech only.
    return window * (0.7 / max(float(np.abs(window).max()), 1e-6))
