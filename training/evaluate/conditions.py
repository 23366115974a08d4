"""Measure the recogniser on held-out voices, in quiet and in a classroom.

`python -m training.evaluate conditions [--model M] [--clips N]` prints a row for each condition and language. The clips
of the held-out speakers (`training.speakers --held-out`), changed by the condition, are answers in a live drill
(`training.live`).
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import parselmouth
from parselmouth.praat import call

from server.asr.numbers.engine import MODEL, NumbersEngine
from server.asr.numbers.vocabulary import LANGUAGES
from server.audio import SAMPLE_RATE
from server.drill.judging import judge
from server.languages import Language, load_language
from server.understanding.interpretation import interpret

from ..corpus import Clip, held_out
from ..live import RememberingEngine, Reply, ask
from ..noises import noise
from ..views import crowd, reverberant, telephone, whispered
from ..words import FOREIGN
from .outcomes import Outcome, accepted, answered, int16_of, row, usual_answer

# The kinds of clips that are no answer: alone, before one, after one.
_WORDS = ("other", "lead", "tail")
# Of 320 perfectly calibrated opinions, chance alone makes a calibration error of 4 %; of this many, 2 %.
_MIDWAY = 1200
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _same(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return samples


def in_noise(background: Callable[[int, np.random.Generator], np.ndarray], snr_db: float) -> Change:
    """Return a change that adds half a second of quiet on either side and the background, `snr_db` below the speech."""

    def change(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        loudness = np.sqrt(np.mean(samples**2))
        quiet = np.pad(samples, SAMPLE_RATE // 2)
        return quiet + background(len(quiet), rng) * loudness * 10 ** (-snr_db / 20)

    return change


def raised(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Multiply pitch by 1.5 and formants by 1.1 at the same speed (Praat's "Change gender")."""
    sound = parselmouth.Sound(samples.astype(np.float64), SAMPLE_RATE)
    pitch = call(sound, "To Pitch", 0, 75, 500)
    median = call(pitch, "Get quantile", 0, 0, 0.5, "Hertz")
    if not median > 0:
        return samples
    return call([sound, pitch], "Change gender", 1.1, 1.5 * median, 1, 1).values[0].astype(np.float32)


def at_pace(factor: float) -> Change:
    """Return a change that makes a clip `factor` times as long at the same pitch (Praat's overlap-add)."""

    def change(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        sound = parselmouth.Sound(samples.astype(np.float64), SAMPLE_RATE)
        return call(sound, "Lengthen (overlap-add)", 75, 600, factor).values[0].astype(np.float32)

    return change


def first_part(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cut off the end: from a half to nine tenths remain."""
    return samples[: int(len(samples) * rng.uniform(0.5, 0.9))]


def clipped(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    limit = 1.5 * np.sqrt(np.mean(samples**2))
    return np.clip(samples, -limit, limit)


def conditions(clips: Sequence[Clip]) -> dict[str, Change]:
    """Return the conditions by name. The babble is made of `clips`."""
    voices = crowd(clips, SAMPLE_RATE * 60, np.random.default_rng(5))

    def babble(size: int, rng: np.random.Generator) -> np.ndarray:
        at = int(rng.integers(len(voices) - size))
        return voices[at : at + size]

    return {
        "clean": _same,
        "babble 20 dB": in_noise(babble, 20),
        "babble 10 dB": in_noise(babble, 10),
        "babble 5 dB": in_noise(babble, 5),
        "noises 10 dB": in_noise(noise, 10),
        "pitch x 1.5": raised,
        "telephone": telephone,
        "reverberation": reverberant,
        "slow x 1.4": at_pace(1.4),
        "fast x 0.75": at_pace(0.75),
        "whispered": whispered,
        "clipped": clipped,
    }


def numbers_of(clips: Sequence[Clip], language: Language, largest: int) -> list[Clip]:
    """Return the clips that say only a number from 0 to `largest`."""
    return [
        clip
        for clip in clips
        if clip.phrase.language == language.code
        and clip.phrase.says.isdigit()
        and int(clip.phrase.says) <= largest
        and clip.phrase.text in language.numbers[int(clip.phrase.says)]
    ]


def outcomes(
    clips: Sequence[Clip], change: Change, engine: NumbersEngine, language: Language, seed: int = 0
) -> Iterator[Outcome]:
    rng = np.random.default_rng(seed)
    for clip in clips:
        samples = int16_of(change(clip.samples.astype(np.float32) / 32768, rng))
        yield answered(Path(clip.phrase.text), samples, int(clip.phrase.says), engine, language)


def midway(clips: Sequence[Clip], engine: NumbersEngine, language: Language) -> Iterator[Outcome]:
    """Yield interpretations in the middle of an answer, by which a turn may end. No question is asked."""
    rng = np.random.default_rng(0)
    for clip in clips:
        recogniser, number = engine.lease(language.code), int(clip.phrase.says)
        recogniser.feed(int16_of(first_part(clip.samples.astype(np.float32) / 32768, rng)).tobytes())
        since_s = time.thread_time()
        interpretation = interpret(recogniser.partial(), language.lexicon)
        cpu_ms = (time.thread_time() - since_s) * 1000
        yield Outcome(
            Path(clip.phrase.text), number, Reply(judge(interpretation.numbers, number).verdict, interpretation, cpu_ms)
        )


def sentences_of(clips: Sequence[Clip], language: Language) -> list[Clip]:
    """Return the clips that say a whole fact: "seven eights are fifty-six"."""
    return [
        clip
        for clip in clips
        if clip.phrase.language == language.code
        and clip.phrase.says.isdigit()
        and clip.phrase.text not in language.numbers[int(clip.phrase.says)]
    ]


def joined(clips: Sequence[Clip], rng: np.random.Generator, count: int) -> list[Clip]:
    """Join two numbers of one speaker, 0.3 to 0.8 s apart: "forty-eight ... fifty-six". The last one counts."""
    pairs: list[Clip] = []
    for clip in clips:
        others = [
            other
            for other in clips
            if other.speaker == clip.speaker
            and other is not clip
            and int(other.phrase.says) % 10
            and int(other.phrase.says) < 100
        ]
        if others and len(pairs) < count:
            other = others[int(rng.integers(len(others)))]
            pairs.append(replace(clip, samples=_in_turn(other, clip, rng.uniform(0.3, 0.8))))
    return pairs


def among_words(clips: Sequence[Clip], words: Sequence[Clip], rng: np.random.Generator, behind: bool) -> list[Clip]:
    """Join each clip with one of `words`, the speaker's own if possible, 0.05 to 0.4 s before or behind it."""
    pairs: list[Clip] = []
    for clip in clips:
        options = [word for word in words if word.speaker == clip.speaker] or words
        word = options[int(rng.integers(len(options)))]
        first, second = (clip, word) if behind else (word, clip)
        pairs.append(replace(clip, samples=_in_turn(first, second, rng.uniform(0.05, 0.4))))
    return pairs


def _in_turn(first: Clip, second: Clip, pause_s: float) -> np.ndarray:
    return np.concatenate([first.samples, np.zeros(int(pause_s * SAMPLE_RATE), np.int16), second.samples])


def obeyed(clips: Sequence[Clip], engine: NumbersEngine, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what is said ("number" or a command) and what the product does (that command, or "answer")."""
    rng = np.random.default_rng(0)
    for clip in clips:
        says = clip.phrase.says
        if clip.phrase.language != language.code or says in (*_WORDS, "yes", "no"):
            continue
        interpretation = ask(clip.samples, usual_answer(rng), engine, language).interpretation
        yield "number" if says.isdigit() else says, (interpretation and interpretation.command) or "answer"


def strangers(clips: Sequence[Clip], code: str) -> list[np.ndarray]:
    """Return sounds that are no answer in any language of ours: other words, parts of sentences, foreign numbers."""
    return [
        clip.samples / np.float32(32768)
        for clip in clips
        if clip.phrase.says in _WORDS and clip.phrase.language in (code, *FOREIGN)
    ]


def no_answers(clips: Sequence[Clip], code: str, rng: np.random.Generator, noises: int) -> list[np.ndarray]:
    """Return strangers' words and `noises` noises."""
    return strangers(clips, code) + [noise(int(rng.uniform(0.3, 2) * SAMPLE_RATE), rng) for _ in range(noises)]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate conditions", description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--clips", type=int, default=150, help="how many for each condition but the first")
    options = parser.parse_args(arguments)
    clips, _ = held_out()
    if not clips:
        parser.error("there are no held-out speakers: python -m training.speakers --held-out")
    engine = RememberingEngine(options.model)
    print("| condition | clips | argmax correct | unsure | right marked wrong | wrong marked right | ECE |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for code in LANGUAGES:
        language = load_language(code)
        own = numbers_of(clips, language, 400)
        rng = np.random.default_rng(7)
        tables = numbers_of(clips, language, 100)
        print(row(f"{code}, 0 to 100", list(outcomes(tables, _same, engine, language))))
        for name, change in conditions(clips).items():
            some = own if name == "clean" else own[: options.clips]
            print(row(f"{code}, {name}", list(outcomes(some, change, engine, language))), flush=True)
        words = [clip for clip in clips if clip.phrase.language == code and clip.phrase.says in _WORDS]
        for name, some in {
            "whole facts": sentences_of(clips, language),
            "two numbers": joined(own, rng, options.clips),
            "a word before": among_words(tables, [word for word in words if word.phrase.says != "tail"], rng, False),
            "a word behind": among_words(tables, words, rng, True),
        }.items():
            print(row(f"{code}, {name}", list(outcomes(some, _same, engine, language))), flush=True)
        begun = list(midway(own * -(-_MIDWAY // len(own)), engine, language))
        print(row(f"{code}, first part, midway", begun), flush=True)
        # Other numbers end a turn early only if they are expected.
        ending = [each for each in begun if each.reply.interpretation and not each.reply.interpretation.extendable]
        print(row(f"{code}, of these, what cannot go on", ending), flush=True)
        counts = Counter(obeyed(clips, engine, language))
        commands = {said: sum(n for (one, _), n in counts.items() if one == said) for said, _ in counts}
        numbers = commands.pop("number")
        told = ", ".join(f"{said} {counts[said, said]} of {n}" for said, n in sorted(commands.items()))
        false = numbers - counts["number", "answer"]
        print(f"| {code}, commands: {told}; {false} of {numbers} numbers taken for one | | | | | | |", flush=True)
        nothing = no_answers(clips, code, rng, 100)
        taken = sum(accepted(samples, engine, language, rng) for samples in nothing)
        print(f"| {code}, no number: {taken} of {len(nothing)} accepted | | | | | | |", flush=True)
