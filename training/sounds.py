"""The sounds of the corpus' phrases, as labels for the training."""

import re
from collections.abc import Iterable

from .corpus import LANGUAGES, Clip
from .espeak import Espeak
from .ipa import to_ipa

_SOUND = re.compile("(əɪ|əʊ|[^ˈˌː \u0303ʰ.,?!-])(ʰ?)")


def sounds_of(text: str, language: str, espeak: Espeak) -> list[str]:
    """Sounds without length and stress, English ones marked as such: "सात" -> s a t, "seven" -> Es Eɛ Ev Eə En."""
    if language == "en":
        return [f"E{sound}" for sound in _spelt(espeak.ipa(text, "en-us").replace("_", ""))]
    return _spelt(to_ipa(text, language))


def _spelt(ipa: str) -> list[str]:
    sounds = ["".join(found) for found in _SOUND.findall(ipa)]
    # A doubled consonant is one that is held.
    return [sound for at, sound in enumerate(sounds) if not at or sound != sounds[at - 1]]


class Alphabet:
    """Numbers the sounds; 0 is CTC's blank."""

    def __init__(self, clips: Iterable[Clip]) -> None:
        espeak = Espeak()
        texts = sorted({(clip.phrase.language, clip.phrase.text) for clip in clips if clip.phrase.language in LANGUAGES})
        spelt = {key: sounds_of(key[1], key[0], espeak) for key in texts}
        numbers = {sound: at for at, sound in enumerate(sorted({s for own in spelt.values() for s in own}), 1)}
        self.size = len(numbers) + 1
        self._spelt = {key: [numbers[sound] for sound in own] for key, own in spelt.items()}

    def labels(self, language: str, texts: Iterable[str]) -> list[int]:
        return [sound for text in texts for sound in self._spelt[language, text]]
