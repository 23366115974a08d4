"""The door: the passphrase is set once, by whoever knows the code, and asked for ever after."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import security
from .access import SHORTEST, BadPassphrase
from .desk import Desk
from .tries import TooManyTries


def add_entrance(desk: Desk) -> None:
    """GET and POST /teacher/door, POST /teacher/first, POST /teacher/leave."""
    access, parts = desk.access, desk.parts

    def show(wrong: str | None = None) -> str:
        is_first = access.stamp is None
        return desk.page("first" if is_first else "door", wrong=wrong, shortest=SHORTEST)

    def address() -> str:
        return request.remote_addr or ""

    @desk.route("/door", public=True)
    def door() -> ResponseReturnValue:
        return redirect(url_for("teacher.children")) if desk.is_open() else show()

    @desk.route("/first", post=True, public=True)
    def first() -> ResponseReturnValue:
        try:
            code, passphrase, again = (request.form.get(name, "") for name in ("code", "passphrase", "again"))
            was_first = access.set_first(code, passphrase, again, address())
        except BadPassphrase as bad:
            return show(desk.say(f"passphrase_{bad.code}", n=SHORTEST)), 400
        except TooManyTries as many:
            return too_many(many)
        if not was_first:
            return desk.error("passphrase_is_set", 409)
        desk.open()
        return redirect(url_for("teacher.children"))

    @desk.route("/door", post=True, public=True)
    def enter() -> ResponseReturnValue:
        try:
            access.admit(request.form.get("passphrase", ""), address())
        except BadPassphrase:
            return show(desk.say("passphrase_wrong")), 403
        except TooManyTries as many:
            return too_many(many)
        desk.open()
        security.note("login", address=address())
        return redirect(url_for("teacher.children"))

    @desk.route("/leave", post=True, public=True)
    def leave() -> ResponseReturnValue:
        if desk.is_open():
            security.note("logout", address=address())
        desk.close()
        return redirect(url_for("teacher.door"))

    @desk.route("/passphrase", post=True)
    def change_passphrase() -> ResponseReturnValue:
        form = request.form
        try:
            access.change(form.get("old", ""), form.get("passphrase", ""), form.get("again", ""), address())
        except BadPassphrase as bad:
            return desk.refused(desk.say(f"passphrase_{bad.code}", n=SHORTEST), "settings")
        except TooManyTries as many:
            return too_many(many)
        parts.sessions.end_all()
        desk.open()
        return desk.done(desk.say("passphrase_changed"), "settings")

    def too_many(many: TooManyTries) -> ResponseReturnValue:
        page, status = desk.error("too_many_tries", 429, minutes=-(-many.wait_s // 60))
        return page, status, {"Retry-After": str(many.wait_s)}
