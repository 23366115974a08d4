"""Does a recorded number sound like its number? Asked of the recogniser that will listen to the children."""

from dataclasses import dataclass

from ..languages import Language
from ..speech import SAMPLE_RATE
from ..speech.belief import SpeechEngine, believe
from .sound import resampled
from .takes import RATE_HZ, Take
from .wav import pcm_of

# A number that is heard with less probability than this is worth a human ear, even where it comes first.
DOUBTFUL = 0.4


@dataclass(frozen=True, slots=True)
class Doubt:
    """It sounds like `heard` rather than like what it should be, None: like no number at all."""

    heard: int | None


def doubt(engine: SpeechEngine, language: Language, number: int, take: Take) -> Doubt | None:
    """None where the clip sounds like `number`."""
    recogniser = engine.lease(language.code)
    try:
        recogniser.start()
        recogniser.feed(pcm_of(resampled(take.samples, RATE_HZ, SAMPLE_RATE)))
        heard, probability = believe(recogniser.finish(), language.lexicon).best
    finally:
        engine.release(language.code, recogniser)
    if heard == number:
        return None if probability >= DOUBTFUL else Doubt(None)
    return Doubt(heard if probability >= DOUBTFUL else None)
