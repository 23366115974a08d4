"""The page that prepares a tablet, over plain HTTP: the tablet does not trust our HTTPS yet. It is a separate app, and
nothing else can be reached there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import segno
from flask import Flask, Response, abort, render_template, request, send_from_directory

from ...languages import Language
from ...settings import Settings
from ..i18n import wanted_language

FILES = ("guide.css", "icon.svg")
AUTHORITY = "paadas-ca.crt"
DEVICES = ("android", "ipad", "computer")
POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses and the authority that the guide shows."""

    practice: str
    """Address of the practice page."""
    guide: str
    """Address of the guide itself."""
    authority_der: bytes
    """The certificate of our authority, DER."""
    fingerprint: str
    """Its SHA-256, as devices show it."""


def make_guide(
    settings: Settings, languages: Mapping[str, Language], default_language: str, place_for: Callable[[str], Place]
) -> Flask:
    """Make the guide. `place_for(host)` returns what to show a visitor who asked for that host."""
    app = Flask(__name__, static_folder=None)

    @app.get("/")
    def guide() -> str:
        language = wanted_language(languages, default_language, request.args.get("language", ""))
        place = place_for(request.host.split(":")[0])
        picture = segno.make(place.guide, micro=False).svg_data_uri(border=2, light="#fff", scale=8)
        return render_template(
            "guide.html",
            words=language.network,
            code=language.code,
            languages=languages,
            place=place,
            picture=picture,
            devices=DEVICES,
            device=_device(request.user_agent.string),
            authority=AUTHORITY,
        )

    @app.get(f"/{AUTHORITY}")
    def authority() -> Response:
        # Not as an attachment: an iPad and Firefox act on the type alone; others save the file.
        return Response(place_for("").authority_der, content_type="application/x-x509-ca-cert")

    @app.get("/client/<name>")
    def file(name: str) -> Response:
        return send_from_directory(settings.client_dir, name) if name in FILES else abort(404)

    @app.get("/vendor/fonts/<name>")
    def font(name: str) -> Response:
        return send_from_directory(settings.vendor_dir / "@fontsource" / "baloo-2" / "files", name)

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.cache_control.no_cache = True
        return response

    return app


def _device(user_agent: str) -> str:
    """Return the device whose steps come first; all others can be opened. An iPad reports itself as a Mac."""
    if "Android" in user_agent:
        return "android"
    return "ipad" if any(name in user_agent for name in ("iPad", "iPhone", "Macintosh")) else "computer"
