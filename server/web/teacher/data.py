"""Exports and imports."""

import tempfile
from pathlib import Path

from flask import Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import security
from ...store.transfers import Transfer
from .context import SCRATCH, TeacherContext
from .upkeep import upkeep_of
from .uploads import keep

# A school of 1,000 learners with 2 million answers takes 360 MB of JSON.
LARGEST_IMPORT_BYTES = 1024**3
# How often the browser asks for the progress of a transfer.
ASK_AGAIN_S = 2


def add_data(context: TeacherContext) -> None:
    """Add /teacher/data, /teacher/export, /teacher/export/file."""
    records, parts, transfers = context.parts.records, context.parts, context.parts.transfers

    @context.route("/data")
    def data() -> ResponseReturnValue:
        """Show the page. During a transfer it reloads itself, also without JavaScript."""
        transfer = transfers.latest()
        page = make_response(
            context.page(
                "data",
                classes=records.classes(),
                transfer=transfer,
                outcome=outcome(transfer) if transfer else None,
                backups=parts.backups,
                last_at_ms=parts.backups.last_at_ms() if parts.backups else None,
                **upkeep_of(context),
            )
        )
        if transfer and transfer.is_running:
            page.headers["Refresh"] = str(ASK_AGAIN_S)
        elif transfer and transfer.kind == "export" and transfer.phase == "done" and not transfer.fetched:
            page.headers["Refresh"] = f"0; url={url_for('teacher.exported')}"
        return page

    def outcome(transfer: Transfer) -> str | None:
        """Return the result in the teacher's language."""
        if transfer.is_running:
            return None
        if transfer.phase == "done":
            if transfer.kind == "export":
                return context.say("export_ready", name=transfer.name)
            return context.say("file_read", n=transfer.read["learners"], answers=transfer.read["attempts"])
        words = context.words
        key = f"file_{transfer.reason}"
        why = words.say(key if key in words.language.teacher else "file_broke_off", **transfer.values)
        if transfer.kind == "export":
            return why
        return words.say("import_in_part" if transfer.in_part else "bad_file") + " " + why

    @context.route("/export")
    def export() -> ResponseReturnValue:
        """Begin an export. CSV comes as a zip with a file for each table."""
        class_name = request.args.get("class") or None
        if class_name is not None and class_name not in records.classes():
            return context.error("unknown_class", 404)
        name = "paadas.zip" if request.args.get("kind") == "zip" else "paadas.json"
        return began("export", transfers.export_file(new_place(name), name, class_name))

    @context.route("/export/file")
    def exported() -> ResponseReturnValue:
        transfer = transfers.latest()
        if transfer is None or transfer.kind != "export" or not transfer.file.exists():
            abort(404)
        answer: Response = context.hand_out(transfer.file, transfer.name)
        transfers.fetch()
        return answer

    @context.route("/data", post=True, file_bytes=LARGEST_IMPORT_BYTES)
    def read_in() -> ResponseReturnValue:
        file = request.files.get("file")
        if file is None or not file.filename:
            return context.refused(context.say("no_file"), "data")
        place = new_place(f"file{Path(file.filename).suffix.lower()[:8]}")
        keep(file, place)
        has_begun = transfers.import_file(place, file.filename)
        if not has_begun:
            place.unlink()
        return began("import", has_begun)

    @context.route("/data/cancel", post=True)
    def cancel() -> ResponseReturnValue:
        transfers.cancel()
        return redirect(url_for("teacher.data"))

    def new_place(name: str) -> Path:
        """Return a path in a new folder that only the server's user can read."""
        return Path(tempfile.mkdtemp(dir=parts.data_dir / SCRATCH)) / name

    def began(kind: str, has_begun: bool) -> ResponseReturnValue:
        if not has_begun:
            return context.error("transfer_running", 409)
        security.note(kind, address=request.remote_addr)
        return redirect(url_for("teacher.data"))
