"""Measure how many objections around a number are understood ("मैंने छप्पन कहा था").

`python -m training.evaluate objections [--model M] [--count N]`

Held-out voices say them. The network was taught none of them.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from server.asr.numbers.engine import MODEL, NumbersEngine
from server.asr.numbers.vocabulary import LANGUAGES
from server.languages import Language, load_language
from server.understanding.lexicon import Spoken

from ..live import ask
from ..phrases import Phrase
from ..speakers import Synthesisers
from .outcomes import int16_of, usual_answer

# Objections of each voice.
_EACH = 4


def objections(language: Language, voices: Synthesisers, count: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield `count` objections, each with its number."""
    rng = np.random.default_rng(12)
    for _ in range(count // _EACH):
        said = []
        for number in rng.integers(1, 101, _EACH):
            before, behind = rng.choice(language.appeal_before), rng.choice(language.appeal_behind)
            said.append(Phrase(language.code, f"{before} {language.numbers[int(number)][0]} {behind}", str(number)))
        speak = voices.by_kokoro if rng.random() < 0.7 else voices.by_espeak
        yield from ((int(phrase.says), samples) for phrase, samples in speak(said, rng, held_out=True))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate objections", description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--count", type=int, default=80)
    options = parser.parse_args(arguments)
    engine, voices = NumbersEngine(options.model), Synthesisers()
    for language in map(load_language, LANGUAGES):
        if not language.appeal_before:
            continue
        understood = right = 0
        spoken = list(tqdm(objections(language, voices, options.count), total=options.count, desc=language.code))
        rng = np.random.default_rng(0)
        for number, samples in spoken:
            interpretation = ask(
                int16_of(samples / np.abs(samples).max()), usual_answer(rng), engine, language
            ).interpretation
            if interpretation and interpretation.command is Spoken.APPEAL:
                understood += 1
                right += interpretation.best[0] == number
        told = f"of {len(spoken)} objections {understood} are understood, {right} with their number"
        print(f"{language.code}: {told}", flush=True)
