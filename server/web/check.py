"""The check of a tablet for adults: the prompt that it plays, and what the recogniser hears of one spoken number."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ..asr.base import SpeechEngine
from ..audio import SAMPLE_BYTES, SAMPLE_RATE
from ..audio.echo_guard import EchoGuard
from ..audio.listener import Listener, VoiceDetector
from ..languages import Language
from ..live.utterance import utterances
from ..understanding.interpretation import interpret
from ..voices.service import VoiceService

# A prompt that asks for no number in particular, long enough to be found in the microphone's audio.
PROMPT = "sleep-1"
LONGEST_S = 4
LARGEST_PCM_BYTES = LONGEST_S * SAMPLE_RATE * SAMPLE_BYTES
# Per address: all tablets of a school may be behind one router, and each is checked a few times.
CHECKS = parse("60 per minute")
AUDIO = "application/octet-stream"
# The detector ignores the beginning of a stream, and an utterance needs silence to end.
LEAD_IN = bytes(SAMPLE_RATE * SAMPLE_BYTES)
TRAILING = bytes(SAMPLE_RATE * 3 // 2 * SAMPLE_BYTES)

logger = logging.getLogger(__name__)

# From a language and 16 kHz mono int16 audio to the number that was said (None: no number) and its probability.
Hear = Callable[[str, bytes], tuple[int | None, float]]


def register_check(
    app: Flask, voice_service: VoiceService, languages: Mapping[str, Language], hear: Hear, offload: Callable[..., Any]
) -> None:
    """Add GET /check/prompt.json and POST /check/hear. Nothing is stored."""
    limiter = MovingWindowRateLimiter(MemoryStorage())
    pages = Blueprint("check", __name__)

    @pages.get("/check/prompt.json")
    def prompt() -> ResponseReturnValue:
        code = request.args.get("language", "")
        if code not in languages:
            return {"code": "unknown_language"}, 400
        clip = voice_service.clips(code, request.args.get("voice"))[PROMPT]
        response = jsonify(url=clip.url, text=clip.text)
        response.cache_control.no_store = True
        return response

    @pages.post("/check/hear")
    def hear_number() -> ResponseReturnValue:
        if not limiter.hit(CHECKS, request.remote_addr or ""):
            return {"code": "too_fast"}, 429
        code = request.args.get("language", "")
        if code not in languages:
            return {"code": "unknown_language"}, 400
        size = request.content_length
        # A form on another site cannot send this type without the browser asking first (CORS).
        if request.mimetype != AUDIO or not size or size % SAMPLE_BYTES:
            return {"code": "bad_audio"}, 400
        if size > LARGEST_PCM_BYTES:
            return {"code": "bad_audio"}, 413
        pcm = request.get_data(cache=False)
        try:
            number, sure = offload(hear, code, pcm)
        except Exception:
            logger.exception("the recogniser failed at a check")
            return {"code": "engine_failed"}, 500
        response = jsonify(number=number, sure=round(sure, 3))
        response.cache_control.no_store = True
        return response

    app.register_blueprint(pages)


def spoken_number(
    engine: SpeechEngine, language: Language, detector: VoiceDetector, pcm: bytes
) -> tuple[int | None, float]:
    """Return the surest number in `pcm` (16 kHz mono int16) and its probability; (None, 0.0) without one."""
    recogniser, nothing_plays = engine.lease(language.code), EchoGuard()
    found: list[tuple[int | None, float]] = [(None, 0.0)]
    listener = Listener(detector)
    listener.arm(True)
    try:
        for utterance in utterances(listener, [LEAD_IN, pcm, TRAILING], recogniser):
            hypothesis, _ = utterance.understand(nothing_plays, final=True)
            interpretation = interpret(hypothesis, language.lexicon)
            if not interpretation.is_nothing:
                found.append(interpretation.best)
    finally:
        engine.release(language.code, recogniser)
    return max(found, key=lambda best: best[1])
