"""The numbers network: a closed-vocabulary recogniser of spoken numbers from 0 to 100. See MODEL_CARD.md."""

from pathlib import Path

import numpy as np
import onnxruntime

from ..speech.belief import Hypothesis, Recogniser
from .errors import EngineError
from .islands import islands_of_speech
from .mel import MELS, log_mel

MODEL = Path(__file__).with_name("numbers.onnx")
# The order of the network's outputs: for each language 0..100 and then "none of these".
LANGUAGES = ("en", "hi", "mr")
NUMBERS = 101
# English numbers are said inside Indian languages, so they are heard as well. Of 300 English digits, Marathi alone
# hears 68 and is confidently wrong about 10, both together hear 297 and none wrong; Marathi answers lose nothing.
HEARD_AS_WELL = {"en": (), "hi": ("en",), "mr": ("en",)}
# The network was trained with smoothed labels and is too modest: its cross-entropy on the development recordings,
# with and without noise, echo and changes of speed, is least between 0.6 and 0.8.
TEMPERATURE = 0.7
_CLASSES = NUMBERS + 1
# Silence before and after the voice, 100 ms each. The full window of the training takes twice the time and hears less:
# 295 of 300 English digits, against 297.
_MARGIN = 1600
# The network halves the frames of 10 ms twice, so that it takes multiples of four of them.
_STEP = 640
# A unit less probable than this cannot matter: the word before it is not looked at.
_WORTH_A_LOOK = 0.02
# 2.56 s, which is all that its position embedding covers.
_WINDOW = 40_960


class NumbersEngine:
    """A `SpeechEngine` of one network that all recognisers share; onnxruntime's `run` is thread-safe.

    Raises EngineError with the code model_missing or model_broken.
    """

    name = "numbers"

    def __init__(self, model_path: Path = MODEL) -> None:
        self._session = _load(Path(model_path))

    def speaks(self, language: str) -> bool:
        return language in LANGUAGES

    def largest_number(self, language: str) -> int:
        return NUMBERS - 1

    def lease(self, language: str) -> "NumbersRecogniser":
        """A recogniser for one turn. They hold nothing worth keeping, so each is new."""
        if not self.speaks(language):
            raise EngineError("language_unknown", f"The numbers network does not speak {language!r}.")
        return NumbersRecogniser(self, language)

    def release(self, language: str, recogniser: Recogniser) -> None:
        """Nothing to take back."""

    def posterior(self, samples: np.ndarray, language: str) -> np.ndarray:
        """Probabilities of 0..100 and of "none", shape (102,), for the last 2.36 s of `samples` (float32, 16 kHz)."""
        mel = log_mel(_padded(samples))
        logits = self._session.run(["cls"], {"mel": mel[np.newaxis]})[0].reshape(len(LANGUAGES), _CLASSES)
        heard = [LANGUAGES.index(code) for code in (language, *HEARD_AS_WELL[language])]
        return _softmax(logits[heard] / TEMPERATURE).sum(axis=0)


class NumbersRecogniser:
    """A `Recogniser`: gathers audio and asks the network about the last words of it."""

    def __init__(self, engine: NumbersEngine, language: str) -> None:
        self._engine = engine
        self._language = language
        self.start()

    def start(self) -> None:
        self._audio = bytearray()
        self._judged = 0
        self._hypothesis = Hypothesis()

    def feed(self, pcm: bytes) -> None:
        self._audio += pcm

    def belief(self) -> Hypothesis:
        """The opinion on all audio so far; costs one run of the network, unless nothing came since the last one."""
        if len(self._audio) > self._judged:
            self._judged = len(self._audio)
            self._hypothesis = self._understand()
        return self._hypothesis

    def finish(self) -> Hypothesis:
        return self.belief()

    def _understand(self) -> Hypothesis:
        samples = np.frombuffer(bytes(self._audio), "<i2").astype(np.float32) / 32768
        islands = islands_of_speech(samples)
        if not islands:
            return Hypothesis()
        posterior = self._engine.posterior(islands[-1], self._language)
        if len(islands) > 1 and posterior[1:10].max() > _WORTH_A_LOOK:
            posterior = _after_tens(self._engine.posterior(islands[-2], self._language), posterior)
        return Hypothesis({number: float(p) for number, p in enumerate(posterior[:NUMBERS])})


def _after_tens(before: np.ndarray, last: np.ndarray) -> np.ndarray:
    """What two words said apart mean: a unit completes 20, 30 .. 90 ("fifty ... six"), else the last counts."""
    tens, units = before[20:NUMBERS - 1:10], last[1:10]
    joined = last.copy()
    joined[1:10] *= 1 - tens.sum()
    for ten, p in zip(range(20, NUMBERS - 1, 10), tens):
        joined[ten + 1:ten + 10] += p * units
    return joined


def _load(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise EngineError("model_missing", f"There is no numbers network at {path}: fetch it, or give its path.")
    options = onnxruntime.SessionOptions()
    # One thread a run: the server runs several at once, and threads that spin would take the cores from each other.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        logits = session.run(["cls"], {"mel": np.zeros((1, MELS, 64), np.float32)})[0]
    except Exception as error:  # onnxruntime raises a dozen kinds, none of which it documents
        raise EngineError("model_broken", f"{path} is damaged or another network, fetch it again: {error}") from error
    if logits.shape != (1, len(LANGUAGES) * _CLASSES):
        raise EngineError("model_broken", f"{path} is another network: its output is {logits.shape}.")
    return session


def _padded(samples: np.ndarray) -> np.ndarray:
    samples = samples[-(_WINDOW - 2 * _MARGIN):]
    size = -(-(len(samples) + 2 * _MARGIN) // _STEP) * _STEP
    window = np.zeros(size, np.float32)
    window[_MARGIN:_MARGIN + len(samples)] = samples
    # As in training. The log-mel has a floor of its own, so that this only matters for very quiet speech.
    return window * (0.7 / max(float(np.abs(window).max()), 1e-6))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()
