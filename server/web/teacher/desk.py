"""What all of the teacher's pages share: the parts they are made of, who is let in, and the language."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial, wraps
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, send_file, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from ...languages import Language
from ...voices.errors import VoiceError
from ...voices.studio import Studio
from ..visitors import wanted_language
from .access import Access
from .records import Backups, Records, Standing, Upkeep
from .words import Words

# Without a click for so long, the passphrase is asked for again.
SESSION = timedelta(minutes=30)
LARGEST_UPLOAD_BYTES = 64 * 1024 * 1024
# In the data folder.
SCRATCH = "scratch"


@dataclass(frozen=True)
class Parts:
    """What create_app hands over.

    overview: the learners of a class, or of none, with what came of their answers. export_file: writes a file, .json or
    .zip, with everything or what belongs to a class. import_file: reads one in and returns how many rows of each kind
    it has. trouble: what the store raises, with a `code`. data_dir: the key of the cookies lies there, and the
    recordings. studio: the voices. upkeep: what the teacher looks after in the store. offload, offload_long: run
    blocking work off the event loop, see web/concurrency. backups: those that the server makes by itself, None where it
    makes none.
    """

    records: Records
    overview: Callable[[str | None], Sequence[Standing]]
    export_file: Callable[[Path, str | None], object]
    import_file: Callable[[Path], Mapping[str, int]]
    trouble: type[Exception]
    languages: Mapping[str, Language]
    default_language: str
    pictures: tuple[str, ...]
    data_dir: Path
    studio: Studio
    upkeep: Upkeep
    offload: Callable[..., Any]
    offload_long: Callable[..., Any]
    backups: Backups | None = None


def empty_scratch(data_dir: Path) -> None:
    """What a server that was killed left of files for the teacher: they hold all that is known of children."""
    shutil.rmtree(data_dir / SCRATCH, ignore_errors=True)
    (data_dir / SCRATCH).mkdir(mode=0o700)


class Cookies(SecureCookieSessionInterface):
    """The session cookie: over HTTPS it never travels without."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


@dataclass(frozen=True)
class Desk:
    """The parts and the pages that are made of them."""

    parts: Parts
    access: Access
    csrf: CSRFProtect
    pages: Blueprint = field(default_factory=lambda: Blueprint(
        "teacher", __name__, url_prefix="/teacher", template_folder="templates"
    ))

    def route(
        self, rule: str, *, post: bool = False, public: bool = False, largest_bytes: int | None = None
    ) -> Callable[..., Any]:
        """Adds a view that runs as a whole off the event loop, since all of them read the store.

        `post`: it changes something, so nothing but a form of ours reaches it, of at most `largest_bytes` where that is
        less than elsewhere. `public`: without the passphrase too.
        """
        def add(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
            @wraps(view)
            def outer(**arguments: Any) -> ResponseReturnValue:
                if post:
                    if largest_bytes is not None:
                        request.max_content_length = largest_bytes
                    self.csrf.protect()  # reads the form, too: on the loop, where its socket belongs
                return self.parts.offload_long(copy_context().run, partial(self._let_in, view, public, arguments))

            self.pages.add_url_rule(rule, view_func=outer, methods=["POST" if post else "GET"])
            return view
        return add

    def _let_in(
        self, view: Callable[..., ResponseReturnValue], public: bool, arguments: dict[str, Any]
    ) -> ResponseReturnValue:
        if request.args.get("language") in self.parts.languages:
            session["language"] = request.args["language"]
        try:
            if not public and not self.is_open():
                return redirect(url_for("teacher.door"))
            return view(**arguments)
        except (self.parts.trouble, VoiceError) as trouble:
            code = self.code_of(trouble)
            missing = code.startswith("unknown_")
            return self.error(code, 404 if missing else 400 if isinstance(trouble, VoiceError) else 503)

    @staticmethod
    def code_of(trouble: Exception) -> str:
        return str(getattr(trouble, "code", "internal"))

    def is_open(self) -> bool:
        """Whether this visitor has shown the passphrase that is set."""
        stamp = self.access.stamp
        return stamp is not None and session.get("stamp") == stamp

    def open(self) -> None:
        """Begin a session: a new one, nothing of the old is kept but the language."""
        language = session.get("language")
        session.clear()
        session.permanent = True
        session.update(stamp=self.access.stamp, **({"language": language} if language else {}))

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
            f"teacher/{template}.html", words=words or self.words, languages=self.parts.languages,
            pictures=self.parts.pictures, has_session="stamp" in session, **values
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
