"""Settings, and everything that goes out or comes in as a file."""

import io

from flask import request, send_file
from flask.typing import ResponseReturnValue

from .access import SHORTEST
from .desk import Desk
from .exchange import BadFile
from .records import MAY_JOIN


def add_office(desk: Desk) -> None:
    """/teacher/settings, /teacher/data and the files."""
    records, exchange = desk.parts.records, desk.parts.exchange

    @desk.route("/settings")
    def settings() -> ResponseReturnValue:
        return desk.page("settings", may_join=records.setting(MAY_JOIN) is not None, shortest=SHORTEST)

    @desk.route("/settings", post=True)
    def change_settings() -> ResponseReturnValue:
        records.set_setting(MAY_JOIN, "yes" if request.form.get("may_join") else None)
        return desk.done(desk.say("saved"), "settings")

    @desk.route("/data")
    def data() -> ResponseReturnValue:
        return desk.page("data")

    @desk.route("/paadas.json")
    def export_json() -> ResponseReturnValue:
        return send_file(
            io.BytesIO(exchange.export_json()), "application/json", as_attachment=True, download_name="paadas.json"
        )

    @desk.route("/paadas.csv")
    def export_csv() -> ResponseReturnValue:
        return send_file(io.BytesIO(exchange.export_csv()), "text/csv", as_attachment=True, download_name="paadas.csv")

    @desk.route("/data", post=True)
    def read_in() -> ResponseReturnValue:
        file = request.files.get("file")
        if file is None or not file.filename:
            return desk.refused(desk.say("no_file"), "data")
        try:
            added = exchange.read_in(file.filename, file.read())
        except BadFile as bad:
            return desk.page("data", bad_file=bad.detail), 400
        return desk.done(desk.say("file_read", n=added), "data")
