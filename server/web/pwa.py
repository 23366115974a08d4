"""Manifest, icons and service worker, which make the page an installable app that waits for a sleeping server."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, request

from ..languages import Language
from ..settings import Settings
from .i18n import wanted_language

ICONS = tuple(
    {"src": f"client/icons/{purpose}-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
    for purpose in ("any", "maskable")
    for size in (192, 512)
)
# The files of the waiting page. The service worker fetches them before they are needed.
WAITING = (
    "/waiting.html",
    "/client/waiting.js",
    "/client/waiting.css",
    "/client/theme.css",
    "/client/dark.css",
    "/client/contrast.css",
    "/client/still.css",
    "/client/companion.svg",
    "/client/icon.svg",
    "/client/languages.js",
    "/client/dom.js",
    "/client/preferences.js",
    "/client/appearance.js",
    "/client/urls.js",
    "/waiting.json",
    "/vendor/fonts/baloo-2-devanagari-700-normal.woff2",
    "/vendor/fonts/baloo-2-devanagari-500-normal.woff2",
    "/vendor/fonts/baloo-2-latin-700-normal.woff2",
    "/vendor/fonts/baloo-2-latin-500-normal.woff2",
)
# Colours of the page and of its upper edge, as in theme.css.
PAPER = "#fff7ea"


def register_installable(
    app: Flask, settings: Settings, languages: Mapping[str, Language], default_language: str
) -> None:
    """Add GET /manifest.webmanifest and GET /service-worker.js."""
    pages = Blueprint("installable", __name__)
    version = version_of(settings.client_dir, settings.languages_dir)

    @pages.get("/manifest.webmanifest")
    def manifest() -> Response:
        language = wanted_language(languages, default_language)
        is_kiosk = "kiosk" in request.args
        root, page = f"{request.script_root}/", "kiosk" if is_kiosk else ""
        response = jsonify(
            {
                "id": f"{root}{page}",
                "start_url": f"{root}{page}",
                "scope": root,
                "name": language.ui["title"],
                "short_name": language.ui["app"],
                "description": language.ui["tagline"],
                "lang": language.code,
                "display": "fullscreen" if is_kiosk else "standalone",
                "categories": ["education"],
                "background_color": PAPER,
                "theme_color": PAPER,
                "icons": ICONS,
            }
        )
        response.content_type = "application/manifest+json"
        response.cache_control.no_cache = True
        response.vary.add("Accept-Language")
        return response

    @pages.get("/service-worker.js")
    def service_worker() -> Response:
        worker = (settings.client_dir / "service-worker.js").read_text("utf-8")
        given = f"const VERSION = {json.dumps(version)};\nconst WAITING = {json.dumps(WAITING)};\n"
        response = Response(given + worker, content_type="text/javascript; charset=utf-8")
        response.cache_control.no_cache = True
        return response

    app.register_blueprint(pages)


def version_of(*folders: Path) -> str:
    """Return a version that changes with the content of these folders."""
    content = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content.update(f"{path.relative_to(folder)}:".encode() + hashlib.sha256(path.read_bytes()).digest())
    return content.hexdigest()[:16]
