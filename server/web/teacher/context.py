"""The context that the teacher's pages share: their parts, access, and the language."""

import logging
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, send_file, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect, validate_csrf
from sqlalchemy.exc import DBAPIError

from ...files import locked
from ...languages import Language
from ...store.daily import DailyBackups
from ...store.errors import StoreError, trouble_code
from ...store.newcomers import Newcomers
from ...store.reports import LearnerSummary
from ...store.store import Store
from ...store.transfers import FILE as TRANSFER_FILE
from ...store.transfers import Transfers
from ...store.upkeep import Upkeep
from ...voices.errors import VoiceError
from ...voices.service import VoiceService
from ..i18n import wanted_language
from .access import Access
from .i18n import Words
from .sessions import Sessions

logger = logging.getLogger(__name__)

# A form of ours without a file; the largest one names a thousand recordings. A stranger's holds a passphrase or two.
LARGEST_FORM_BYTES, LARGEST_PUBLIC_FORM_BYTES = 256 * 1024, 4096
# A file that may arrive beside others, such as a recorded prompt.
SMALL_FILE_BYTES = 2 * 1024 * 1024
# A folder in the data folder.
SCRATCH, CHANGES_FILE = "scratch", "changes.lock"
# Space that an upload leaves on the disk, for the answers of drills.
FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Parts:
    """The parts that `create_app` hands over."""

    records: Store
    overview: Callable[[str | None], Sequence[LearnerSummary]]
    """Lists the learners of a class, or of none, with counts of their answers."""
    transfers: Transfers
    """Exports and imports."""
    sessions: Sessions
    """The teacher's sessions."""
    newcomers: Newcomers
    """Children who added themselves."""
    languages: Mapping[str, Language]
    default_language: str
    """Code of the language for a browser that asks for none of ours."""
    pictures: tuple[str, ...]
    """Codes of the learners' pictures."""
    data_dir: Path
    """Holds the key of the cookies and the recordings."""
    voice_service: VoiceService
    """The voices."""
    upkeep: Upkeep
    """Stray recordings, wrong dates, how long answers are kept."""
    offload: Callable[..., Any]
    """Runs short blocking work off the event loop, see live/concurrency."""
    offload_long: Callable[..., Any]
    """The same for longer work: one piece at a time."""
    backups: DailyBackups | None = None
    """The server's daily backups; None if it makes none."""


def empty_scratch(data_dir: Path) -> None:
    """Delete files that a killed server left for the teacher: they hold children's data."""
    shutil.rmtree(data_dir / SCRATCH, ignore_errors=True)
    (data_dir / TRANSFER_FILE).unlink(missing_ok=True)
    make_scratch(data_dir)


def make_scratch(data_dir: Path) -> None:
    """Make the folder for files on their way."""
    (data_dir / SCRATCH).mkdir(mode=0o700, exist_ok=True)


class Cookies(SecureCookieSessionInterface):
    """The session cookie. Over HTTPS it is never sent in the clear. It stays below a proxy's prefix."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def get_cookie_path(self, app: Flask) -> str:
        return request.script_root + super().get_cookie_path(app)


@dataclass(frozen=True)
class TeacherContext:
    """The parts and the pages that are made of them."""

    parts: Parts
    access: Access
    """Decides about access."""
    csrf: CSRFProtect
    """Checks that a form is ours."""
    upload_lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while a large file arrives."""
    pages: Blueprint = field(
        default_factory=lambda: Blueprint("teacher", __name__, url_prefix="/teacher", template_folder="templates")
    )

    def route(
        self, rule: str, *, post: bool = False, public: bool = False, file_bytes: int | None = None
    ) -> Callable[..., Any]:
        """Add a view that runs off the event loop, because all of them read the store.

        `post`: it changes something, so only a form of ours reaches it. `public`: open without the passphrase.
        `file_bytes`: the form brings a file of at most this size; its token is in the address or in a header.
        """
        largest_bytes = file_bytes or (LARGEST_PUBLIC_FORM_BYTES if public else LARGEST_FORM_BYTES)

        def add(given: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
            view = self._alone(given) if post else given

            @wraps(given)
            def outer(**arguments: Any) -> ResponseReturnValue:
                # First access, then size and origin of the form, and only then its body.
                turned_away = self._off_the_loop(self.parts.offload, self._turn_away, public)
                if turned_away is not None:
                    return turned_away
                request.max_content_length = largest_bytes
                if not post:
                    return self._off_the_loop(self.parts.offload_long, view, **arguments)
                if file_bytes is None:
                    self.csrf.protect()  # it reads the form, too: on the loop, where the socket belongs
                    return self._off_the_loop(self.parts.offload_long, view, **arguments)
                return self._with_file(view, arguments)

            self.pages.add_url_rule(rule, view_func=outer, methods=["POST" if post else "GET"])
            return given

        return add

    def _alone(self, view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        """Make one change after the other, at whichever worker: files are read and then written."""

        def alone(**arguments: Any) -> ResponseReturnValue:
            with locked(self.parts.data_dir / CHANGES_FILE):
                return view(**arguments)

        return alone

    def _turn_away(self, public: bool) -> ResponseReturnValue | None:
        """Send a visitor without the passphrase to the log-in page."""
        if request.args.get("language") in self.parts.languages:
            session["language"] = request.args["language"]
        return None if public or self.is_open() else redirect(url_for("teacher.door"))

    def _with_file(self, view: Callable[..., ResponseReturnValue], arguments: dict[str, Any]) -> ResponseReturnValue:
        """Take one large upload at a time, after the token. Of a forged form only the head is read."""
        try:
            validate_csrf(request.args.get("csrf_token") or request.headers.get("X-CSRFToken"))
        except ValueError as error:
            raise CSRFError(str(error)) from None
        size_bytes = request.content_length
        if size_bytes is not None and size_bytes <= SMALL_FILE_BYTES:
            return self._read_and_view(view, arguments)
        if self.parts.transfers.is_running or not self.upload_lock.acquire(blocking=False):
            return self.error("transfer_running", 409)
        try:
            if (size_bytes or 0) > shutil.disk_usage(self.parts.data_dir).free - FREE_BYTES:
                return self.error("disk_full", 507)
            return self._read_and_view(view, arguments)
        finally:
            self.upload_lock.release()

    def _read_and_view(
        self, view: Callable[..., ResponseReturnValue], arguments: dict[str, Any]
    ) -> ResponseReturnValue:
        _ = request.files  # reads the body: on the loop, where the socket belongs
        return self._off_the_loop(self.parts.offload_long, view, **arguments)

    def _off_the_loop(self, offload: Callable[..., Any], work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        def worked() -> Any:
            try:
                return work(*given, **named)
            except (StoreError, VoiceError) as trouble:
                code = self.code_of(trouble)
                missing = code.startswith("unknown_")
                return self.error(code, 404 if missing else 400 if isinstance(trouble, VoiceError) else 503)
            except DBAPIError as trouble:
                logger.warning("the database refuses a page of the teacher (%s)", trouble.orig)
                return self.error(trouble_code(trouble), 503)

        return offload(copy_context().run, worked)

    @staticmethod
    def code_of(trouble: Exception) -> str:
        return str(getattr(trouble, "code", "internal"))

    def is_open(self) -> bool:
        """Tell whether this visitor is logged in."""
        stamp = self.access.stamp
        return stamp is not None and session.get("stamp") == stamp and self.parts.sessions.goes_on(session.get("id"))

    def open(self) -> None:
        """Begin a session. Of an older one only the language is kept."""
        self.close()
        session.permanent = True
        session.update(stamp=self.access.stamp, id=self.parts.sessions.open())

    def close(self) -> None:
        """End the session, for copies of its cookie too."""
        session_id, language = session.get("id"), session.get("language")
        session.clear()
        if language:
            session["language"] = language
        self.parts.sessions.end(session_id)

    def say(self, key: str, **values: object) -> str:
        return self.words.say(key, **values)

    @property
    def words(self) -> Words:
        """Return the visitor's language: the one chosen here, else the browser's, else the server's."""
        languages, default = self.parts.languages, self.parts.default_language
        return Words(wanted_language(languages, default, session.get("language", "")))

    def words_of(self, code: str) -> Words:
        """Return a learner's language; if it is not served, the server's."""
        languages = self.parts.languages
        return Words(languages.get(code, languages[self.parts.default_language]))

    def class_sizes(self) -> Counter[str | None]:
        """Return the number of learners in each class; None stands for no class, empty classes are missing."""
        return Counter(learner.class_name for learner in self.parts.records.learners())

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """Give the path of a file that is deleted when the request is answered."""
        with tempfile.TemporaryDirectory(dir=self.parts.data_dir / SCRATCH, ignore_cleanup_errors=True) as folder:
            yield Path(folder) / name

    @staticmethod
    def hand_out(path: Path, name: str) -> Response:
        """Send the file, to be saved as `name`. It is opened here: its folder may be deleted before it is sent."""
        return send_file(path.open("rb"), as_attachment=True, download_name=name)

    def page(self, template: str, words: Words | None = None, **values: Any) -> str:
        return render_template(
            f"teacher/{template}.html",
            words=words or self.words,
            languages=self.parts.languages,
            pictures=self.parts.pictures,
            has_session="stamp" in session,
            **values,
        )

    def error(self, code: str, status: int, **values: Any) -> tuple[str, int]:
        """Show an error: the text `error_<code>`, or a general one."""
        words = self.words
        key = f"error_{code}" if f"error_{code}" in words.language.teacher else "error_internal"
        return self.page("error", words, message=words.say(key, **values)), status

    def done(self, text: str, where: str, **values: Any) -> ResponseReturnValue:
        """Redirect to a page (`where`, with the values of its address), which once shows what was done."""
        return self._back("done", text, where, values)

    def refused(self, text: str, where: str, **values: Any) -> ResponseReturnValue:
        """Redirect to a page, which once shows what is wrong."""
        return self._back("wrong", text, where, values)

    def _back(self, kind: str, text: str, where: str, values: dict[str, Any]) -> ResponseReturnValue:
        flash(text, kind)
        return redirect(url_for(f"teacher.{where}", **values))
