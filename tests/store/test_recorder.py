"""Recordings of a learner: with consent, and for nobody else on the machine."""

import stat
from pathlib import Path

from server.store.recorder import Recorder
from server.store.store import Store

from .making import NOON_MS, a_learner

PCM = bytes(3200)


def test_a_recording_is_kept_where_nobody_else_reads(store: Store, tmp_path: Path) -> None:
    learner = a_learner(store, "Asha")
    store.set_consent(learner, NOON_MS)
    Recorder(store, tmp_path, learner).keep(PCM, 56, NOON_MS)
    (sample,) = store.samples(learner)
    file = tmp_path / sample.path
    assert file.read_bytes().endswith(PCM)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_without_consent_nothing_stays(store: Store, tmp_path: Path) -> None:
    learner = a_learner(store, "Asha")
    Recorder(store, tmp_path, learner).keep(PCM, 56, NOON_MS)
    assert not store.samples(learner) and not [path for path in tmp_path.glob("samples/**/*") if path.is_file()]
