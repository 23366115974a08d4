"""Recordings of a learner: with consent, and unreadable for other users of the machine."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import delete

from server.store.database import writing
from server.store.models import LearnerRow
from server.store.recorder import Recorder, delete_strays, strays, sweep
from server.store.store import Store

from .making import NOON_MS, a_learner, inline

PCM = bytes(3200)


def recorded(store: Store, data_dir: Path, nickname: str, times: int) -> int:
    """Add a learner with consent and this many recordings."""
    learner = a_learner(store, nickname)
    store.set_consent(learner, NOON_MS)
    for later_ms in range(times):
        Recorder(store, data_dir, learner, inline).keep(PCM, 56, NOON_MS + later_ms)
    return learner


def wavs(data_dir: Path) -> list[str]:
    return sorted(path.relative_to(data_dir).as_posix() for path in data_dir.glob("samples/**/*.wav"))


def test_a_recording_is_private_to_the_servers_user(store: Store, tmp_path: Path) -> None:
    learner = a_learner(store, "Asha")
    store.set_consent(learner, NOON_MS)
    Recorder(store, tmp_path, learner, inline).keep(PCM, 56, NOON_MS)
    (sample,) = store.samples(learner)
    file = tmp_path / sample.path
    assert file.read_bytes().endswith(PCM)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_without_consent_nothing_stays(store: Store, tmp_path: Path) -> None:
    learner = a_learner(store, "Asha")
    Recorder(store, tmp_path, learner, inline).keep(PCM, 56, NOON_MS)
    assert not store.samples(learner) and list(tmp_path.glob("samples/*")) == []


def test_a_folder_that_cannot_be_written_stops_no_drill(store: Store, tmp_path: Path) -> None:
    (tmp_path / "samples").write_text("in the way")
    assert store.samples(recorded(store, tmp_path, "Asha", 1)) == []


def test_of_one_learner_so_many_are_kept(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.store.store.MOST_SAMPLES", 2)
    asha, ravi = recorded(store, tmp_path, "Asha", 3), recorded(store, tmp_path, "Ravi", 1)
    assert [sample.at_ms - NOON_MS for sample in store.samples(asha)] == [0, 1]
    assert wavs(tmp_path) == sorted(sample.path for who in (asha, ravi) for sample in store.samples(who))


def test_what_a_killed_server_left_is_swept(store: Store, tmp_path: Path) -> None:
    asha, ravi = recorded(store, tmp_path, "Asha", 2), recorded(store, tmp_path, "Ravi", 1)
    cut_short = tmp_path / "samples" / str(asha) / f"7_{NOON_MS + 5}.wav"
    cut_short.write_bytes(b"RIFF")
    (tmp_path / "samples" / "note.txt").write_text("of the teacher")
    store.set_consent(ravi, None)  # the server is killed before the file is deleted
    sweep(store, tmp_path)
    assert wavs(tmp_path) == [sample.path for sample in store.samples(asha)] and len(wavs(tmp_path)) == 2
    assert sorted(path.name for path in tmp_path.glob("samples/*")) == sorted([str(asha), "note.txt"])


def test_recordings_of_unknown_learners_are_not_swept(store: Store, tmp_path: Path) -> None:
    """A server that was started with another database must not delete what cannot be recorded again."""
    asha = recorded(store, tmp_path, "Asha", 1)
    store.delete_learner(asha)
    sweep(store, tmp_path)
    assert len(wavs(tmp_path)) == 1


def test_a_sweep_without_recordings(store: Store, tmp_path: Path) -> None:
    sweep(store, tmp_path)
    assert not (tmp_path / "samples").exists()


def test_recordings_of_unknown_learners_are_shown_and_can_be_deleted(store: Store, tmp_path: Path) -> None:
    """As after an older backup was restored: these voices could not be deleted otherwise."""
    asha, ravi = recorded(store, tmp_path, "Asha", 2), recorded(store, tmp_path, "Ravi", 1)
    assert strays(store, tmp_path) == []
    with writing(store.engine) as session:
        session.execute(delete(LearnerRow).filter_by(id=asha))
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "other.wav").write_bytes(PCM)
    (tmp_path / "samples" / "123456").symlink_to(outside)
    (tmp_path / "samples" / "notes").mkdir()
    (tmp_path / "samples" / "notes" / "mine.wav").write_bytes(PCM)
    assert [(stray.learner, len(stray.files)) for stray in strays(store, tmp_path)] == [(asha, 2)]
    assert delete_strays(store, tmp_path) == 2
    assert strays(store, tmp_path) == [] and not (tmp_path / "samples" / str(asha)).exists()
    assert [sample.path for sample in store.samples(ravi)] == [
        path for path in wavs(tmp_path) if path.startswith(f"samples/{ravi}/")
    ]
    assert (outside / "other.wav").exists() and (tmp_path / "samples" / "notes" / "mine.wav").exists()
