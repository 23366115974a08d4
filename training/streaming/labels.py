"""What the network tells apart: the sounds of all languages, and a label for each word that is a number.

A word is its sounds, then its number: "सात" -> s a t 7. The last label is given when all of the word has been heard,
and tells apart what a slip of one sound would confuse.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from server.asr.numbers.vocabulary import LANGUAGES
from server.languages import Language, load_language
from server.understanding.lexicon import Phrase
from server.understanding.text import words_of

from ..espeak import Espeak
from ..sounds import sounds_of
from ..words import LEADS, TAILS, YES, others

BLANK = 0


@dataclass(frozen=True)
class Labels:
    """`names`: of all labels; that of the blank is empty. `words`: by language, the labels of each folded word."""

    names: tuple[str, ...]
    words: dict[str, dict[Phrase, tuple[int, ...]]]

    def spelt(self, language: str, text: str) -> tuple[int, ...] | None:
        """The labels of a phrase, None where one of its words is not known."""
        labels: tuple[int, ...] = ()
        for word in text.split():
            spelt = self.words[language].get(words_of(word))
            if spelt is None:
                return None
            labels += spelt
        return labels

    def is_sound(self, label: int) -> bool:
        return label != BLANK and not self.names[label][-1].isdigit()


def labels() -> Labels:
    """The labels of everything in the language files and word lists."""
    espeak = Espeak()
    names = {code: _names(load_language(code), espeak) for code in LANGUAGES}
    everything = sorted({name for words in names.values() for spelt in words.values() for name in spelt})
    numbers = {name: at for at, name in enumerate(everything, BLANK + 1)}
    return Labels(
        ("", *everything),
        {
            code: {word: tuple(numbers[name] for name in spelt) for word, spelt in words.items()}
            for code, words in names.items()
        },
    )


def vocabulary(language: Language) -> dict[str, str]:
    """The words that are understood in a drill, with the language that each is of: numbers may be English ones."""
    words = {word.casefold() for phrase in language.grammar for word in phrase.split()}
    return {word: "en" if word.isascii() else language.code for word in sorted(words)}


def _names(language: Language, espeak: Espeak) -> dict[Phrase, list[str]]:
    code = language.code
    own = {word for word, spoken_in in vocabulary(language).items() if spoken_in == code}
    own |= _split([*others(code), *YES[code], *LEADS[code], *TAILS[code]])
    own |= _split(form for number in range(101) for form in language.numbers[number])
    return {words_of(word): sounds_of(word, code, espeak) + _number(word, language) for word in sorted(own)}


def _split(texts: Iterable[str]) -> set[str]:
    return {word.casefold() for text in texts for word in text.split()}


def _number(word: str, language: Language) -> list[str]:
    number = language.lexicon.numbers.get(words_of(word))
    return [] if number is None else [f"{language.code}{number}"]
