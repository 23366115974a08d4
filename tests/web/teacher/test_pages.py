"""The content of the teacher's pages, and their changes."""

import io
import os
import re
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from server.drill.judging import Verdict
from server.languages import available, load_language
from server.names import LONGEST_NAME
from server.store.daily import DailyBackups
from server.store.records import Sample
from server.store.store import Store
from server.web.teacher.i18n import Words
from server.web.teacher.recordings import forget_learner
from tests.store.making import NOON_MS, a_drill, a_learner, an_entry, practise

from .conftest import post

NEW = {"nickname": "आशा", "picture": "kite", "class_name": "3 B", "language": "mr"}
ANSWERS: list[tuple[int, int, int | None]] = [(7, 8, 54), (7, 8, 56), (2, 3, 6), (2, 4, None)]


def paths(learner: int) -> list[str]:
    child = f"learners/{learner}"
    return [
        "",
        "classes",
        "data",
        "settings",
        "learners/new",
        child,
        f"{child}/change",
        f"{child}/delete",
        f"{child}/report",
        f"{child}/certificate",
        f"{child}/samples",
    ]


@pytest.fixture
def asha(store: Store, tmp_path: Path) -> int:
    """A child with answers, consent and a recording."""
    learner = a_learner(store, "Asha", "3 B")
    practise(store, learner, ANSWERS)
    store.set_consent(learner, NOON_MS)
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "one.wav").write_bytes(b"RIFF sound")
    store.add_sample(Sample("samples/one.wav", learner, 56, NOON_MS))
    return learner


@pytest.mark.parametrize("code", available())
def test_every_page_speaks_every_language_and_obeys_the_policy(teacher: FlaskClient, asha: int, code: str) -> None:
    for path in paths(asha):
        answer = teacher.get(f"/teacher/{path}?language={code}".replace("/?", "?"))
        assert answer.status_code == 200, path
        assert not re.search(r"\sstyle=|<style|<script|\son\w+=|\{\w+\}", answer.text), path
        if not path.endswith(("report", "certificate")):
            assert f'<html lang="{code}">' in answer.text
    assert load_language(code).teacher["children"] in teacher.get("/teacher").text


def test_a_class_at_a_time_and_the_one_seen_last_again(teacher: FlaskClient, store: Store) -> None:
    for nickname, class_name in (("Asha", "3 B"), ("Ravi", "4 A"), ("Meera", None)):
        a_learner(store, nickname, class_name)

    def shown(answer: TestResponse) -> list[str]:
        return [name for name in ("Asha", "Ravi", "Meera") if f"<span>{name}</span>" in answer.text]

    first = teacher.get("/teacher?language=en")
    assert shown(first) == ["Asha"] and "4 A (1)" in first.text and "In no class (1)" in first.text
    assert shown(teacher.get("/teacher?class=4 A")) == shown(teacher.get("/teacher")) == ["Ravi"]
    assert shown(teacher.get("/teacher?class=")) == shown(teacher.get("/teacher")) == ["Meera"]
    assert shown(teacher.get("/teacher?class=gone")) == ["Asha"]
    post(teacher, "learners/new", "learners/new", **{**NEW, "class_name": "4 A"})
    assert shown(teacher.get("/teacher")) == ["Ravi"]


def test_the_language_is_the_browsers_until_one_is_chosen(teacher: FlaskClient, app: Flask) -> None:
    stranger = app.test_client()
    assert '<html lang="mr">' in stranger.get("/teacher/door").text
    assert '<html lang="hi">' in stranger.get("/teacher/door", headers={"Accept-Language": "hi-IN,en;q=0.8"}).text
    assert '<html lang="en">' in stranger.get("/teacher/door?language=en").text
    assert '<html lang="en">' in stranger.get("/teacher/door", headers={"Accept-Language": "hi-IN"}).text


def test_papers_are_in_the_childs_language(teacher: FlaskClient, asha: int) -> None:
    teacher.get("/teacher?language=en")
    report = teacher.get(f"/teacher/learners/{asha}/report").text
    assert '<html lang="mr">' in report and "७ × ८ = ५६" in report
    assert '<nav class="off-paper" lang="en">' in report
    assert load_language("mr").teacher["certificate"] in teacher.get(f"/teacher/learners/{asha}/certificate").text


def test_the_page_of_a_child_tells_what_happened(teacher: FlaskClient, asha: int) -> None:
    page = teacher.get(f"/teacher/learners/{asha}?language=en").text
    assert "7 × 8 = 56: Known" in page or "7 × 8 = 56: Learning" in page
    assert "wrong 1×; said: 54" in re.sub(r"\s+", " ", page)
    assert "Of 3 spoken answers, 0 had to be asked again." in page


def test_the_page_of_a_child_tells_what_could_not_be_heard(teacher: FlaskClient, store: Store, asha: int) -> None:
    heading = load_language("en").teacher["unheard"]
    assert heading not in teacher.get(f"/teacher/learners/{asha}?language=en").text
    for learner in (asha, a_learner(store, "Ravi")):
        drill = a_drill(learner, NOON_MS + 3_600_000)
        store.write([drill])
        store.write([an_entry(drill, turn, 6, 9, None, verdict=Verdict.UNSURE) for turn in range(1, 5)])
        page = re.sub(r"\s+", " ", teacher.get(f"/teacher/learners/{learner}?language=en").text)
        assert f"<p>{heading}</p>" in page and "<b>6 × 9 = 54</b> <span>1×</span>" in page


def test_a_child_without_answers_has_its_page(teacher: FlaskClient, store: Store) -> None:
    for path in paths(a_learner(store)):
        assert teacher.get(f"/teacher/{path}".removesuffix("/")).status_code == 200, path


def test_an_unknown_child_has_none(teacher: FlaskClient) -> None:
    for path in ("", "/report", "/change", "/delete", "/samples"):
        answer = teacher.get(f"/teacher/learners/1{path}?language=en")
        assert answer.status_code == 404
        assert load_language("en").teacher["error_unknown_learner"] in answer.text
    assert teacher.get("/teacher/nowhere").status_code == 404
    assert post(teacher, "learners/1/change", "learners/new", **NEW).status_code == 404


def test_a_child_is_added_changed_and_named_as_typed(teacher: FlaskClient, store: Store) -> None:
    post(teacher, "learners/new", "learners/new", **NEW | {"nickname": "  <b>आ\u0000शा</b>\n "})
    (learner,) = store.learners()
    assert (learner.nickname, learner.picture, learner.class_name, learner.language) == (
        "<b>आ शा</b>",
        "kite",
        "3 B",
        "mr",
    )
    assert "<b>आ" not in teacher.get("/teacher").text
    change = f"learners/{learner.id}/change"
    answer = post(teacher, change, change, **NEW | {"class_name": "x" * 41})
    assert answer.location == f"/teacher/{change}" and store.learner(learner.id).class_name == "3 B"
    post(teacher, change, change, **NEW | {"nickname": "Mina", "class_name": "", "picture": "owl", "language": "hi"})
    (learner,) = store.learners()
    assert (learner.nickname, learner.picture, learner.class_name, learner.language) == ("Mina", "owl", None, "hi")


@pytest.mark.parametrize(
    "wrong",
    [
        {"nickname": " "},
        {"nickname": "x" * 41},
        {"nickname": "\u200d"},
        {"picture": "../secret"},
        {"language": "tlh"},
        {"nickname": "=+-"},
    ],
)
def test_nonsense_is_refused_with_a_reason(teacher: FlaskClient, store: Store, wrong: dict[str, str]) -> None:
    post(teacher, "learners/new", "learners/new?language=en", **NEW | wrong)
    assert (
        load_language("en").teacher["bad_learner"].format(n=LONGEST_NAME) in teacher.get("/teacher/learners/new").text
    )
    assert store.learners() == []


def test_deleting_asks_first_and_leaves_nothing(teacher: FlaskClient, store: Store, asha: int, tmp_path: Path) -> None:
    delete = f"learners/{asha}/delete"
    assert load_language("mr").teacher["delete_for_good"] in teacher.get(f"/teacher/{delete}").text
    assert store.learner(asha)
    post(teacher, delete, delete)
    with store.engine.connect() as connection:
        for table in ("learners", "drills", "attempts", "samples"):
            assert inspect(store.engine).has_table(table)
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    assert not (tmp_path / "samples").exists()
    assert teacher.get(f"/teacher/learners/{asha}").status_code == 404


def test_classes_come_and_go(teacher: FlaskClient, store: Store, asha: int) -> None:
    post(teacher, "classes/add", "classes", name=" 4  A ")
    assert store.classes() == ["3 B", "4 A"]
    post(teacher, "classes/rename", "classes", old="3 B", name="4 A")
    assert store.classes() == ["3 B", "4 A"]
    post(teacher, "classes/rename", "classes", old="3 B", name="5 C")
    assert store.learner(asha).class_name == "5 C"
    assert post(teacher, "classes/rename", "classes", old="none", name="6").status_code == 404
    post(teacher, "classes/delete", "classes", old="5 C")
    assert store.classes() == ["4 A"] and store.learner(asha).class_name is None


def test_recordings_are_heard_taken_out_and_deleted(
    teacher: FlaskClient, store: Store, asha: int, tmp_path: Path
) -> None:
    samples, file = f"learners/{asha}/samples", tmp_path / "samples" / "one.wav"
    other = a_learner(store, "Other")
    assert teacher.get(f"/teacher/{samples}/samples/one.wav").data == b"RIFF sound"
    assert teacher.get(f"/teacher/learners/{other}/samples/samples/one.wav").status_code == 404
    packed = zipfile.ZipFile(io.BytesIO(teacher.get(f"/teacher/{samples}.zip").data))
    assert packed.namelist() == [f"56-{NOON_MS}.wav"]
    post(teacher, f"learners/{other}/samples/delete", samples, path="samples/one.wav")
    assert file.exists() and store.samples(asha)
    post(teacher, f"{samples}/delete", samples, path="samples/one.wav")
    assert not file.exists() and store.samples(asha) == []


def test_of_recordings_whose_files_did_not_come_along_nothing_is_shown(
    teacher: FlaskClient, store: Store, asha: int
) -> None:
    store.add_sample(Sample("samples/two.wav", asha, 63, NOON_MS))
    page = teacher.get(f"/teacher/learners/{asha}/samples").text
    assert "samples/one.wav" in page and "samples/two.wav" not in page


def test_a_server_killed_while_it_deletes_a_child_leaves_no_voice(store: Store, asha: int, tmp_path: Path) -> None:
    class Killed(Store):
        def delete_learner(self, learner: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forget_learner(Killed(store.engine), tmp_path, asha)
    assert store.learner(asha) and not (tmp_path / "samples").exists()


def test_without_consent_nothing_is_kept(teacher: FlaskClient, store: Store, asha: int, tmp_path: Path) -> None:
    page, mina = f"learners/{asha}/samples", a_learner(store, "Mina")
    assert store.learner(mina).consent_at_ms is None
    post(teacher, f"learners/{asha}/consent", page, consent="no")
    assert store.learner(asha).consent_at_ms is None and store.samples(asha) == []
    assert not (tmp_path / "samples" / "one.wav").exists()
    post(teacher, f"learners/{asha}/consent", page, consent="yes")
    assert store.learner(asha).consent_at_ms is not None


def test_a_recording_outside_of_the_folder_stays_where_it_is(
    teacher: FlaskClient, store: Store, asha: int, tmp_path: Path
) -> None:
    for path in ("secret.key", "samples/../secret.key"):
        store.add_sample(Sample(path, asha, 1, NOON_MS))
        assert teacher.get(f"/teacher/learners/{asha}/samples/{path}").status_code == 404
    assert len(zipfile.ZipFile(io.BytesIO(teacher.get(f"/teacher/learners/{asha}/samples.zip").data)).namelist()) == 1
    post(teacher, f"learners/{asha}/delete", f"learners/{asha}/delete")
    assert (tmp_path / "secret.key").exists()


def test_the_data_page_says_when_the_last_backup_was_made_and_where(
    teacher: FlaskClient, store: Store, tmp_path: Path
) -> None:
    texts, folder = load_language("en").teacher, str(tmp_path / "backups")
    assert texts["backups_none_yet"].format(folder=folder) in teacher.get("/teacher/data?language=en").text
    DailyBackups(store.engine, tmp_path / "backups").make_if_due()
    (backup,) = (tmp_path / "backups").iterdir()
    os.utime(backup, (NOON_MS / 1000, NOON_MS / 1000))
    when = Words(load_language("en")).moment(NOON_MS)
    assert texts["backups_last"].format(when=when, folder=folder) in teacher.get("/teacher/data").text


def test_a_database_in_trouble_gets_a_page_that_says_so(teacher: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(store: Store) -> list[str]:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(Store, "classes", locked)
    answer = teacher.get("/teacher/classes?language=en")
    assert answer.status_code == 503
    assert load_language("en").teacher["error_store_failed"] in answer.text and "locked" not in answer.text
