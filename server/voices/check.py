"""Check a recorded number with the recogniser that will listen to the children."""

from dataclasses import dataclass

from ..asr.base import SpeechEngine
from ..audio import SAMPLE_RATE
from ..languages import Language
from ..understanding.interpretation import interpret
from .recording import RATE_HZ, Take
from .sound import resampled
from .wav import pcm_of

# A number with less probability than this should be checked by ear, even if it comes first.
DOUBTFUL = 0.4


@dataclass(frozen=True, slots=True)
class Doubt:
    """The clip does not sound like its number."""

    heard: int | None
    """The number that it sounds like; None: like no number."""


def doubt(engine: SpeechEngine, language: Language, number: int, take: Take) -> Doubt | None:
    """Return a doubt about the clip; None if it sounds like `number`."""
    recogniser = engine.lease(language.code)
    try:
        recogniser.start()
        recogniser.feed(pcm_of(resampled(take.samples, RATE_HZ, SAMPLE_RATE)))
        heard, probability = interpret(recogniser.finish(), language.lexicon).best
    finally:
        engine.release(language.code, recogniser)
    if heard == number:
        return None if probability >= DOUBTFUL else Doubt(None)
    return Doubt(heard if probability >= DOUBTFUL else None)
