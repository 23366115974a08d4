"""Measure the recogniser on five people who recorded Asterisk's prompts: `python -m training.evaluate strangers`.

Debian has the recordings (apt-get install asterisk-core-sounds-{en,es,fr,it,ru}-wav; CC BY-SA 3.0), of telephone
quality. They are never trained on. The English speaker says 0 to 20, the tens and "hundred"; other numbers are joined
here. The rest are words, letters and numbers that no learner would answer with.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.wav import read_wav
from server.asr.numbers.engine import MODEL
from server.asr.numbers.vocabulary import LANGUAGES
from server.audio import SAMPLE_RATE
from server.languages import load_language
from server.voices.sound import speech_span

from ..live import RememberingEngine
from .outcomes import accepted, answered, int16_of, row

FOLDER = Path("/usr/share/asterisk/sounds")
ENGLISH = "en_US_f_Allison"
# English recordings with a number in them, whatever their names say: "for", "folder five", "niner", "fourth".
_NUMBERS = re.compile(r"digits/(\d+|h-.*|hundred|oh)|phonetic/\d.*|for|vm-for|dir-multi2|vm-Cust\d")
_LONGEST_S = 2.2
# One recording is only this long: it has no samples.
_HEADER_BYTES = 44
_GAP = np.zeros(SAMPLE_RATE * 30 // 1000, np.float32)
_MARGIN = SAMPLE_RATE * 50 // 1000


def words(recording: np.ndarray) -> np.ndarray:
    """Return a recording's speech (int16) without the silence around it."""
    samples = recording / np.float32(32768)
    first, end = speech_span(samples)
    return samples[max(0, first - _MARGIN) : end + _MARGIN]


def parts(number: int) -> list[str]:
    """Return the recordings that make up a number to 399: 56 -> 50, 6."""
    hundreds, rest = divmod(number, 100)
    above = [str(hundreds), "hundred"] if hundreds else []
    if rest == 0 and above:
        return above
    return above + ([str(rest)] if rest <= 20 or rest % 10 == 0 else [str(rest - rest % 10), str(rest % 10)])


def said(number: int) -> np.ndarray:
    recorded = [words(read_wav(FOLDER / ENGLISH / "digits" / f"{part}.wav")) for part in parts(number)]
    return np.concatenate([samples for part in recorded for samples in (part, _GAP)])


def strangers() -> Iterator[np.ndarray]:
    """Yield what is no answer: all short recordings without an English number."""
    for path in sorted(FOLDER.rglob("*.wav")):
        voice, name = path.relative_to(FOLDER).parts[0], "/".join(path.with_suffix("").parts[-2:])
        if voice == ENGLISH and _NUMBERS.fullmatch(name.removeprefix(f"{ENGLISH}/")):
            continue
        if path.stat().st_size <= _HEADER_BYTES:
            continue
        recording = read_wav(path)
        if len(recording) <= _LONGEST_S * SAMPLE_RATE and len(samples := words(recording)) > 2 * _MARGIN:
            yield samples


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate strangers", description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args(arguments)
    if not (FOLDER / ENGLISH).is_dir():
        parser.error("there are no recordings: apt-get install asterisk-core-sounds-{en,es,fr,it,ru}-wav")
    engine, english, rng = RememberingEngine(options.model), load_language("en"), np.random.default_rng(7)
    print("| numbers | clips | argmax correct | unsure | right marked wrong | wrong marked right | ECE |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    alone = [number for number in range(100) if len(parts(number)) == 1]
    above = [int(number) for number in rng.choice(np.arange(100, 400), 100, replace=False)]
    for name, numbers in {
        "as recorded": alone,
        "to 99, put together": sorted(set(range(100)) - set(alone)),
        "above 100": above,
    }.items():
        heard = [answered(Path(), int16_of(said(number)), number, engine, english) for number in numbers]
        print(row(name, heard), flush=True)
    nothing = list(strangers())
    for code in LANGUAGES:
        taken = sum(accepted(samples, engine, load_language(code), rng) for samples in nothing)
        print(f"| {code}, no number: {taken} of {len(nothing)} accepted | | | | | | |", flush=True)
