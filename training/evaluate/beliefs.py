"""What the live path believed of recorded utterances, kept in a file: settings are then tried on it in seconds."""

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
# All that an utterance passes before it is judged. Where any of it changes, the utterances are heard anew.
_PATH = ("audio", "asr", "understanding", "dialogue", "live")
NO_NUMBER = -1
STRANGERS = 300


@dataclass(frozen=True)
class Beliefs:
    """One row for each utterance as the answer to one question."""

    said: np.ndarray
    """The number; NO_NUMBER where it is none."""
    asked: np.ndarray
    """The right answer."""
    numbers: np.ndarray
    """Probabilities, shape (rows, LARGEST_NUMBER + 1); all 0 where the ear did not open."""
    none: np.ndarray
    """Probability of "none of these"."""
    is_command: np.ndarray
    is_beginning: np.ndarray
    """Whether the number may be the beginning of the right one."""

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
        """Whether the likeliest number is the one that was said."""
        return (self.numbers.argmax(axis=1) == self.said) & self.numbers.any(axis=1)


Utterance = tuple[np.ndarray, int, Sequence[int]]
"""Samples (int16), the number that they say, and the answers of the questions that they answer."""


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
    """What the dialogue was told; None where the ear did not open."""
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
    """Each clip of a folder as the answer to its own question and to its likely ones."""
    return [(read_wav(path), number, (number, *likely_questions(number))) for number, path in labelled_clips(folder)]


def of_talk(clips: Iterable[np.ndarray], seed: int) -> list[Utterance]:
    """Each clip (int16), which says no number, after a question drawn by lot."""
    rng = np.random.default_rng(seed)
    return [(samples, NO_NUMBER, (usual_answer(rng),)) for samples in clips]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", help="people's answers and their language, such as recordings/marathi:mr")
    parser.add_argument("--talk", type=Path, required=True, help="folder of words of people that are no numbers")
    parser.add_argument("--model", type=Path, default=MODEL, help="another numbers network (.onnx)")


@dataclass(frozen=True)
class Sets:
    """Beliefs by the name of their set, which is heard in one language."""

    answers: Mapping[str, Beliefs]
    talk: Mapping[str, Beliefs]
    language: Mapping[str, str]


def of_arguments(options: argparse.Namespace) -> Sets:
    """Talk is heard in the drills of every language."""
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
    """Drawn by lot; none where they are not installed."""
    spoken = [int16_of(samples) for samples in strangers()]
    return [spoken[which] for which in np.random.default_rng(3).permutation(len(spoken))[:STRANGERS]]


def remembered(utterances: Sequence[Utterance], model: Path, engine: Callable[[], SpeechEngine], code: str) -> Beliefs:
    """What is believed of them in the language, from the file where it was heard before."""
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
