"""Languages: one TOML file each, checked on loading. It holds all that is spoken, heard or shown."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..drill.facts import EVERY_FACT, LARGEST_ANSWER, LINES, MULTIPLIERS, TABLES
from ..understanding.lexicon import Lexicon, Phrase, Spoken
from ..understanding.text import words_of
from .number_words import HUNDREDS, Forms, by_number, joining_words, listed_numbers, named, with_hundreds

FOLDER = Path(__file__).parent
# The numbers with a recorded clip in each voice: scores to 100, and every answer.
SPOKEN_NUMBERS = sorted({*range(101), *(fact.answer for fact in EVERY_FACT)})
# In a drill whose answers are all this small, "two" is complete: no "two hundred" needs to be waited for.
SMALL_ANSWER = 100
# Tables to 10 have a clip for each fact, spoken in one breath. Larger ones are joined from parts.
IN_ONE_BREATH = range(1, LINES + 1)
PROMPTS = frozenset(
    "invitation greeting praise correction reprompt keypad hint lesson skipped misheard resumed sleep score stronger "
    "goodbye".split()
)
# The least number of wordings of a prompt that would grow tiresome with one.
WORDINGS = {"praise": 5, "correction": 2, "reprompt": 2}
# The sections of a file whose texts are shown.
SHOWN = ("ui", "errors", "pictures", "network", "teacher")


class LanguageError(ValueError):
    """A language file is missing, unreadable or incomplete. The message names the file and says what to fix."""


@dataclass(frozen=True)
class Language:
    """One language, as its file describes it."""

    code: str
    """ISO 639-1, such as "mr"; also the file's name."""
    name: str
    """Its name in itself."""
    digits: str
    """Script of the digits on the screen: "latn" or "deva"."""
    voice: str
    """The voice pack that speaks by default."""
    numbers: Forms
    """The ways to say each number; the first is spoken."""
    chant_left: Forms
    """The ways to chant a left operand."""
    chant_right: Forms
    """The ways to chant a right operand."""
    linking: tuple[str, ...]
    """The words that may stand behind an operand: "times", "are"."""
    question_form: str
    """The question, with `{left}` and `{right}`."""
    fact_form: str
    """The whole fact, with `{answer}` too."""
    facts: Mapping[str, str]
    """Lines that are chanted instead of `fact_form`, by "2-1"."""
    prompts: Mapping[str, tuple[str, ...]]
    """The wordings of each prompt."""
    ui: Mapping[str, str]
    """Texts of the page."""
    errors: Mapping[str, str]
    """A text for each error code."""
    pictures: Mapping[str, str]
    """Names of the learners' pictures."""
    teacher: Mapping[str, str]
    """Texts of the teacher's pages."""
    network: Mapping[str, str]
    """Texts of the guide that prepares a tablet for HTTPS."""
    lexicon: Lexicon
    """What is understood in a drill with any answers."""
    small_lexicon: Lexicon
    """What is understood in a drill with answers to 100."""
    appeal_before: tuple[str, ...]
    """The lexicon's `appeal_before`, as the file spells it."""
    appeal_behind: tuple[str, ...]
    """The lexicon's `appeal_behind`, as the file spells it."""
    grammar: tuple[str, ...]
    """The lexicon's phrases as the language files spell them, for recognisers with a vocabulary of their own."""

    def answering(self, largest: int) -> "Language":
        """Return this language for a drill whose answers go up to `largest`."""
        return replace(self, lexicon=self.small_lexicon) if largest <= SMALL_ANSWER else self

    def clip_texts(self) -> dict[str, str]:
        """Return every clip that the dialogue can name, with its text."""
        texts = {f"number-{number}": self.numbers[number][0] for number in SPOKEN_NUMBERS}
        for left in IN_ONE_BREATH:
            for right in IN_ONE_BREATH:
                operands = {"left": self.chant_left[left][0], "right": self.chant_right[right][0]}
                answer = self.numbers[left * right][0]
                texts[f"question-{left}-{right}"] = _sentence(self.question_form.format(**operands))
                line = self.facts.get(f"{left}-{right}") or self.fact_form.format(**operands, answer=answer)
                texts[f"fact-{left}-{right}"] = _sentence(line)
        for left in TABLES:
            if self.chant_left[left][0] != self.numbers[left][0]:
                texts[f"left-{left}"] = self.chant_left[left][0]
        for right in MULTIPLIERS:
            spoken = self.chant_right[right][0]
            texts[f"asked-{right}"] = f"{spoken}?"
            # "Threes are": the fact is "seventeen threes are fifty-one".
            texts[f"right-{right}"] = self.fact_form.format(left="", right=spoken, answer="").strip(" .।")
        for prompt, wordings in self.prompts.items():
            texts |= {f"{prompt}-{number}": text for number, text in enumerate(wordings, 1)}
        return texts


def available(folder: Path = FOLDER) -> list[str]:
    """Return the codes of the languages that have a file in `folder`."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_language(code: str, folder: Path = FOLDER) -> Language:
    """Read and check `<code>.toml`. Raises LanguageError, which lists all faults."""
    source = _read(code, folder)
    complaints: list[str] = []
    try:
        language = _build(code, source, folder, complaints)
    except KeyError as missing:
        raise LanguageError(f"{code}.toml lacks {missing}") from None
    complaints += _gaps(source, language)
    if complaints:
        raise LanguageError(f"{code}.toml: " + "; ".join(complaints))
    return language


def _read(code: str, folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / f"{code}.toml").read_text("utf-8"))
    except FileNotFoundError:
        raise LanguageError(f"no language file {code}.toml in {folder}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LanguageError(f"{code}.toml cannot be read: {error}") from None


@cache
def _shown_texts() -> dict[tuple[str, str], str]:
    """Return the section and key of each text shown in any of our languages, with the file that has it."""
    return {
        (section, key): f"{code}.toml"
        for code, source in [(code, _read(code, FOLDER)) for code in available()]
        for section in SHOWN
        for key in source.get(section, ())
    }


def _build(code: str, source: dict[str, Any], folder: Path, complaints: list[str]) -> Language:
    sources = [source, *(_read(other, folder) for other in source["also"])]
    vocabularies = [listed_numbers(each) for each in sources]
    complaints += _clashes(vocabularies[0])
    understood = [with_hundreds(numbers, each) for numbers, each in zip(vocabularies, sources, strict=True)]
    tables, around = source["tables"], source["appeal_around"]
    chant_left = by_number(tables["left"], {table: understood[0].get(table, ()) for table in TABLES})
    chant_right = by_number(tables["right"], {right: understood[0].get(right, ()) for right in MULTIPLIERS})
    lexicon = Lexicon(
        numbers=_number_phrases(understood),
        largest_answer=LARGEST_ANSWER,
        own_numbers=_number_phrases(understood[:1]),
        phrases=_spoken_phrases(source["commands"], complaints),
        left=_chanted(chant_left, understood[0]),
        right=_chanted(chant_right, understood[0]),
        linking=frozenset(words_of(text) for text in tables["linking"]),
        appeal_before=frozenset(words_of(text) for text in around["before"]),
        appeal_behind=frozenset(words_of(text) for text in around["behind"]),
    )
    return Language(
        code=code,
        name=source["name"],
        digits=source["digits"],
        voice=source["voice"],
        numbers=understood[0],
        chant_left=chant_left,
        chant_right=chant_right,
        linking=tuple(tables["linking"]),
        question_form=tables["question"],
        fact_form=tables["fact"],
        facts=tables.get("facts", {}),
        prompts={prompt: tuple(texts) for prompt, texts in source["prompts"].items()},
        ui=source["ui"],
        errors=source["errors"],
        pictures=source["pictures"],
        teacher=source["teacher"],
        network=source["network"],
        appeal_before=tuple(around["before"]),
        appeal_behind=tuple(around["behind"]),
        lexicon=lexicon,
        small_lexicon=replace(lexicon, largest_answer=SMALL_ANSWER),
        grammar=tuple(
            sorted(
                {
                    *(form for numbers in vocabularies for _, form in named(numbers)),
                    *(word for each in sources for word in joining_words(each)),
                    *tables["linking"],
                    *(text for texts in around.values() for text in texts),
                    *(text for texts in source["commands"].values() for text in texts),
                    *(form for chant in (chant_left, chant_right) for forms in chant.values() for form in forms),
                }
            )
        ),
    )


def _number_phrases(vocabularies: Iterable[Forms]) -> dict[Phrase, int]:
    """Return the number that each phrase means. If two languages share a phrase, the first wins."""
    phrases: dict[Phrase, int] = {}
    for numbers in vocabularies:
        for number, form in named(numbers):
            phrases.setdefault(words_of(form), number)
    return phrases


def _clashes(numbers: Forms) -> Iterator[str]:
    """Yield complaints about words that the language itself gives to two numbers."""
    taken = _number_phrases([numbers])
    for number, form in named(numbers):
        if taken[words_of(form)] != number:
            yield f"{form!r} names both {taken[words_of(form)]} and {number}"


def _spoken_phrases(commands: dict[str, Any], complaints: list[str]) -> dict[Phrase, Spoken]:
    unknown = set(commands) - set(Spoken)
    if unknown:
        complaints.append(f"unknown commands {sorted(unknown)}")
    return {words_of(text): Spoken(name) for name, texts in commands.items() if name not in unknown for text in texts}


def _chanted(chant: Forms, numbers: Forms) -> dict[int, frozenset[Phrase]]:
    """Return how an operand may be echoed: as it is chanted, or as the plain number."""
    return {
        operand: frozenset(words_of(form) for form in forms + numbers.get(operand, ()))
        for operand, forms in chant.items()
    }


def _gaps(source: dict[str, Any], language: Language) -> list[str]:
    """Return what is missing from a language that loaded."""
    composition = source["composition"]
    gaps = [f"[numbers] lacks {number}" for number in range(100) if not language.numbers.get(number)]
    gaps += [f"[composition.hundreds] lacks {n}" for n in HUNDREDS if not composition["hundreds"].get(str(n))]
    gaps += [] if composition["hundreds_then"] else ["[composition] hundreds_then needs a form"]
    for side in ("left", "right"):
        gaps += [f"[tables.{side}] lacks {n}" for n in IN_ONE_BREATH if not source["tables"][side].get(str(n))]
    known = {f"{left}-{right}" for left in IN_ONE_BREATH for right in IN_ONE_BREATH}
    gaps += [f"[tables.facts] does not know {line}" for line in sorted(set(language.facts) - known)]
    gaps += [f"[commands] lacks {name}" for name in Spoken if not source["commands"].get(name)]
    if bool(language.appeal_before) != bool(language.appeal_behind):
        gaps.append("[appeal_around] needs both before and behind, or neither")
    gaps += [f"[prompts] lacks {prompt}" for prompt in sorted(PROMPTS - set(language.prompts))]
    gaps += [f"[prompts] does not know {prompt}" for prompt in sorted(set(language.prompts) - PROMPTS)]
    gaps += [
        f"[prompts] {prompt} needs {WORDINGS.get(prompt, 1)} wordings"
        for prompt, texts in language.prompts.items()
        if len(texts) < WORDINGS.get(prompt, 1)
    ]
    gaps += [
        f"[{section}] lacks {key}, which {file} has"
        for (section, key), file in _shown_texts().items()
        if key not in source[section]
    ]
    if language.digits not in ("latn", "deva"):
        gaps.append(f'digits must be "latn" or "deva", not {language.digits!r}')
    return gaps


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
