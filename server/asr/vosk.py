"""Vosk: a streaming recogniser for every language with a Vosk model. vosk_models.py finds and checks the models."""

import json
import logging
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import vosk

from ..asr.base import Recogniser
from ..languages import Language
from ..understanding.hypothesis import Hypothesis
from ..understanding.text import words_of
from .errors import EngineError
from .vosk_models import find_model

logger = logging.getLogger(__name__)

RATE_HZ = 16_000
# How models mark unknown words. A grammar without such a mark turns every noise into a number.
UNKNOWN_WORDS = ("[unk]", "<unk>", "<UNK>")
# The confidence of a partial result, which has none: after the flush below, 139 of 173 partials equal the final result.
PARTIAL_CONFIDENCE = 0.9
# The network lags 0.15 to 0.35 s behind its input (chunks, right context). This much silence brings out the rest.
_FLUSH = bytes(2 * RATE_HZ * 350 // 1000)
# A pause: 160 ms, eight frames of 20 ms, with a power 20 dB below that of the loudest frame. It is longer than the
# closure of a stop consonant; with 100 ms more final results differ from those of one long chunk.
_FRAME_SAMPLES = RATE_HZ // 50
_PAUSE_FRAMES = 8
_PAUSE_POWER = 0.01
# Letters that Unicode splits even in its composed form; models may have them joined.
_JOINED_NUKTA = {unicodedata.normalize("NFD", chr(code)): chr(code) for code in range(0x958, 0x960)}

vosk.SetLogLevel(-1)


@dataclass
class _Loaded:
    """A model and what belongs to it."""

    model: vosk.Model
    grammar: str
    """The phrases that it listens for, JSON."""
    missing: tuple[str, ...]
    """The words of the language file that it lacks."""
    largest_number: int
    """It understands every number from 0 to this one."""
    idle: deque[Recogniser] = field(default_factory=deque)
    """Recognisers that no turn uses."""


class VoskEngine:
    """A `SpeechEngine` with one model for each language, loaded on construction (the Korean one: 2 s, 600 MB).

    `models` maps a language code to a model's folder or official name ("vosk-model-small-hi-0.22"). A name that is on
    no disk yet is downloaded into `cache_dir`. Raises EngineError with the code model_missing, model_broken,
    model_unsuitable or model_unavailable. Recognisers work on any thread.
    """

    name = "vosk"

    def __init__(self, models: Mapping[str, str], languages: Mapping[str, Language], cache_dir: Path) -> None:
        self._loaded = {code: _load(find_model(model, cache_dir), languages[code]) for code, model in models.items()}

    def speaks(self, language: str) -> bool:
        return language in self._loaded

    def largest_number(self, language: str) -> int:
        return self._of(language).largest_number

    def missing_words(self, language: str) -> tuple[str, ...]:
        """Words of the language file that the model cannot hear. Phrases with them are not in the grammar."""
        return self._of(language).missing

    def lease(self, language: str) -> Recogniser:
        """Borrow an idle recogniser, or a new one, which takes about a millisecond."""
        loaded = self._of(language)
        try:
            return loaded.idle.pop()  # a deque is thread-safe at its ends
        except IndexError:
            return VoskRecogniser(loaded.model, loaded.grammar)

    def release(self, language: str, recogniser: Recogniser) -> None:
        self._of(language).idle.append(recogniser)

    def _of(self, language: str) -> _Loaded:
        try:
            return self._loaded[language]
        except KeyError:
            raise EngineError("language_unknown", f"There is no Vosk model for {language!r}: give one.") from None


class VoskRecogniser:
    """A `Recogniser`: `start` and `feed` only take notes; Kaldi works in `partial` and `finish`.

    Vosk's own end-of-utterance signal is ignored, because acting on it would split the utterance.
    """

    def __init__(self, model: vosk.Model, grammar: str) -> None:
        try:
            self._kaldi = vosk.KaldiRecognizer(model, RATE_HZ, grammar)
        except Exception as error:  # Vosk raises nothing finer
            raise EngineError("engine_failed", f"Vosk cannot make a recogniser: {error}") from error
        self._kaldi.SetWords(True)
        self._used = False  # Kaldi holds audio
        self.start()

    def start(self) -> None:
        self._stale = self._used  # what Kaldi holds belongs to an earlier utterance
        self._unheard = bytearray()
        self._loudest = 0.0
        self._recent: deque[float] = deque(maxlen=_PAUSE_FRAMES)
        self._flushed = False

    def feed(self, pcm: bytes) -> None:
        self._unheard += pcm

    def partial(self) -> Hypothesis:
        """Return the opinion so far. In a pause it covers all audio, else all but the last 0.15 to 0.35 s."""
        self._decode()
        if not self._pauses():
            self._flushed = False
        elif not self._flushed:
            self._accept(_FLUSH)
            self._flushed = True
        partial = json.loads(self._kaldi.PartialResult()).get("partial", "")
        return _hypothesis((word, PARTIAL_CONFIDENCE) for word in partial.split())

    def finish(self) -> Hypothesis:
        self._decode()
        self._used = False
        result = json.loads(self._kaldi.FinalResult())
        return _hypothesis((word["word"], word["conf"]) for word in result.get("result", ()))

    def _decode(self) -> None:
        """Pass all pending audio to Kaldi."""
        if self._stale:
            # Reset() would keep frames of the abandoned utterance in the pipeline; a final result discards them.
            self._kaldi.FinalResult()
            self._stale = self._used = False
        audio = bytes(self._unheard)
        if audio:
            self._unheard.clear()
            self._accept(audio)
            samples = np.frombuffer(audio, "<i2").astype(np.float32)
            frames = samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
            powers = (frames**2).mean(axis=1).tolist()
            self._loudest = max(self._loudest, *powers, 0.0)
            self._recent.extend(powers)

    def _accept(self, audio: bytes) -> None:
        self._used = True
        self._kaldi.AcceptWaveform(audio)

    def _pauses(self) -> bool:
        quiet = sum(self._recent) < _PAUSE_POWER * self._loudest * _PAUSE_FRAMES
        return quiet and len(self._recent) == _PAUSE_FRAMES


def _hypothesis(words: Iterable[tuple[str, float]]) -> Hypothesis:
    """Join the known words; their confidence is that of the least sure. Without a known word, nothing was heard."""
    known = [(word, confidence) for word, confidence in words if word not in UNKNOWN_WORDS]
    if not known:
        return Hypothesis()
    return Hypothesis(text=" ".join(word for word, _ in known), confidence=min(confidence for _, confidence in known))


def _load(folder: Path, language: Language) -> _Loaded:
    try:
        model = vosk.Model(str(folder))
        grammar, missing = _grammar(model, language)
        # Some faults show only with audio.
        recogniser = VoskRecogniser(model, grammar)
        recogniser.feed(bytes(RATE_HZ // 5))
        recogniser.finish()
    except Exception as error:  # Vosk raises nothing finer
        message = f"The Vosk model in {folder} cannot be loaded, fetch it again: {error}"
        raise EngineError("model_broken", message) from error
    if missing:
        logger.warning("the model in %s cannot hear these words of %s: %s", folder, language.name, ", ".join(missing))
    return _Loaded(model, grammar, missing, _largest_number(language, frozenset(missing)))


def _grammar(model: vosk.Model, language: Language) -> tuple[str, tuple[str, ...]]:
    """Return the phrases that may be said, as Vosk takes them, in the model's spelling; and the words that it lacks."""
    spelling = {
        word: next((form for form in _spellings(word) if model.vosk_model_find_word(form) >= 0), None)
        for phrase in language.grammar
        for word in phrase.split()
    }
    # One phrase for all that fold to the same words: they would share the confidence.
    known = {
        words_of(phrase): " ".join(spelling[word] or "" for word in phrase.split())
        for phrase in language.grammar
        if all(spelling[word] for word in phrase.split())
    }
    unknown = [word for word in UNKNOWN_WORDS if model.vosk_model_find_word(word) >= 0]
    missing = tuple(sorted(word for word, form in spelling.items() if form is None))
    # Escaped, words in other scripts would be lost.
    return json.dumps([*known.values(), *unknown], ensure_ascii=False), missing


def _largest_number(language: Language, missing: frozenset[str]) -> int:
    """Return the largest number up to which the model has every word; -1 if it has none."""
    unheard = (
        number
        for number, forms in sorted(language.numbers.items())
        if all(missing.intersection(form.split()) for form in forms)
    )
    return next(unheard, len(language.numbers)) - 1


def _spellings(word: str) -> Iterator[str]:
    """Yield the ways in which a model may write a word: nukta apart, joined or left out, candrabindu or anusvara."""
    word = unicodedata.normalize("NFC", word.strip(".,!?।").casefold())
    joined = word
    for apart, letter in _JOINED_NUKTA.items():
        joined = joined.replace(apart, letter)
    for form in (word, joined, word.replace("\u093c", "")):
        yield form
        yield form.replace("\u0901", "\u0902")
