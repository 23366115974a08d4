"""Recordings of a child's voice: only with consent, to be heard, taken out and deleted."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

from flask import abort, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from ..clock import utc_ms
from .desk import Desk

# Recordings lie in this folder of the data folder; their paths begin with it.
SAMPLES = "samples/"


def add_recordings(desk: Desk) -> None:
    """/teacher/learners/<id>/samples..."""
    records, folder = desk.parts.records, desk.parts.data_dir

    @desk.route("/learners/<int:learner_id>/samples")
    def samples(learner_id: int) -> ResponseReturnValue:
        return desk.page("samples", learner=records.learner(learner_id), samples=records.samples(learner_id))

    @desk.route("/learners/<int:learner_id>/samples/<path:path>")
    def sample(learner_id: int, path: str) -> ResponseReturnValue:
        file = inside(folder, path) if path in {kept.path for kept in records.samples(learner_id)} else None
        if file is None or not file.is_file():
            abort(404)
        return send_file(file)

    @desk.route("/learners/<int:learner_id>/samples.zip")
    def samples_zip(learner_id: int) -> ResponseReturnValue:
        # Not in memory: in a year they grow to a gigabyte.
        with desk.scratch("samples.zip") as packed:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for kept in records.samples(learner_id):
                    path = inside(folder, kept.path)
                    if path is not None and path.is_file():
                        archive.write(path, f"{kept.number}-{kept.at_ms}{path.suffix}")
            return desk.hand_out(packed, f"paadas-{learner_id}.zip")

    @desk.route("/learners/<int:learner_id>/samples/delete", post=True)
    def delete_samples(learner_id: int) -> ResponseReturnValue:
        unlink(folder, records.delete_samples(learner_id, request.form.getlist("path")))
        return desk.done(desk.say("samples_deleted"), "samples", learner_id=learner_id)

    @desk.route("/learners/<int:learner_id>/consent", post=True)
    def consent(learner_id: int) -> ResponseReturnValue:
        """Given, or taken back: then what there is goes."""
        is_given = request.form.get("consent") == "yes"
        unlink(folder, records.set_consent(learner_id, utc_ms() if is_given else None))
        return desk.done(desk.say("consent_given" if is_given else "consent_gone"), "samples", learner_id=learner_id)


def inside(data_dir: Path, path: str) -> Path | None:
    """The file of a recording, None where it would be something else: paths may come from a file that was read in."""
    if not path.startswith(SAMPLES):
        return None
    joined = safe_join(str(data_dir / SAMPLES), path.removeprefix(SAMPLES))
    return None if joined is None else Path(joined)


def unlink(data_dir: Path, paths: Iterable[str]) -> None:
    """Delete recordings; those that are gone already are gone."""
    for path in paths:
        file = inside(data_dir, path)
        if file is not None:
            file.unlink(missing_ok=True)
