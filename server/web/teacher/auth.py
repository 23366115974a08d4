"""Log-in: the passphrase is set once, by a person who has the code, and then asked for."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import security
from .access import SHORTEST, BadPassphrase
from .context import TeacherContext
from .tries import TooManyTries


def add_entrance(context: TeacherContext) -> None:
    """Add GET and POST /teacher/door, POST /teacher/first, POST /teacher/leave."""
    access, parts = context.access, context.parts

    def show(wrong: str | None = None) -> str:
        is_first = access.stamp is None
        return context.page("first" if is_first else "door", wrong=wrong, shortest=SHORTEST)

    def address() -> str:
        return request.remote_addr or ""

    @context.route("/door", public=True)
    def door() -> ResponseReturnValue:
        return redirect(url_for("teacher.children")) if context.is_open() else show()

    @context.route("/first", post=True, public=True)
    def first() -> ResponseReturnValue:
        try:
            code, passphrase, again = (request.form.get(name, "") for name in ("code", "passphrase", "again"))
            was_first = access.set_first(code, passphrase, again, address())
        except BadPassphrase as bad:
            return show(context.say(f"passphrase_{bad.code}", n=SHORTEST)), 400
        except TooManyTries as many:
            return too_many(many)
        if not was_first:
            return context.error("passphrase_is_set", 409)
        context.open()
        return redirect(url_for("teacher.children"))

    @context.route("/door", post=True, public=True)
    def enter() -> ResponseReturnValue:
        try:
            access.admit(request.form.get("passphrase", ""), address())
        except BadPassphrase:
            return show(context.say("passphrase_wrong")), 403
        except TooManyTries as many:
            return too_many(many)
        context.open()
        security.note("login", address=address())
        return redirect(url_for("teacher.children"))

    @context.route("/leave", post=True, public=True)
    def leave() -> ResponseReturnValue:
        if context.is_open():
            security.note("logout", address=address())
        context.close()
        return redirect(url_for("teacher.door"))

    @context.route("/passphrase", post=True)
    def change_passphrase() -> ResponseReturnValue:
        form = request.form
        try:
            access.change(form.get("old", ""), form.get("passphrase", ""), form.get("again", ""), address())
        except BadPassphrase as bad:
            return context.refused(context.say(f"passphrase_{bad.code}", n=SHORTEST), "settings")
        except TooManyTries as many:
            return too_many(many)
        parts.sessions.end_all()
        context.open()
        return context.done(context.say("passphrase_changed"), "settings")

    def too_many(many: TooManyTries) -> ResponseReturnValue:
        page, status = context.error("too_many_tries", 429, minutes=-(-many.wait_s // 60))
        return page, status, {"Retry-After": str(many.wait_s)}
