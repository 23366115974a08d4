"""The corpus: what is said, by whom, and where it is kept. `python -m training.corpus [--minutes M] [--held-out]` makes it.

A speaker is a voice, an accent and a pace, drawn at random from a seed of his own. Each says a handful of phrases and
is one file, so that an interrupted run goes on where it stopped and several processes can share the work. The voices
of the held-out speakers are never mixed into those of the others.
"""

import argparse
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly
from tqdm import tqdm

from server.languages import Language, load_language
from server.speech import SAMPLE_RATE
from server.speech.lexicon import Spoken

from .accents import accented
from .espeak import Espeak, mnemonics
from .ipa import to_ipa
from .sound import speech_span
from .voices import SAMPLE_RATE_HZ, Kokoro, UnknownSymbol
from .words import FOREIGN, LEADS, TAILS, YES, others

FOLDER = Path(__file__).parent / "build"
STYLES = FOLDER / "kokoro-js" / "voices"
# One of each kind of voice that the others must do without.
HELD_OUT_STYLES = ("hf_beta", "hm_psi", "af_nova", "am_liam", "bf_lily", "bm_george", "ff_siwis", "zf_xiaoyi")
HELD_OUT_VARIANTS = ("f5", "m8", "anika", "benjamin")
VARIANTS = (
    "m1 m2 m3 m4 m5 m6 m7 f1 f2 f3 f4 Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco "
    "Mario Michael Mike adam antonio aunty belinda boris caleb david ed edward grandma grandpa gustave iven john linda "
    "max michel miguel pablo paul pedro quincy rob robert sandro shelby steph travis victor zac klatt klatt2 klatt3 "
    "klatt4 whisper whisperf"
).split()
ENGLISH_VOICES = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-us-nyc")
LANGUAGES = ("en", "hi", "mr")
# Shares of the speakers: English has voices of its own, the Indian languages have to borrow theirs.
LANGUAGE_SHARES = (0.26, 0.37, 0.37)
# espeak-ng is quick and of another make than the rest, but nobody talks like it.
ESPEAK_SHARE = 0.35
MARGIN_MS = 60


@dataclass(frozen=True, slots=True)
class Phrase:
    """`says`: digits, a command's name, "appeal", "lead" (before an answer), "tail" (after one) or "other"."""

    language: str
    text: str
    says: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A phrase as `speaker` said it, 16 kHz int16, cut to the speech with a little silence around it."""

    phrase: Phrase
    speaker: str
    samples: np.ndarray


def phrases(language: Language, rng: np.random.Generator, count: int) -> list[Phrase]:
    """What one speaker says: two in three are numbers up to 100, the rest is drawn from all else."""
    spoken = [_number(language, int(rng.integers(101)), rng) for _ in range(round(count * 0.62))]
    while len(spoken) < count:
        spoken.append(_something_else(language, rng))
    rng.shuffle(spoken)
    return spoken


def _something_else(language: Language, rng: np.random.Generator) -> Phrase:
    code = language.code
    left, right = int(rng.integers(1, 11)), int(rng.integers(1, 11))
    chant = f"{_one_of(language.chant_left[left], rng)} {_one_of(language.chant_right[right], rng)}"
    linking = f"{chant} {_one_of(LINKING[code], rng)}".strip()
    match int(rng.choice(9, p=[0.32, 0.13, 0.06, 0.05, 0.08, 0.07, 0.03, 0.22, 0.04])):
        case 0:
            return _number(language, int(rng.integers(101, 401)), rng)
        case 1:
            command = _one_of(("repeat", "skip", "stop", "start"), rng)
            return Phrase(code, _one_of(tuple(_spoken(language, Spoken(command))), rng), command)
        case 2:
            return Phrase(code, _one_of(tuple(_spoken(language, Spoken.APPEAL)), rng), "appeal")
        case 3:
            yes = rng.random() < 0.4
            words = YES[code] if yes else _spoken(language, Spoken.CORRECTION)
            return Phrase(code, _one_of(tuple(words), rng), "yes" if yes else "no")
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


LINKING = {
    "en": ("are", "is", "equals", "makes", ""),
    "hi": ("", "", "बराबर", "होता है", "होते हैं"),
    "mr": ("", "", "बरोबर", "म्हणजे", "होतात"),
}


def _number(language: Language, number: int, rng: np.random.Generator) -> Phrase:
    forms = language.numbers[number]
    form = forms[0] if rng.random() < 0.6 else _one_of(forms, rng)
    if language.code == "mr" and 20 < number < 100 and number % 10 and rng.random() < 0.05:
        # As newer textbooks have it: "fifty six".
        form = f"{language.numbers[number // 10 * 10][0]} {language.numbers[number % 10][0]}"
    return Phrase(language.code, form, str(number))


def _spoken(language: Language, meaning: Spoken) -> list[str]:
    return [" ".join(words) for words, found in language.lexicon.phrases.items() if found is meaning]


def _one_of(options, rng: np.random.Generator):
    return options[int(rng.integers(len(options)))]


class Synthesisers:
    """The engines of all speakers, with the phonemes in the spelling of each."""

    def __init__(self) -> None:
        self.kokoro, self.espeak = Kokoro(), Espeak()
        self.styles = {
            path.stem: np.fromfile(path, np.float32).reshape(-1, 256) for path in sorted(STYLES.glob("*.bin"))
        }

    def phonemes(self, phrase: Phrase, english: str) -> str:
        if phrase.language == "en":
            return kokoro_english(self.espeak.ipa(phrase.text, english))
        return to_ipa(phrase.text, phrase.language)

    def speaker(self, number: int, held_out: bool) -> Iterator[Clip]:
        """Everything that speaker `number` says, always the same."""
        rng = np.random.default_rng([number, held_out])
        language = load_language(str(rng.choice(LANGUAGES, p=LANGUAGE_SHARES)))
        engine, speak = ("espeak", self._by_espeak) if rng.random() < ESPEAK_SHARE else ("kokoro", self._by_kokoro)
        name = f"{engine}-{number}"
        for phrase, samples in speak(phrases(language, rng, 12), rng, held_out):
            if (clip := _trimmed(samples)) is not None:
                yield Clip(phrase, name, clip)

    def _by_kokoro(self, said: list[Phrase], rng: np.random.Generator, held_out: bool):
        names = sorted(set(HELD_OUT_STYLES) if held_out else set(self.styles) - set(HELD_OUT_STYLES))
        if said[0].language != "en" and rng.random() < 0.5:
            names = [name for name in names if name.startswith("h")] + [_one_of(names, rng)]
        indian = said[0].language != "en" or rng.random() < 0.4
        style = mixed_style(self.styles, names, 1 if held_out else int(rng.integers(1, 4)), rng)
        english = _one_of(("en-gb-x-rp", "en-us"), rng)
        row, pace = style[int(rng.integers(6, 40))], float(rng.uniform(0.65, 1.15))
        while said:
            # Children say one number; but three in one breath cost half as much as one by one.
            together, said = said[:(size := int(rng.integers(1, 5)))], said[size:]
            dressed = [accented(self.phonemes(phrase, english), phrase.language, indian, rng) for phrase in together]
            endings = [".,.?!"[int(rng.integers(5))] for _ in dressed]
            try:
                spoken = self.kokoro.speak_apart(
                    [f"{phonemes}{ending}" for phonemes, ending in zip(dressed, endings)], row,
                    pace * (1, 0.9, 0.85, 0.8)[size - 1],
                )
            except UnknownSymbol:
                continue
            for phrase, samples in zip(together, spoken):
                yield phrase, resample_poly(samples, SAMPLE_RATE, SAMPLE_RATE_HZ)

    def _by_espeak(self, said: list[Phrase], rng: np.random.Generator, held_out: bool):
        variant = _one_of(HELD_OUT_VARIANTS if held_out else VARIANTS, rng)
        words_per_minute, pitch = int(rng.integers(105, 185)), int(rng.integers(20, 90))
        voice = _one_of(ENGLISH_VOICES, rng) if said[0].language == "en" else said[0].language
        if voice != said[0].language and rng.random() < 0.25:
            said = [Phrase(FOREIGN[int(rng.integers(len(FOREIGN)))], str(rng.integers(101)), "other") for _ in said]
        for phrase in said:
            text = phrase.text if phrase.language == "en" or phrase.says == "other" and phrase.language in FOREIGN else (
                mnemonics(accented(to_ipa(phrase.text, phrase.language), phrase.language, True, rng))
            )
            own = phrase.language if phrase.language in FOREIGN else voice
            samples = self.espeak.speak(text, f"{own}+{variant}", words_per_minute, pitch)
            yield phrase, _resampled(samples, self.espeak.rate_hz)


def mixed_style(styles, names: list[str], count: int, rng: np.random.Generator) -> np.ndarray:
    """A voice that nobody has: timbre (the first half of a style) and prosody mixed apart from `count` published ones."""
    def mix() -> np.ndarray:
        chosen = [names[int(at)] for at in rng.choice(len(names), min(count, len(names)), replace=False)]
        return sum(share * styles[name] for share, name in zip(rng.dirichlet(np.ones(len(chosen))), chosen))
    return np.concatenate([mix()[:, :128], mix()[:, 128:]], axis=1)


# espeak's English IPA -> Kokoro's symbols.
_ENGLISH = [
    ("_", ""), ("\u200d", ""), ("ɐ", "ə"), ("ɚ", "əɹ"), ("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("oʊ", "O"), ("əʊ", "O"),
    ("ɔɪ", "Y"), ("tʃ", "ʧ"), ("dʒ", "ʤ"), ("r", "ɹ"), ("ɾ", "T"), ("ᵻ", "ɪ"), ("ʔ", "t"), ("ɬ", "l"),
]


def kokoro_english(ipa: str) -> str:
    for theirs, ours in _ENGLISH:
        ipa = ipa.replace(theirs, ours)
    return re.sub(r"\s+", " ", ipa).strip()


def _resampled(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    divisor = np.gcd(rate_hz, SAMPLE_RATE)
    return resample_poly(samples, SAMPLE_RATE // divisor, rate_hz // divisor)


def _trimmed(samples: np.ndarray) -> np.ndarray | None:
    """Cut to the speech and of full scale; None where nothing, or something endless, was said."""
    peak = np.abs(samples).max(initial=0)
    if peak < 1e-3:
        return None
    first, last = speech_span(samples)
    margin = SAMPLE_RATE * MARGIN_MS // 1000
    if not 0.1 <= (last - first) / SAMPLE_RATE <= 4:
        return None
    return (samples[max(0, first - margin):last + margin] / peak * 32000).astype(np.int16)


def save(path: Path, clips: list[Clip]) -> None:
    """Written beside and renamed, so that a broken run leaves no half file."""
    index = [[*_fields(clip), len(clip.samples)] for clip in clips]
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        samples = np.concatenate([clip.samples for clip in clips]) if clips else np.zeros(0, np.int16)
        np.savez(file, index=np.array(json.dumps(index, ensure_ascii=False)), samples=samples)
    partial.rename(path)


def _fields(clip: Clip) -> tuple[str, str, str, str]:
    return clip.phrase.language, clip.phrase.text, clip.phrase.says, clip.speaker


def load(folder: Path) -> list[Clip]:
    """Every clip of every speaker in `folder`."""
    clips = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as file:
            samples, begin = file["samples"], 0
            for language, text, says, speaker, size in json.loads(str(file["index"])):
                clips.append(Clip(Phrase(language, text, says), speaker, samples[begin:begin + size]))
                begin += size
    return clips


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.corpus", description=__doc__.splitlines()[0])
    parser.add_argument("--speakers", type=int, default=2200, help="how many there shall be")
    parser.add_argument("--first", type=int, default=0, help="number of the first one that this process makes")
    parser.add_argument("--step", type=int, default=1, help="and then every so many")
    parser.add_argument("--minutes", type=float, default=600, help="stop after so long")
    parser.add_argument("--held-out", action="store_true", help="the speakers of the test set")
    options = parser.parse_args()
    folder = FOLDER / ("held-out" if options.held_out else "corpus")
    folder.mkdir(parents=True, exist_ok=True)
    synthesisers = Synthesisers()
    until = time.monotonic() + options.minutes * 60
    for number in tqdm(range(options.first, options.speakers, options.step), desc=folder.name, unit="speaker"):
        path = folder / f"{number:05}.npz"
        if time.monotonic() > until:
            break
        if not path.exists():
            save(path, list(synthesisers.speaker(number, options.held_out)))


if __name__ == "__main__":
    main()
