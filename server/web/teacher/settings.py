"""The teacher's settings."""

from flask import request
from flask.typing import ResponseReturnValue

from ... import security
from ...store.newcomers import MAY_JOIN
from .access import PIN_DIGITS, SHORTEST, BadPassphrase
from .context import TeacherContext
from .upkeep import MONTHS

# Events of the security log on the page.
MOST_EVENTS = 50


def add_office(context: TeacherContext) -> None:
    """Add /teacher/settings."""
    records, parts = context.parts.records, context.parts

    @context.route("/settings")
    def settings() -> ResponseReturnValue:
        return context.page(
            "settings",
            may_join=records.setting(MAY_JOIN) is not None,
            shortest=SHORTEST,
            has_pin=context.access.has_pin,
            pin_digits=PIN_DIGITS,
            events=security.latest(parts.data_dir, MOST_EVENTS),
            log_file=parts.data_dir / security.FILE_NAME,
            retention_choices=MONTHS,
            months_kept=parts.upkeep.months_kept(),
        )

    @context.route("/settings", post=True)
    def change_settings() -> ResponseReturnValue:
        records.set_setting(MAY_JOIN, "yes" if request.form.get("may_join") else None)
        return context.done(context.say("saved"), "settings")

    @context.route("/settings/pin", post=True)
    def change_pin() -> ResponseReturnValue:
        pin = request.form.get("pin") or None
        try:
            context.access.set_pin(pin, request.remote_addr or "")
        except BadPassphrase as bad:
            return context.refused(context.say(bad.code, least=PIN_DIGITS[0], most=PIN_DIGITS[-1]), "settings")
        return context.done(context.say("pin_set" if pin else "pin_removed"), "settings")
