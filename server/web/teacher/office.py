"""Settings, and everything that goes out or comes in as a file."""

from pathlib import Path

from flask import request
from flask.typing import ResponseReturnValue

from .access import PIN_DIGITS, SHORTEST, BadPassphrase
from .desk import Desk
from .records import MAY_JOIN
from .upkeep import MONTHS, upkeep_of

FILE_TROUBLE = ("bad_file", "bad_row")


def add_office(desk: Desk) -> None:
    """/teacher/settings, /teacher/data and the files."""
    records, parts = desk.parts.records, desk.parts

    @desk.route("/settings")
    def settings() -> ResponseReturnValue:
        return desk.page(
            "settings", may_join=records.setting(MAY_JOIN) is not None, shortest=SHORTEST, has_pin=desk.access.has_pin,
            pin_digits=PIN_DIGITS, retention_choices=MONTHS, months_kept=parts.upkeep.months_kept(),
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

    def data_page(bad_file: str | None = None) -> str:
        return desk.page(
            "data", classes=records.classes(), bad_file=bad_file, backups=parts.backups,
            last_at_ms=parts.backups.last_at_ms() if parts.backups else None, **upkeep_of(desk),
        )

    @desk.route("/data")
    def data() -> ResponseReturnValue:
        return data_page()

    @desk.route("/export")
    def export() -> ResponseReturnValue:
        # CSV comes as a zip: a file for each table.
        name = "paadas.zip" if request.args.get("kind") == "zip" else "paadas.json"
        with desk.scratch(name) as path:
            parts.export_file(path, request.args.get("class") or None)
            return desk.hand_out(path, name)

    @desk.route("/data", post=True)
    def read_in() -> ResponseReturnValue:
        file = request.files.get("file")
        if file is None or not file.filename:
            return desk.refused(desk.say("no_file"), "data")
        with desk.scratch(f"file{Path(file.filename).suffix.lower()[:8]}") as path:
            file.save(path)
            try:
                rows = parts.import_file(path)
            except parts.trouble as trouble:
                if desk.code_of(trouble) not in FILE_TROUBLE:
                    raise
                return data_page(str(trouble).replace(str(path), file.filename)), 400
        return desk.done(desk.say("file_read", n=rows["learners"], answers=rows["attempts"]), "data")
