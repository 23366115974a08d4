"""What all of the teacher's pages share: the parts they are made of, who is let in, and the language."""

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

from ...languages import Language
from ...store.daily import DailyBackups
from ...store.errors import StoreError
from ...store.newcomers import Newcomers
from ...store.reports import Standing
from ...store.store import Store
from ...store.transfers import Transfers
from ...store.upkeep import Upkeep
from ...voices.errors import VoiceError
from ...voices.service import VoiceService
from ..i18n import wanted_language
from .access import Access
from .i18n import Words
from .sessions import Sessions

# A form of ours without a file; the largest one names a thousand recordings. A stranger's holds a passphrase or two.
LARGEST_FORM_BYTES, LARGEST_PUBLIC_FORM_BYTES = 256 * 1024, 4096
# A file that need not wait its turn, such as a recorded prompt.
SMALL_FILE_BYTES = 2 * 1024 * 1024
# In the data folder.
SCRATCH = "scratch"
# What an upload leaves free on the disk, for the answers of those who practise.
FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class Parts:
    """What create_app hands over."""

    records: Store
    overview: Callable[[str | None], Sequence[Standing]]
    """The learners of a class, or of none, with what came of their answers."""
    transfers: Transfers
    """Files with everything, or with what belongs to a class."""
    sessions: Sessions
    """Who is logged in."""
    newcomers: Newcomers
    """Children who added themselves."""
    languages: Mapping[str, Language]
    default_language: str
    pictures: tuple[str, ...]
    data_dir: Path
    """Where the key of the cookies and the recordings lie."""
    voice_service: VoiceService
    """The voices."""
    upkeep: Upkeep
    """What the teacher looks after in the store."""
    offload: Callable[..., Any]
    """Runs short blocking work off the event loop, see live/concurrency."""
    offload_long: Callable[..., Any]
    """The same for work that may take long: one piece at a time."""
    backups: DailyBackups | None = None
    """Those that the server makes by itself, None where it makes none."""


def empty_scratch(data_dir: Path) -> None:
    """What a server that was killed left of files for the teacher: they hold all that is known of children."""
    shutil.rmtree(data_dir / SCRATCH, ignore_errors=True)
    (data_dir / SCRATCH).mkdir(mode=0o700)


class Cookies(SecureCookieSessionInterface):
    """The session cookie: over HTTPS it never travels without."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


@dataclass(frozen=True)
class TeacherContext:
    """The parts and the pages that are made of them. upload_lock: held while a large file is on its way."""

    parts: Parts
    access: Access
    csrf: CSRFProtect
    upload_lock: threading.Lock = field(default_factory=threading.Lock)
    pages: Blueprint = field(
        default_factory=lambda: Blueprint("teacher", __name__, url_prefix="/teacher", template_folder="templates")
    )

    def route(
        self, rule: str, *, post: bool = False, public: bool = False, file_bytes: int | None = None
    ) -> Callable[..., Any]:
        """Adds a view that runs as a whole off the event loop, since all of them read the store.

        `post`: it changes something, so nothing but a form of ours reaches it. `public`: without the passphrase too.
        `file_bytes`: the form brings a file, of at most so much. Its token is in the address or in a header.
        """
        largest_bytes = file_bytes or (LARGEST_PUBLIC_FORM_BYTES if public else LARGEST_FORM_BYTES)

        def add(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
            @wraps(view)
            def outer(**arguments: Any) -> ResponseReturnValue:
                # Who asks, then how much it is and whether it is a form of ours, and only then the body.
                turned_away = self._off_the_loop(self.parts.offload, self._turn_away, public)
                if turned_away is not None:
                    return turned_away
                request.max_content_length = largest_bytes
                if not post:
                    return self._off_the_loop(self.parts.offload_long, view, **arguments)
                if file_bytes is None:
                    self.csrf.protect()  # reads the form, too: on the loop, where its socket belongs
                    return self._off_the_loop(self.parts.offload_long, view, **arguments)
                return self._with_file(view, arguments)

            self.pages.add_url_rule(rule, view_func=outer, methods=["POST" if post else "GET"])
            return view

        return add

    def _turn_away(self, public: bool) -> ResponseReturnValue | None:
        """Send a visitor without the passphrase to the door."""
        if request.args.get("language") in self.parts.languages:
            session["language"] = request.args["language"]
        return None if public or self.is_open() else redirect(url_for("teacher.door"))

    def _with_file(self, view: Callable[..., ResponseReturnValue], arguments: dict[str, Any]) -> ResponseReturnValue:
        """One large upload at a time, after the token: of a forged form no more than the head is read."""
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
        _ = request.files  # reads the body: on the loop, where its socket belongs
        return self._off_the_loop(self.parts.offload_long, view, **arguments)

    def _off_the_loop(self, offload: Callable[..., Any], work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        def worked() -> Any:
            try:
                return work(*given, **named)
            except (StoreError, VoiceError) as trouble:
                code = self.code_of(trouble)
                missing = code.startswith("unknown_")
                return self.error(code, 404 if missing else 400 if isinstance(trouble, VoiceError) else 503)

        return offload(copy_context().run, worked)

    @staticmethod
    def code_of(trouble: Exception) -> str:
        return str(getattr(trouble, "code", "internal"))

    def is_open(self) -> bool:
        """Whether this visitor has shown the passphrase that is set, and not too long ago."""
        stamp = self.access.stamp
        return stamp is not None and session.get("stamp") == stamp and self.parts.sessions.goes_on(session.get("id"))

    def open(self) -> None:
        """Begin a session: a new one, nothing of the old is kept but the language."""
        self.close()
        session.permanent = True
        session.update(stamp=self.access.stamp, id=self.parts.sessions.open())

    def close(self) -> None:
        """End the session, also for copies of its cookie."""
        session_id, language = session.get("id"), session.get("language")
        session.clear()
        if language:
            session["language"] = language
        self.parts.sessions.end(session_id)

    def say(self, key: str, **values: object) -> str:
        return self.words.say(key, **values)

    @property
    def words(self) -> Words:
        """Of the visitor: chosen here, else what the browser asks for, else the server's."""
        languages, default = self.parts.languages, self.parts.default_language
        return Words(wanted_language(languages, default, session.get("language", "")))

    def words_of(self, code: str) -> Words:
        """Of a child; a language that is not served becomes the server's."""
        languages = self.parts.languages
        return Words(languages.get(code, languages[self.parts.default_language]))

    def class_sizes(self) -> Counter[str | None]:
        """How many children each class has, None those in no class; a class without any is missing."""
        return Counter(learner.class_name for learner in self.parts.records.learners())

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """Where a file may lie until the request is answered."""
        with tempfile.TemporaryDirectory(dir=self.parts.data_dir / SCRATCH, ignore_cleanup_errors=True) as folder:
            yield Path(folder) / name

    @staticmethod
    def hand_out(path: Path, name: str) -> Response:
        """The file to save as `name`. It is opened here, so that it outlives its folder."""
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
        """A page that says what is wrong: the text `error_<code>`, or that something went wrong."""
        words = self.words
        key = f"error_{code}" if f"error_{code}" in words.language.teacher else "error_internal"
        return self.page("error", words, message=words.say(key, **values)), status

    def done(self, text: str, where: str, **values: Any) -> ResponseReturnValue:
        """Back to a page (`where`, with the values of its address), which says once what was done."""
        return self._back("done", text, where, values)

    def refused(self, text: str, where: str, **values: Any) -> ResponseReturnValue:
        """Back to a page, which says once what is wrong."""
        return self._back("wrong", text, where, values)

    def _back(self, kind: str, text: str, where: str, values: dict[str, Any]) -> ResponseReturnValue:
        flash(text, kind)
        return redirect(url_for(f"teacher.{where}", **values))
