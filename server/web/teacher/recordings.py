"""Recordings of a child's voice: only with consent. They can be heard, downloaded and deleted."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

from flask import abort, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from ... import security
from ...clock import utc_ms
from ...files import remove
from ...store.records import Sample
from ...store.store import Store
from .context import TeacherContext

# The folder of recordings in the data folder; their paths begin with it.
SAMPLES = "samples/"


def add_recordings(context: TeacherContext) -> None:
    """Add /teacher/learners/<id>/samples..."""
    records, folder = context.parts.records, context.parts.data_dir

    def there(learner_id: int) -> list[Sample]:
        """Return the recordings whose file exists: an import brings rows only."""
        files = ((kept, inside(folder, kept.path)) for kept in records.samples(learner_id))
        return [kept for kept, file in files if file is not None and file.is_file()]

    @context.route("/learners/<int:learner_id>/samples")
    def samples(learner_id: int) -> ResponseReturnValue:
        return context.page("samples", learner=records.learner(learner_id), samples=there(learner_id))

    @context.route("/learners/<int:learner_id>/samples/<path:path>")
    def sample(learner_id: int, path: str) -> ResponseReturnValue:
        if path not in {kept.path for kept in there(learner_id)}:
            abort(404)
        return send_file(folder / path)

    @context.route("/learners/<int:learner_id>/samples.zip")
    def samples_zip(learner_id: int) -> ResponseReturnValue:
        # Not in memory: they may take a hundred megabytes.
        with context.scratch("samples.zip") as packed:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for kept in there(learner_id):
                    path = folder / kept.path
                    archive.write(path, f"{kept.number}-{kept.at_ms}{path.suffix}")
            return context.hand_out(packed, f"paadas-{learner_id}.zip")

    @context.route("/learners/<int:learner_id>/samples/delete", post=True)
    def delete_samples(learner_id: int) -> ResponseReturnValue:
        unlink(folder, records.delete_samples(learner_id, request.form.getlist("path")))
        security.note("recordings_deleted", address=request.remote_addr, learner=learner_id)
        return context.done(context.say("samples_deleted"), "samples", learner_id=learner_id)

    @context.route("/learners/<int:learner_id>/consent", post=True)
    def consent(learner_id: int) -> ResponseReturnValue:
        """Record or withdraw the consent. Withdrawing deletes all recordings."""
        is_given = request.form.get("consent") == "yes"
        unlink(folder, records.set_consent(learner_id, utc_ms() if is_given else None))
        if not is_given:
            security.note("recordings_deleted", address=request.remote_addr, learner=learner_id)
        return context.done(
            context.say("consent_given" if is_given else "consent_gone"), "samples", learner_id=learner_id
        )


def inside(data_dir: Path, path: str) -> Path | None:
    """Return a recording's file; None for a path outside the folder: paths may come from an imported file."""
    if not path.startswith(SAMPLES):
        return None
    joined = safe_join(str(data_dir / SAMPLES), path.removeprefix(SAMPLES))
    return None if joined is None else Path(joined)


def unlink(data_dir: Path, paths: Iterable[str]) -> None:
    """Delete recordings. A missing file is no error."""
    for path in paths:
        file = inside(data_dir, path)
        if file is not None:
            remove(file)


def forget_learner(records: Store, data_dir: Path, learner_id: int) -> None:
    """Delete a learner. Recordings go first: a server killed in between leaves none without a learner."""
    unlink(data_dir, records.set_consent(learner_id, None))
    records.delete_learner(learner_id)
