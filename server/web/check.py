"""The check of a tablet for adults: the prompt that it plays, and what the recogniser makes of one spoken number."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ..audio import SAMPLE_BYTES, SAMPLE_RATE
from ..languages import Language
from ..voices.service import VoiceService

# It asks for any number, and is long enough to be found again in what the microphone heard.
PROMPT = "sleep-1"
LONGEST_S = 4
LARGEST_PCM_BYTES = LONGEST_S * SAMPLE_RATE * SAMPLE_BYTES
# From one address: all tablets of a school behind one router, each checked a few times.
CHECKS = parse("60 per minute")
AUDIO = "application/octet-stream"

logger = logging.getLogger(__name__)

# From a language and 16 kHz mono int16 audio to the number that was said, None for none, and its probability.
Hear = Callable[[str, bytes], tuple[int | None, float]]


def register_check(
    app: Flask, voice_service: VoiceService, languages: Mapping[str, Language], hear: Hear, offload: Callable[..., Any]
) -> None:
    """GET /check/prompt.json and POST /check/hear. Nothing is kept."""
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
        # A form on another site cannot send this type without asking first.
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
