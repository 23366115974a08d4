"""The teacher's pages: learners, what each one knows, and everything that only the teacher may do."""

from flask import Flask, Response, abort
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from ...store.tries import KeptTries
from .access import Access, secret_key
from .auth import add_entrance
from .context import LARGEST_FORM_BYTES, SCRATCH, Cookies, Parts, TeacherContext, make_scratch
from .data import add_data
from .learners import add_register
from .recordings import add_recordings
from .reports import add_children
from .sessions import IDLE
from .settings import add_office
from .upkeep import add_upkeep
from .uploads import take_uploads
from .voices import add_voices


def register_teacher(app: Flask, parts: Parts) -> Access:
    """Add /teacher and all below it. Returns the object that decides about access.

    Raises OSError if the key of the cookies cannot be kept in the data folder.
    """
    app.secret_key = secret_key(parts.data_dir)
    make_scratch(parts.data_dir)
    app.session_interface = Cookies()
    take_uploads(app, parts.data_dir / SCRATCH, parts.offload)
    app.config.update(
        SESSION_COOKIE_NAME="paadas_teacher",
        SESSION_COOKIE_PATH="/teacher",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=IDLE,
        MAX_CONTENT_LENGTH=LARGEST_FORM_BYTES,
        # Each route says whether it is checked; a token lasts as long as its session. Our pages send no referrer, so
        # there is none to compare.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    context = TeacherContext(parts, Access(parts.records, KeptTries(parts.records.engine)), CSRFProtect(app))
    for add in (add_entrance, add_children, add_register, add_recordings, add_voices, add_data, add_office, add_upkeep):
        add(context)

    @context.route("/<path:elsewhere>")
    def nothing(elsewhere: str) -> ResponseReturnValue:
        abort(404)

    @context.pages.errorhandler(HTTPException)
    def failed(error: HTTPException) -> ResponseReturnValue:
        code = "form_too_old" if isinstance(error, CSRFError) else _CODES.get(error.code or 500, "internal")
        return context.error(code, error.code or 500)

    @context.pages.after_request
    def keep_private(response: Response) -> Response:
        response.cache_control.no_store = True
        return response

    app.register_blueprint(context.pages)
    return context.access


_CODES = {404: "no_page", 405: "no_page", 413: "file_too_large"}
