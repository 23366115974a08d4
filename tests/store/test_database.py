"""Opening, migrating and copying databases."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from server.store.backups import back_up
from server.store.database import FILE_NAME, make_engine, migrate, open_database
from server.store.errors import StoreError
from server.store.models import Base
from server.store.store import Store
from tests.store.making import a_learner, practise
from tests.support.server import ROOT


def test_the_migrations_make_what_the_models_say(url: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    migrate(engine)


def test_the_embedded_database_needs_no_set_up(tmp_path: Path) -> None:
    store = Store(open_database(None, tmp_path))
    learner = a_learner(store)
    again = Store(open_database(None, tmp_path))
    assert again.learner(learner).nickname == "Asha"
    assert (tmp_path / FILE_NAME).is_file()


def test_other_users_of_the_machine_cannot_read_the_database(tmp_path: Path) -> None:
    open_database(None, tmp_path)
    assert {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in tmp_path.iterdir()} == {0}


def refused(url: str | None, folder: Path) -> StoreError:
    with pytest.raises(StoreError) as refusal:
        open_database(url, folder)
    return refusal.value


def test_an_external_database_is_migrated_on_request_only(url: str, tmp_path: Path) -> None:
    assert refused(url, tmp_path).code == "store_outdated"
    migrate(make_engine(url))
    assert open_database(url, tmp_path)


@pytest.mark.parametrize("embedded", [True, False])
def test_a_database_from_the_future_is_left_alone(tmp_path: Path, embedded: bool) -> None:
    engine = open_database(None, tmp_path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert refused(None if embedded else str(engine.url), tmp_path).code == "store_newer"


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("mysql://localhost/x", "neither sqlite nor postgresql"),
        ("nonsense", "no address"),
        ("postgresql://h:x/y", "no address"),
        ("postgresql://teacher:secret phrase", "no address"),
        ("postgresql://teacher:secret@127.0.0.1:1/paadas", "cannot be used"),
        ("sqlite:////no/such/folder/x", "cannot be used"),
    ],
)
def test_an_unusable_database_is_refused_with_the_reason(tmp_path: Path, url: str, advice: str) -> None:
    refusal = refused(url, tmp_path)
    assert refusal.code == "store_failed"
    assert advice in str(refusal)
    assert "secret" not in str(refusal)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 100)
    assert refused(None, tmp_path).code == "store_failed"


def test_a_copy_is_taken_while_answers_come_in(tmp_path: Path) -> None:
    engine = open_database(None, tmp_path)
    store = Store(engine)
    learner = a_learner(store)
    practise(store, learner, [(7, 8, 56)])
    (tmp_path / "copies").mkdir()
    target = tmp_path / "copies" / FILE_NAME
    target.write_text("an older copy")
    with engine.execution_options(writes=True).begin():
        back_up(engine, target)
    practise(store, learner, [(7, 8, 54)])
    assert sqlite3.connect(target).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(Store(open_database(None, target.parent)).attempts_of(learner)) == 1


def test_a_copy_that_fails_leaves_the_older_one(tmp_path: Path) -> None:
    engine = open_database(None, tmp_path)
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(engine, tmp_path / "no" / "such" / "folder")


@pytest.mark.postgres
def test_postgresql_is_copied_by_its_own_tools(postgres, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(StoreError, match="pg_dump"):
        back_up(make_engine(postgres()), tmp_path / "copy")


TOGETHER = """
import sys
from pathlib import Path
from server.store.database import make_engine, migrate, open_database
from server.store.store import Store
from server.web.teacher.access import first_code
url, folder = sys.argv[1:]
print("here", flush=True)
sys.stdin.readline()
if folder:
    engine = open_database(None, Path(folder))
else:
    engine = make_engine(url)
    migrate(engine)
print(first_code(Store(engine)))
"""


@pytest.mark.parametrize("embedded", [False, True])
def test_processes_that_begin_together_prepare_an_empty_database_once(url: str, tmp_path: Path, embedded: bool) -> None:
    if embedded and not url.startswith("sqlite"):
        pytest.skip("the same as before")
    command = [sys.executable, "-c", TOGETHER, url, str(tmp_path) if embedded else ""]
    processes = [subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdout and process.stdout.readline() == "here\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, said
    assert len({code for code, _ in said}) == 1
