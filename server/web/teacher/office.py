"""What the teacher sets."""

from flask import request
from flask.typing import ResponseReturnValue

from .access import PIN_DIGITS, SHORTEST, BadPassphrase
from .desk import Desk
from .records import MAY_JOIN


def add_office(desk: Desk) -> None:
    """/teacher/settings."""
    records = desk.parts.records

    @desk.route("/settings")
    def settings() -> ResponseReturnValue:
        return desk.page(
            "settings", may_join=records.setting(MAY_JOIN) is not None, shortest=SHORTEST, has_pin=desk.access.has_pin,
            pin_digits=PIN_DIGITS,
        )

    @desk.route("/settings", post=True)
    def change_settings() -> ResponseReturnValue:
        records.set_setting(MAY_JOIN, "yes" if request.form.get("may_join") else None)
        return desk.done(desk.say("saved"), "settings")

    @desk.route("/settings/pin", post=True)
    def change_pin() -> ResponseReturnValue:
        pin = request.form.get("pin") or None
        try:
            desk.access.set_pin(pin)
        except BadPassphrase as bad:
            return desk.refused(desk.say(bad.code, least=PIN_DIGITS[0], most=PIN_DIGITS[-1]), "settings")
        return desk.done(desk.say("pin_set" if pin else "pin_removed"), "settings")
