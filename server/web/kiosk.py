"""The tablet of a class: the drill page with the learners' pictures as its start page, and the adult's way out."""

from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from .teacher.access import Access, BadPassphrase
from .teacher.context import Parts
from .teacher.tries import TooManyTries

LARGEST_WISH_BYTES = 4096
# The parts of the drill page that differ here.
CHANGES = {
    'src="client/app.js"': 'src="client/kiosk.js"',
    'href="manifest.webmanifest"': 'href="manifest.webmanifest?kiosk"',
    "</head>": '  <link rel="stylesheet" href="client/kiosk.css">\n</head>',
}


def kiosk_page(client_dir: Path) -> str:
    """Return the drill page with the screens of client/kiosk.html added."""
    page = (client_dir / "index.html").read_text("utf-8")
    screens = (client_dir / "kiosk.html").read_text("utf-8")
    for what, instead in (*CHANGES.items(), ("</body>", f"\n{screens}</body>")):
        assert what in page, f"the drill page lacks {what}"
        page = page.replace(what, instead)
    return page


def register_kiosk(app: Flask, client_dir: Path, parts: Parts, access: Access) -> None:
    """Add GET /kiosk, GET /kiosk.json, POST /kiosk/release."""
    pages = Blueprint("kiosk", __name__)

    @pages.get("/kiosk")
    def kiosk() -> Response:
        response = Response(kiosk_page(client_dir), content_type="text/html; charset=utf-8")
        response.cache_control.no_cache = True
        response.add_etag()
        response.make_conditional(request)
        return response

    @pages.get("/kiosk.json")
    def state() -> Response:
        """Tell whether the PIN is asked for, the passphrase, or nothing."""
        response = jsonify(pin=parts.offload(lambda: access.has_pin))
        response.cache_control.no_store = True
        return response

    @pages.post("/kiosk/release")
    def release() -> ResponseReturnValue:
        request.max_content_length = LARGEST_WISH_BYTES
        # Only JSON: a form on another site cannot send it without the browser asking first (CORS).
        wish = request.get_json(silent=True)
        secret = wish.get("secret") if isinstance(wish, dict) else None
        try:
            parts.offload(access.release, secret if isinstance(secret, str) else "", request.remote_addr or "")
        except BadPassphrase:
            return {"code": "pin_wrong"}, 403
        except TooManyTries as many:
            return {"code": "too_many_tries", "minutes": -(-many.wait_s // 60)}, 429
        return {}

    app.register_blueprint(pages)
