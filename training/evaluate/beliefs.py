"""The live path's beliefs about recorded utterances, kept in files: settings can be tried on them at once."""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from bench.wav import read_wav
from server.asr.base import SpeechEngine
from server.asr.numbers.engine import MODEL
from server.asr.numbers.vocabulary import LARGEST_NUMBER
from server.languages import Language, load_language
from server.settings import PACKAGE
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from ..live import ROOMS, RememberingEngine, ask
from . import talk
from .outcomes import int16_of, labelled_clips, likely_questions, usual_answer
from .strangers import strangers

FOLDER = Path(__file__).parents[1] / "build" / "beliefs"
# The packages that an utterance passes before it is judged. After any change in them it is heard anew.
_PATH = ("audio", "asr", "understanding", "dialogue", "live")
NO_NUMBER = -1
STRANGERS = 300


@dataclass(frozen=True)
class Beliefs:
    """A row for each pair of an utterance and a question."""

    said: np.ndarray
    """The spoken number, or NO_NUMBER."""
    asked: np.ndarray
    """The right answer."""
    numbers: np.ndarray
    """Probabilities, shape (rows, LARGEST_NUMBER + 1); all 0 if the detector did not open."""
    none: np.ndarray
    """Probability of "none of these"."""
    is_command: np.ndarray
    is_beginning: np.ndarray
    """Whether the right answer may begin with the number."""

    def __len__(self) -> int:
        return len(self.said)

    def __getitem__(self, rows: np.ndarray) -> "Beliefs":
        return Beliefs(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def is_right(self) -> np.ndarray:
        return self.said == self.asked

    @property
    def is_wrong(self) -> np.ndarray:
        return (self.said != self.asked) & (self.said != NO_NUMBER)

    @property
    def is_heard(self) -> np.ndarray:
        """Whether the likeliest number is the spoken one."""
        return (self.numbers.argmax(axis=1) == self.said) & self.numbers.any(axis=1)


Utterance = tuple[np.ndarray, int, Sequence[int]]
"""Samples (int16), the number that they say, and the right answers of the questions before them."""


def joined(beliefs: Iterable[Beliefs]) -> Beliefs:
    return Beliefs(*map(np.concatenate, zip(*(vars(some).values() for some in beliefs), strict=True)))


def believed(utterances: Iterable[Utterance], engine: SpeechEngine, language: Language) -> Beliefs:
    rows = []
    for place, (samples, said, questions) in enumerate(utterances):
        for asked in questions:
            heard = ask(samples, asked, engine, language, ROOMS[place % len(ROOMS)], place).interpretation
            rows.append((said, asked, *_row(heard or Interpretation())))
    return Beliefs(*map(np.array, zip(*rows, strict=True)))


def _row(heard: Interpretation) -> tuple[np.ndarray, float, bool, bool]:
    numbers = np.zeros(LARGEST_NUMBER + 1, np.float32)
    numbers[list(heard.numbers)] = list(heard.numbers.values())
    return numbers, heard.none, heard.command is not None, heard.beginning is not None


def interpretation(beliefs: Beliefs, row: int) -> Interpretation | None:
    """Return what the dialogue was told; None if the detector did not open."""
    numbers = {number: p for number, p in enumerate(beliefs.numbers[row].tolist()) if p}
    if not numbers and not beliefs.is_command[row]:
        return None
    return Interpretation(
        numbers,
        Spoken.REPEAT if beliefs.is_command[row] else None,
        beginnings={max(numbers, key=numbers.__getitem__): frozenset()} if beliefs.is_beginning[row] else {},
        none=float(beliefs.none[row]),
    )


def of_people(folder: Path) -> list[Utterance]:
    """Return each clip of a folder as an answer to its own question and to its likely ones."""
    return [(read_wav(path), number, (number, *likely_questions(number))) for number, path in labelled_clips(folder)]


def of_talk(clips: Iterable[np.ndarray], seed: int) -> list[Utterance]:
    """Return each clip (int16, without a number) as an utterance after a random question."""
    rng = np.random.default_rng(seed)
    return [(samples, NO_NUMBER, (usual_answer(rng),)) for samples in clips]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", help="people's answers, such as recordings/marathi:mr")
    parser.add_argument("--talk", type=Path, required=True, help="folder of people's words that are no numbers")
    parser.add_argument("--model", type=Path, default=MODEL, help="another numbers network (.onnx)")


@dataclass(frozen=True)
class Sets:
    """Beliefs and languages by the name of the set."""

    answers: Mapping[str, Beliefs]
    talk: Mapping[str, Beliefs]
    language: Mapping[str, str]


def of_arguments(options: argparse.Namespace) -> Sets:
    """Return the beliefs about the folders and about talk in the drills of every language."""
    load = cache(lambda: RememberingEngine(options.model))

    def heard(name: str, utterances: Sequence[Utterance]) -> Beliefs:
        print(f"{name}: {len(utterances)} utterances", file=sys.stderr, flush=True)
        return remembered(utterances, options.model, load, language[name])

    folders = {Path(folder): code for folder, code in (argument.rsplit(":", 1) for argument in options.folders)}
    words, rng = talk.words(options.talk), np.random.default_rng(1)
    kinds = {
        "words": words,
        "sentences": [talk.sentence(words, rng) for _ in words],
        "babble": [talk.babble(words, rng) for _ in words],
        "strangers": some_strangers(),
    }
    language = {folder.name: code for folder, code in folders.items()}
    answers = {folder.name: heard(folder.name, of_people(folder)) for folder in folders}
    language |= {f"{kind}, {code}": code for kind in kinds for code in dict.fromkeys(folders.values()) if kinds[kind]}
    others = {
        name: heard(name, of_talk(kinds[kind], seed))
        for seed, kind in enumerate(kinds)
        for name in language
        if name.startswith(f"{kind}, ")
    }
    return Sets(answers, others, language)


def some_strangers() -> list[np.ndarray]:
    """Return a random part of the strangers' words; empty if they are not installed."""
    spoken = [int16_of(samples) for samples in strangers()]
    return [spoken[which] for which in np.random.default_rng(3).permutation(len(spoken))[:STRANGERS]]


def remembered(utterances: Sequence[Utterance], model: Path, engine: Callable[[], SpeechEngine], code: str) -> Beliefs:
    """Return the beliefs about the utterances in a language, from a file if they were heard before."""
    key = hashlib.sha256(code.encode() + model.read_bytes())
    for path in sorted(path for part in _PATH for path in (PACKAGE / part).rglob("*.py")):
        key.update(path.read_bytes())
    for samples, said, questions in utterances:
        key.update(samples.tobytes() + repr((said, questions)).encode())
    file = FOLDER / f"{key.hexdigest()[:16]}.npz"
    if not file.is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **vars(believed(utterances, engine(), load_language(code))))
    with np.load(file) as kept:
        return Beliefs(**kept)
