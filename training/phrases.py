"""The phrases that the corpus's speakers say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from server.languages import Language
from server.understanding.lexicon import Spoken
from server.understanding.parse import parse_answer
from server.understanding.text import words_of

from .words import EVERYDAY, LEADS, TAILS, YES, blended, others

LINKING = {
    "en": ("are", "is", "equals", "makes", ""),
    "hi": ("", "", "बराबर", "होता है", "होते हैं"),
    "mr": ("", "", "बरोबर", "म्हणजे", "होतात"),
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing to say."""

    language: str
    text: str
    says: str
    """Digits, a command's name, "appeal", "lead" (before an answer), "tail" (after one) or "other"."""


def phrases(language: Language, rng: np.random.Generator, count: int, numbers_share: float) -> list[Phrase]:
    """Return one speaker's phrases: a share of numbers up to 100, and everything else at random."""
    spoken = [_number(language, int(rng.integers(101)), rng) for _ in range(round(count * numbers_share))]
    while len(spoken) < count:
        spoken.append(_something_else(language, rng))
    return [spoken[at] for at in rng.permutation(len(spoken))]


def orders(language: Language, rng: np.random.Generator, count: int) -> list[Phrase]:
    """Return the phrases of a speaker who commands, objects or begins a fact, and names no product."""
    kinds = rng.choice(4, count, p=[0.5, 0.15, 0.2, 0.15])
    return [(_command, _appeal, _yes_or_no, _beginning)[kind](language, rng) for kind in kinds]


def hundreds(language: Language, rng: np.random.Generator) -> list[Phrase]:
    """Return one speaker's parts of numbers above 100, to be joined in views; an objection; a few small numbers."""
    full = [_number(language, hundred, rng) for hundred in (100, 200, 300, 400)]
    # "Two hundred and seven" and "two hundred and seventy" are the hardest to tell apart.
    after = [int(rng.integers(1, 13)), 10 * int(rng.integers(1, 10)), *rng.integers(1, 100, 3)]
    above = [_number(language, 100 * int(rng.integers(1, 4)) + int(number), rng) for number in after]
    small = [_number(language, int(rng.integers(101)), rng) for _ in range(3)]
    spoken = [*full, *above, *small, _appeal(language, rng)]
    return [spoken[at] for at in rng.permutation(len(spoken))]


def chatter(language: Language, rng: np.random.Generator, count: int) -> list[Phrase]:
    """Return the phrases of a speaker who does not answer: everyday words, and invented ones."""
    everyday = EVERYDAY[language.code].split()
    numbers = {word for number in range(101) for form in language.numbers[number] for word in form.split()}
    spoken: list[Phrase] = []
    while len(spoken) < count:
        one, other = _one_of(everyday, rng), _one_of(everyday, rng)
        text = (one, f"{one} {other}", blended(one, other))[int(rng.choice(3, p=[0.35, 0.15, 0.5]))]
        means = parse_answer(words_of(text), language.lexicon)
        # A word that is written like a number may sound like one.
        near = any(get_close_matches(word, numbers, 1, 0.7) for word in text.split())
        if (means.number, means.command) == (None, None) and not near:
            spoken.append(Phrase(language.code, text, "other"))
    return spoken


def _something_else(language: Language, rng: np.random.Generator) -> Phrase:
    code = language.code
    left, right = _factors(rng)
    linking = _linking(language, left, right, rng)
    match int(rng.choice(9, p=[0.32, 0.13, 0.06, 0.05, 0.08, 0.07, 0.03, 0.22, 0.04])):
        case 0:
            return _number(language, int(rng.integers(101, 401)), rng)
        case 1:
            return _command(language, rng)
        case 2:
            return _appeal(language, rng)
        case 3:
            return _yes_or_no(language, rng)
        case 4:
            return Phrase(code, linking, "lead")
        case 5:
            return Phrase(code, f"{linking} {language.numbers[left * right][0]}", str(left * right))
        case 6:
            return Phrase(code, _one_of(tuple(TAILS[code]), rng), "tail")
        case 7:
            return Phrase(code, _one_of(tuple(others(code)), rng), "other")
        case _:
            return Phrase(code, _one_of(tuple(LEADS[code]), rng), "lead")


def _factors(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(1, 11)), int(rng.integers(1, 11))


def _linking(language: Language, left: int, right: int, rng: np.random.Generator) -> str:
    chant = f"{_one_of(language.chant_left[left], rng)} {_one_of(language.chant_right[right], rng)}"
    return f"{chant} {_one_of(LINKING[language.code], rng)}".strip()


def _beginning(language: Language, rng: np.random.Generator) -> Phrase:
    """ "Seven eights are", before the answer."""
    return Phrase(language.code, _linking(language, *_factors(rng), rng), "lead")


def _command(language: Language, rng: np.random.Generator) -> Phrase:
    command = _one_of(("repeat", "skip", "stop", "start"), rng)
    return Phrase(language.code, _one_of(tuple(ways_to_say(language, Spoken(command))), rng), command)


def _appeal(language: Language, rng: np.random.Generator) -> Phrase:
    return Phrase(language.code, _one_of(tuple(ways_to_say(language, Spoken.APPEAL)), rng), "appeal")


def _yes_or_no(language: Language, rng: np.random.Generator) -> Phrase:
    yes = rng.random() < 0.4
    words = YES[language.code] if yes else ways_to_say(language, Spoken.CORRECTION)
    return Phrase(language.code, _one_of(tuple(words), rng), "yes" if yes else "no")


def _number(language: Language, number: int, rng: np.random.Generator) -> Phrase:
    """Return the number mostly in its first form, sometimes in another."""
    forms = language.numbers[number]
    form = forms[0] if rng.random() < 0.75 else _one_of(forms, rng)
    return Phrase(language.code, form, str(number))


def ways_to_say(language: Language, meaning: Spoken) -> list[str]:
    """Return the spellings of the language file: the lexicon has lost the dots that tell ड़ from ड."""
    return [text for text in language.grammar if language.lexicon.phrases.get(words_of(text)) is meaning]


def _one_of(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
