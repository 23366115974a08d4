"""The public routes: pages, prompts, texts, health."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request, send_from_directory
from prometheus_client import CONTENT_TYPE_LATEST

from ..asr.base import ChantEngine, SpeechEngine
from ..drill.facts import lines_to, tables_to
from ..drill.modes import CHANT, MODES
from ..languages import Language
from ..live.health import OK
from ..live.metrics import exposition
from ..settings import Settings
from ..voices.service import VoiceService
from .compression import pack

YEAR_S = 365 * 24 * 3600


def register_pages(
    app: Flask,
    settings: Settings,
    languages: dict[str, Language],
    default_language: str,
    engines: dict[str, SpeechEngine],
    health: Callable[[], Mapping[str, str]],
    voice_service: VoiceService,
) -> None:
    """Add the routes. `engines` holds each language's recogniser; `health()` returns the state of each part."""
    pages = Blueprint("pages", __name__)
    # These change at each visit: compressed, they would only push other pages out of the cache.
    state = Blueprint("state", __name__)
    texts = {
        "default": default_language,
        "drills": [{"name": mode.name, "fixed": mode.tables is not None} for mode in MODES.values()]
        + [{"name": CHANT, "fixed": False}],
    }

    @pages.get("/")
    def drill() -> Response:
        return served_file(settings.client_dir, "index.html")

    @pages.get("/waiting.html")
    def waiting() -> Response:
        """It stands in for a page of a sleeping server, so its addresses are those of a page here."""
        return served_file(settings.client_dir, "waiting.html")

    @pages.get("/client/<path:name>")
    def client(name: str) -> Response:
        return served_file(settings.client_dir, name)

    @pages.get("/vendor/socket.io.esm.min.js")
    def socket_io() -> Response:
        return served_file(settings.vendor_dir / "socket.io-client" / "dist", "socket.io.esm.min.js")

    @pages.get("/vendor/fonts/<name>")
    def font(name: str) -> Response:
        return served_file(settings.vendor_dir / "@fontsource" / "baloo-2" / "files", name, max_age_s=YEAR_S)

    @pages.get("/audio/<path:name>")
    def prompt(name: str) -> Response:
        return served_file(settings.prompts_dir, name, max_age_s=YEAR_S if "v" in request.args else 0)

    @pages.get("/languages.json")
    def language_texts() -> Response:
        response = jsonify(
            texts
            | {
                "languages": [
                    _texts(language, engines[code].largest_number(code))
                    | {"chants": isinstance(engines[code], ChantEngine)}
                    | {"voices": _voices(language, voice_service)}
                    for code, language in languages.items()
                ]
            }
        )
        # It holds the names of people who recorded voices.
        response.cache_control.no_store = True
        return response

    @pages.get("/waiting.json")
    def waiting_texts() -> Response:
        """Return the texts that a tablet keeps for the time when the server sleeps. No person's name is in it."""
        response = jsonify(
            default=default_language,
            languages=[
                {"code": code, "ui": {key: text for key, text in language.ui.items() if key.startswith("waiting_")}}
                for code, language in languages.items()
            ],
        )
        response.cache_control.no_cache = True
        return response

    @state.get("/livez")
    def livez() -> Response:
        """Tell that the server runs. Drills go on even while the database is in trouble."""
        response = jsonify(status=OK)
        response.cache_control.no_store = True
        return response

    @state.get("/healthz")
    def healthz() -> Response:
        parts = health()
        is_well = all(found == OK for found in parts.values())
        names = {code: engine.name for code, engine in engines.items()}
        response = jsonify(status=OK if is_well else "trouble", engines=names, **parts)
        response.status_code = 200 if is_well else 503
        response.cache_control.no_store = True
        return response

    @state.get("/metrics")
    def metrics() -> Response:
        response = Response(exposition(), content_type=CONTENT_TYPE_LATEST)
        response.cache_control.no_store = True
        return response

    pages.after_request(pack)
    app.register_blueprint(pages)
    app.register_blueprint(state)
    app.after_request(_secure)


def served_file(folder: Path, name: str, max_age_s: int = 0) -> Response:
    """Return a file of ours. Without `max_age_s` the browser checks it for changes at every visit."""
    response = send_from_directory(folder, name, max_age=max_age_s)
    if not max_age_s:
        response.cache_control.no_cache = True
    return response


def _texts(language: Language, largest: int) -> dict[str, Any]:
    return {
        "code": language.code,
        "name": language.name,
        "digits": language.digits,
        "tables": tables_to(largest),
        "lines": lines_to(largest),
        "ui": dict(language.ui),
        "errors": dict(language.errors),
        "pictures": dict(language.pictures),
    }


def _voices(language: Language, voice_service: VoiceService) -> list[dict[str, str]]:
    """Return the voices to choose from, the standard one first."""
    packs = [{"id": pack.id, "name": pack.name} for pack in voice_service.packs.of(language.code)]
    return [{"id": language.voice, "name": language.ui["standard_voice"]}, *packs]


def _secure(response: Response) -> Response:
    # No Strict-Transport-Security: with a certificate of our own it would lock out every browser that does not trust it
    # (any more), and practice by touch over plain HTTP would be impossible. A proxy may add it.
    # Safari does not count the socket of the same host as 'self'.
    sockets = f"ws://{request.host} wss://{request.host}"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; connect-src 'self' {sockets}; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
    return response
