"""Fold the words of a recogniser or a language file to one form that can be compared."""

import re
import unicodedata

_JOINERS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff"))
# The dot (nukta), candrabindu and anusvara differ between writers, but never distinguish two numbers.
_DEVANAGARI_FOLD = {ord("\u093c"): None, ord("\u0901"): "\u0902", ord("’"): "'"}
_WORD = re.compile(r"[\w\u0900-\u097f]+(?:'\w+)?|\[unk\]")


def words_of(text: str) -> tuple[str, ...]:
    """Split `text` into comparable words: case folded, hyphens and punctuation dropped, Devanagari spellings unified.

    >>> words_of("Fifty-SIX!")
    ('fifty', 'six')
    """
    folded = unicodedata.normalize("NFD", text.casefold()).translate(_JOINERS | _DEVANAGARI_FOLD)
    return tuple(_WORD.findall(unicodedata.normalize("NFC", folded.replace("।", " "))))


def digits_value(word: str) -> int | None:
    """Return the number that a word of at most four decimal digits writes, in any script; else None."""
    return int(word) if word.isdecimal() and len(word) <= 4 else None
