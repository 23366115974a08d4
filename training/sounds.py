"""The sounds of the corpus's phrases, as labels for the training."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from server.asr.numbers.rescoring import NUMBER, Word
from server.asr.numbers.vocabulary import LANGUAGES
from server.languages import Language, load_language
from server.understanding.lexicon import Spoken
from server.understanding.text import words_of

from .espeak import Espeak
from .ipa import to_ipa
from .phrases import ways_to_say
from .words import others

# The meanings of phrases other than numbers. Fillers mean nothing.
_MEANINGS = tuple(meaning for meaning in Spoken if meaning is not Spoken.FILLER)
_SOUND = re.compile("(əɪ|əʊ|[^ˈˌː \u0303ʰ.,?!-])(ʰ?)")


def sounds_of(text: str, language: str, espeak: Espeak) -> list[str]:
    """Return sounds without length and stress; English ones are marked: "सात" -> s a t, "seven" -> Es Eɛ Ev Eə En."""
    if language == "en":
        return [f"E{sound}" for sound in _spelt(espeak.ipa(text, "en-us").replace("_", ""))]
    return _spelt(to_ipa(text, language))


def _spelt(ipa: str) -> list[str]:
    sounds = ["".join(found) for found in _SOUND.findall(ipa)]
    # A doubled consonant is one held sound.
    return [sound for at, sound in enumerate(sounds) if not at or sound != sounds[at - 1]]


class Alphabet:
    """Numbers sounds: those given, or all of the language files and word lists. 0 is CTC's blank.

    A network keeps the sounds that it started with, whatever words the files get later.
    """

    def __init__(self, sounds: Sequence[str] = ()) -> None:
        self._espeak = Espeak()
        self._known: dict[tuple[str, str], list[int]] = {}
        self.sounds = list(sounds) or sorted(
            {sound for code in LANGUAGES for text in _words(code) for sound in sounds_of(text, code, self._espeak)}
        )
        self._numbers = {sound: at for at, sound in enumerate(self.sounds, 1)}
        self.size = len(self.sounds) + 1

    def labels(self, language: str, texts: Iterable[str]) -> list[int]:
        return [label for text in texts for label in self._labels(language, text)]

    def spellings(self, forms: Iterable[str], language: str) -> list[list[int]]:
        """Return the labels of each form, once if several sound alike."""
        alike = dict.fromkeys(tuple(self._labels(language, form)) for form in forms)
        return [list(labels) for labels in alike if labels]

    def _labels(self, language: str, text: str) -> list[int]:
        key = language, text
        if key not in self._known:
            spelt = sounds_of(text, language, self._espeak)
            self._known[key] = [self._numbers[sound] for sound in spelt if sound in self._numbers]
        return self._known[key]


def spellings(alphabet: Alphabet) -> dict[str, dict[Word, list[list[int]]]]:
    """Return the sounds of the numbers and commands, for the server's rescoring."""
    return {code: _spellings(alphabet, load_language(code)) for code in LANGUAGES}


def _spellings(alphabet: Alphabet, language: Language) -> dict[Word, list[list[int]]]:
    def spelt(texts: Iterable[str]) -> list[list[int]]:
        return alphabet.spellings(texts, language.code)

    numbers: dict[Word, list[list[int]]] = {number: spelt(forms) for number, forms in language.numbers.items()}
    meanings: dict[Word, list[list[int]]] = {meaning: spelt(ways_to_say(language, meaning)) for meaning in _MEANINGS}
    around = product(spelt(language.appeal_before), spelt(language.appeal_behind))
    meanings[Spoken.APPEAL] += [[*before, NUMBER, *behind] for before, behind in around]
    return {**numbers, **meanings}


def _words(code: str) -> Iterator[str]:
    language = load_language(code)
    for number in range(101):
        yield from language.numbers[number]
    yield from (text for text in language.grammar if words_of(text) in language.lexicon.phrases)
    for chant in (language.chant_left, language.chant_right):
        for forms in chant.values():
            yield from forms
    yield from others(code)
