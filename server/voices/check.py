"""Check a recorded number with the recogniser that will listen to the children."""

from dataclasses import dataclass

from ..asr.base import SpeechEngine
from ..audio import FRAME_BYTES, SAMPLE_BYTES, SAMPLE_RATE
from ..audio.listener import Listener, VoiceDetector
from ..audio.segmenter import VoiceContinued, VoiceStarted, VoiceStopped
from ..languages import Language
from ..understanding.interpretation import interpret
from .recording import RATE_HZ, Take
from .sound import resampled
from .wav import pcm_of

# A number with less probability than this should be checked by ear, even if it comes first.
DOUBTFUL = 0.4
# The detector ignores the beginning of a stream, and an utterance needs silence to end.
LEAD_IN = bytes(SAMPLE_RATE * SAMPLE_BYTES)
TRAILING = bytes(SAMPLE_RATE * 3 // 2 * SAMPLE_BYTES)


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


def spoken_number(
    engine: SpeechEngine, language: Language, detector: VoiceDetector, pcm: bytes
) -> tuple[int | None, float]:
    """Return the surest number in `pcm` (16 kHz mono int16) and its probability; (None, 0.0) without one."""
    listener = Listener(detector)
    listener.arm(True)
    recogniser = engine.lease(language.code)
    found: list[tuple[int | None, float]] = [(None, 0.0)]
    heard = LEAD_IN + pcm + TRAILING
    try:
        for start in range(0, len(heard), FRAME_BYTES):
            for event in listener.hear(heard[start : start + FRAME_BYTES]):
                match event:
                    case VoiceStarted(_, audio):
                        recogniser.start()
                        recogniser.feed(audio)
                    case VoiceContinued(audio):
                        recogniser.feed(audio)
                    case VoiceStopped():
                        interpretation = interpret(recogniser.finish(), language.lexicon)
                        if not interpretation.is_nothing:
                            found.append(interpretation.best)
    finally:
        engine.release(language.code, recogniser)
    return max(found, key=lambda best: best[1])
