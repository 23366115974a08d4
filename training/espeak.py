"""The formant voices of espeak-ng (wheel `espeakng-loader`): plain speech with every sound of the Indian languages."""

import ctypes
from typing import Any

import espeakng_loader
import numpy as np

# Kokoro's symbols -> espeak's own for its Hindi and Marathi voices; longer ones first.
MNEMONICS = {
    "ʧʰ": "c#",
    "ʤʰ": "J#",
    "ʈʰ": "t.#",
    "ɖʰ": "d.#",
    "tʰ": "t#",
    "dʰ": "d#",
    "pʰ": "p#",
    "bʰ": "b#",
    "kʰ": "k#",
    "ɡʰ": "g#",
    "ɽʰ": "r.h",
    "ʣʰ": "dzh",
    "əɪ": "aI",
    "əʊ": "aU",
    "aː": "a:",
    "iː": "i:",
    "uː": "u:",
    "eː": "e:",
    "ɛː": "E:",
    "oː": "o:",
    "ɔː": "O:",
    "ʧ": "c",
    "ʤ": "J",
    "ʦ": "ts",
    "ʣ": "dz",
    "ʈ": "t.",
    "ɖ": "d.",
    "ɳ": "n.",
    "ɭ": "l.",
    "ɽ": "r.",
    "ɾ": "r",
    "ʋ": "v",
    "ʃ": "S",
    "ʂ": "s.",
    "ŋ": "N",
    "ɲ": "n^",
    "ɡ": "g",
    "ə": "@",
    "ʌ": "V",
    "ɪ": "I",
    "ʊ": "U",
    "ɛ": "E",
    "ɔ": "O",
    "ˈ": "'",
    "\u0303": "~",
    "ː": ":",
}
_RATE_PARAMETER, _PITCH_PARAMETER = 1, 3
_UTF8, _PHONEMES = 1, 0x100
_IPA = 0x02
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The synthesiser. All instances of a process share the library's global state. Not thread-safe."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.rate_hz = self._library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
        if self.rate_hz <= 0:
            raise RuntimeError("espeak-ng cannot find its data")
        # Without this, the time of day seeds it.
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))

    def ipa(self, text: str, voice: str) -> str:
        """Return espeak's pronunciation of `text` in plain IPA."""
        self._choose(voice)
        rest = ctypes.c_char_p(text.encode())
        parts = []
        while rest.value:
            parts.append(self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA).decode())
        return " ".join(parts)

    def speak(self, text: str, voice: str, words_per_minute: int, pitch: int) -> np.ndarray:
        """Speak at `rate_hz`, -1..1. `voice` is like "en-gb+f3"; `pitch` 0..99. `[[...]]` in the text is mnemonics."""
        self._choose(voice)
        self._library.espeak_SetParameter(_RATE_PARAMETER, words_per_minute, 0)
        self._library.espeak_SetParameter(_PITCH_PARAMETER, pitch, 0)
        spoken: list[np.ndarray] = [np.zeros(0, np.float32)]

        @_CALLBACK  # type: ignore[untyped-decorator]
        def take(samples: Any, count: int, _: object) -> int:
            if samples and count > 0:
                spoken.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / 32768)
            return 0

        # Set at each call: the library keeps only the address of its one callback.
        self._library.espeak_SetSynthCallback(take)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8 | _PHONEMES, None, None)
        return np.concatenate(spoken)

    def _choose(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise ValueError(f"espeak-ng has no voice {voice!r}")


def mnemonics(phonemes: str) -> str:
    """Kokoro's symbols as espeak text, for the voices hi and mr."""
    spelt, position = "", 0
    while position < len(phonemes):
        symbol = phonemes[position : position + 2]
        if symbol not in MNEMONICS:
            symbol = phonemes[position]
        spelt += MNEMONICS.get(symbol, symbol)
        position += len(symbol)
    return f"[[{spelt}]]"
