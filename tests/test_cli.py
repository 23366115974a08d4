"""The command line: refused starts with their advice, and the other commands."""

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask_socketio import SocketIO

from server import security
from server.app import BACK_UP_EVERY_S, Server, create_app
from server.cli import main
from server.settings import Settings
from server.store.clock_steps import ClockSteps
from server.store.database import FILE_NAME, open_database
from server.store.records import Sample
from server.store.sessions import Sessions as KeptSessions
from server.store.store import Store
from server.web.teacher.access import Access, first_code
from server.web.teacher.sessions import Sessions
from tests.store.making import DAY_MS, NOON_MS, a_learner, made_older, practise, tables_in
from tests.support.server import ROOT, free_port, serving

pytestmark = pytest.mark.gateway


def failing_start(*options: str) -> str:
    """Run `run.py`, which must refuse to start; returns what it said."""
    result = subprocess.run([sys.executable, "run.py", *options], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    return ["--port", str(free_port()), "--data", str(tmp_path / "data")]


def test_a_port_that_is_served_already_is_refused(options: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        assert "choose another port" in failing_start(*options, "--port", str(taken.getsockname()[1]))


def test_a_missing_model_is_named(options: list[str], tmp_path: Path) -> None:
    assert "no numbers network" in failing_start(*options, "--numbers-model", str(tmp_path / "no.onnx"))


@pytest.mark.parametrize("kept_bytes", [0, 100, 1_000_000])
def test_a_truncated_model_is_refused(options: list[str], tmp_path: Path, kept_bytes: int) -> None:
    model = tmp_path / "half.onnx"
    model.write_bytes((ROOT / "server" / "asr" / "numbers" / "numbers.onnx").read_bytes()[:kept_bytes])
    assert "fetch it again" in failing_start(*options, "--numbers-model", str(model))


def test_an_unwritable_data_folder_is_refused(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "choose another one with --data" in failing_start(*options, "--data", str(tmp_path / "file" / "data"))


def test_missing_prompts_are_refused(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    assert "make prompts" in failing_start(*options, "--prompts", str(tmp_path / "prompts"))


def test_vosk_without_a_model_says_what_to_give(options: list[str]) -> None:
    assert "--vosk-model" in failing_start(*options, "--engine", "vosk")


@pytest.mark.parametrize(
    ("option", "value", "advice"),
    [
        ("--database", "mysql://host/x", "must be postgresql://"),
        ("--port", "0", "greater than"),
        ("--port", "x", "not a valid integer"),
        ("--max-sessions", "0", "greater than"),
        ("--thinking-s", "-1", "greater than"),
        ("--engine", "magic", "is not one of"),
        ("--vosk-model", "hi", "is not LANGUAGE=MODEL"),
        ("--languages", "/no/such/folder", "no folder /no/such/folder"),
    ],
)
def test_nonsense_settings_are_refused(option: str, value: str, advice: str) -> None:
    assert advice in failing_start(option, value)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (("--lan", "--host", "localhost"), "must be an IPv4 address"),
        (("--lan", "--host", "::1"), "must be an IPv4 address"),
        (("--lan", "--port", "5080"), "--guide-port must differ"),
        (("--lan", "--behind-proxy"), "leave either"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(options: tuple[str, ...], advice: str) -> None:
    assert advice in failing_start(*options)


def test_the_lan_is_served_at_all_addresses_unless_one_is_given() -> None:
    assert (Settings().host, Settings(lan=True).host, Settings(lan=True, host="127.0.0.1").host) == (
        "127.0.0.1",
        "0.0.0.0",
        "127.0.0.1",
    )


def test_a_port_of_the_guide_that_is_served_already_is_refused(options: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "choose another port" in failing_start(*options, "--lan", "--host", "127.0.0.1", "--guide-port", port)


def command(folder: Path, *words: str, fails: bool = False, answer: str | None = None) -> str:
    """Run a command on the database in `folder`; returns its output."""
    result = CliRunner().invoke(main, ["--data", str(folder), *words], input=answer)
    assert (result.exit_code != 0) is fails, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def test_learners_by_command(tmp_path: Path) -> None:
    for nickname in ("Ravi", "आशा"):
        assert nickname in command(tmp_path, "learner", "add", nickname, "--class", "2A", "--picture", "kite")
    command(tmp_path, "learner", "add", "Ravi", "--language", "hi")
    lines = [line.split("\t")[1:] for line in command(tmp_path, "learner", "list").splitlines()]
    assert sorted(lines) == [["Ravi", "-", "star", "hi"], ["Ravi", "2A", "kite", "mr"], ["आशा", "2A", "kite", "mr"]]
    assert len(command(tmp_path, "learner", "list", "--class", "2A").splitlines()) == 2
    assert "2 learners are called Ravi: give the number" in command(tmp_path, "learner", "delete", "Ravi", fails=True)
    assert "0 learners are called Meera" in command(tmp_path, "learner", "delete", "Meera", fails=True)
    assert "1 to 40 visible characters" in command(tmp_path, "learner", "add", "=", fails=True)
    assert "1 to 40 visible characters" in command(tmp_path, "learner", "add", "Meera", "--class", "x" * 41, fails=True)
    assert "elephant, fish" in command(tmp_path, "learner", "add", "Meera", "--picture", "tiger", fails=True)


def test_a_deleted_learners_recordings_go_too(tmp_path: Path) -> None:
    command(tmp_path, "learner", "add", "Asha")
    store = Store(open_database(None, tmp_path))
    (learner,) = store.learners()
    store.set_consent(learner.id, NOON_MS)
    store.add_sample(Sample("samples/1.wav", learner.id, 56, NOON_MS))
    recording = tmp_path / "samples" / "1.wav"
    recording.parent.mkdir()
    recording.touch()
    assert "Aborted" in command(tmp_path, "learner", "delete", "Asha", answer="n\n", fails=True)
    assert recording.exists()
    assert "Deleted: Asha" in command(tmp_path, "learner", "delete", str(learner.id), "--yes")
    assert not recording.exists() and command(tmp_path, "learner", "list") == ""


def test_out_and_in_by_command(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "2A.zip"
    command(here, "learner", "add", "Asha", "--class", "2A")
    store = Store(open_database(None, here))
    (learner,) = store.learners()
    practise(store, learner.id, [(7, 8, 56)])
    assert str(file) in command(here, "export", str(file), "--class", "2A")
    assert "1 classes, 1 learners, 1 drills, 1 attempts, 0 samples" in command(there, "import", str(file))
    assert len(Store(open_database(None, there)).attempts_of(learner.id)) == 1
    assert "no class 9Z" in command(here, "export", str(file), "--class", "9Z", fails=True)
    assert "cannot be read" in command(there, "import", str(tmp_path / "none.json"), fails=True)


def test_a_forgotten_passphrase_is_reset_by_command(tmp_path: Path) -> None:
    command(tmp_path, "learner", "add", "Asha")
    store = Store(open_database(None, tmp_path))
    access, code = Access(store), first_code(store)
    assert f"the code {code}." in command(tmp_path, "teacher", "code")
    assert access.set_first(code, "tables are fun", "tables are fun", "here")
    assert "is set" in command(tmp_path, "teacher", "code")
    said = command(tmp_path, "teacher", "reset")
    assert access.stamp is None
    assert f"the code {first_code(store)}." in said and first_code(store) != code
    assert "Asha" in command(tmp_path, "learner", "list")


def test_what_commands_do_is_in_the_security_log_and_no_name(tmp_path: Path) -> None:
    data, file, copy = tmp_path / "data", tmp_path / "all.json", tmp_path / "copy.sqlite3"
    command(data, "learner", "add", "Secretive")
    engine = open_database(None, data)
    Access(Store(engine)).set_first(first_code(Store(engine)) or "", "tables are fun", "tables are fun", "10.0.0.1")
    session = Sessions(KeptSessions(engine)).open()
    command(data, "export", str(file))
    command(data, "import", str(file))
    command(data, "backup", str(copy))
    command(data, "learner", "delete", "Secretive", "--yes")
    command(data, "restore", str(copy), "--yes")
    assert not Sessions(KeptSessions(open_database(None, data))).goes_on(session), "it dates from the time of the copy"
    command(data, "teacher", "reset")
    assert [event.name for event in reversed(security.latest(data, 50))][-5:] == [
        "export_done",
        "import_done",
        "learner_deleted",
        "restored",
        "passphrase_reset",
    ]
    assert "Secretive" not in (data / security.FILE_NAME).read_text()


def test_a_backup_by_command(tmp_path: Path) -> None:
    command(tmp_path / "here", "learner", "add", "Asha")
    (tmp_path / "copy").mkdir()
    command(tmp_path / "here", "backup", str(tmp_path / "copy" / FILE_NAME))
    assert "Asha" in command(tmp_path / "copy", "learner", "list")


def test_a_backup_is_put_back_whatever_came_later(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "school.sqlite3"
    command(data, "learner", "add", "Asha")
    command(data, "backup", str(copy))
    # An open connection keeps later changes in the write-ahead log.
    with closing(sqlite3.connect(data / FILE_NAME)) as unclosed:
        unclosed.execute("UPDATE learners SET nickname = 'Zoya'")
        unclosed.commit()
        assert "Zoya" in command(data, "learner", "list")
        command(data, "restore", "--yes", str(copy))
        assert "Asha" in command(data, "learner", "list")
        # A newer program has changed the tables meanwhile.
        unclosed.execute("UPDATE alembic_version SET version_num = 'of tomorrow'")
        unclosed.commit()
        assert "newer version" in command(data, "learner", "list", fails=True)
        command(data, "restore", "--yes", str(copy))
    assert "Asha" in command(data, "learner", "list")


def test_what_is_replaced_by_a_backup_is_kept_and_named(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "school.sqlite3"
    command(data, "learner", "add", "Asha")
    command(data, "backup", str(copy))
    command(data, "learner", "add", "Zoya")
    kept = command(data, "restore", "--yes", str(copy)).split(" is kept in ")[1].strip()
    assert "Zoya" not in command(data, "learner", "list")
    command(data, "restore", "--yes", kept)
    assert "Zoya" in command(data, "learner", "list")


def test_a_running_server_has_its_data_folder_to_itself(
    tmp_path: Path, options: list[str], silent_prompts: Path
) -> None:
    data, copy = tmp_path / "data", tmp_path / "school.sqlite3"
    command(data, "learner", "add", "Asha")
    command(data, "backup", str(copy))
    port = options[1]
    with serving(f"http://127.0.0.1:{port}", *options, "--prompts", str(silent_prompts)) as (server, _):
        # Commands that share the database with a server go on.
        command(data, "learner", "add", "Zoya")
        command(data, "backup", str(tmp_path / "other.sqlite3"))
        command(data, "export", str(tmp_path / "school.json"))
        (data / "scratch" / "kept").touch()
        said = failing_start("--port", str(free_port()), "--data", str(data))
        assert "is in use" in said and str(server.pid) in said
        assert (data / "scratch" / "kept").exists()
        for words in (["restore", "--yes", str(copy)], ["migrate"]):
            assert "stop it first" in command(data, *words, fails=True)
        assert "Zoya" in command(data, "learner", "list")
    command(data, "restore", "--yes", str(copy))
    assert "Zoya" not in command(data, "learner", "list")


@pytest.mark.parametrize(
    "words",
    [
        ["learner", "list"],
        ["learner", "add", "Ravi"],
        ["learner", "delete", "Asha", "--yes"],
        ["teacher", "code"],
        ["teacher", "reset"],
        ["export", "school.json"],
        ["backup", "school.sqlite3"],
        ["import", "school.json"],
    ],
)
def test_a_command_leaves_older_tables_alone_and_says_what_to_do(tmp_path: Path, words: list[str]) -> None:
    data = tmp_path / "data"
    command(data, "learner", "add", "Asha")
    words = [str(tmp_path / word) if "school" in word else word for word in words]
    made_older(data / FILE_NAME)
    before = tables_in(data / FILE_NAME)
    assert "run `python run.py migrate`" in command(data, *words, fails=True)
    assert tables_in(data / FILE_NAME) == before and not list(data.glob("*before*"))
    assert "up to date" in command(data, "migrate")
    assert "Asha" in command(data, "learner", "list")


@pytest.mark.parametrize("no_backups", [False, True])
def test_the_server_backs_its_file_up_unless_told_not_to(
    tmp_path: Path, silent_prompts: Path, monkeypatch: pytest.MonkeyPatch, no_backups: bool
) -> None:
    tasks: list[tuple[float, Callable[[], object]]] = []
    monkeypatch.setattr(SocketIO, "start_background_task", lambda self, task, *given: None)
    monkeypatch.setattr(Server, "keep_doing", lambda self, every_s, action: tasks.append((every_s, action)))
    settings = Settings(data_dir=tmp_path, prompts_dir=silent_prompts, async_mode="threading", no_backups=no_backups)
    create_app(settings).start_tasks()
    for every_s, action in tasks:
        if every_s == BACK_UP_EVERY_S:
            action()
    assert len(list((tmp_path / "backups").glob("paadas-*.sqlite3"))) == (0 if no_backups else 1)


def test_nothing_else_is_put_back(tmp_path: Path) -> None:
    command(tmp_path, "learner", "add", "Asha")
    (tmp_path / "text").write_text("no database " * 100)
    with closing(sqlite3.connect(tmp_path / "other.sqlite3")) as other:
        other.execute("CREATE TABLE anything (id)")
    for name in ("text", "other.sqlite3"):
        assert f"{tmp_path / name} cannot be put back" in command(
            tmp_path, "restore", "--yes", str(tmp_path / name), fails=True
        )
    assert "Asha" in command(tmp_path, "learner", "list")


def test_the_tables_of_a_database_elsewhere_are_migrated_by_command(tmp_path: Path) -> None:
    elsewhere = ("--database", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    assert "run `python run.py migrate`" in command(tmp_path, *elsewhere, "learner", "list", fails=True)
    assert "up to date" in command(tmp_path, *elsewhere, "migrate")
    assert command(tmp_path, *elsewhere, "learner", "list") == ""
    assert "up to date" in command(tmp_path, "migrate")


def test_a_database_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    away = ("--database", "postgresql://teacher:secret@127.0.0.1:1/paadas")
    for words in (["migrate"], ["learner", "list"]):
        said = command(tmp_path, *away, *words, fails=True)
        assert "cannot be used" in said and "secret" not in said


def test_a_new_authority_by_command(tmp_path: Path) -> None:
    first = command(tmp_path, "new-authority", "--yes")
    second = command(tmp_path, "new-authority", answer="y\n")
    assert "Fingerprint" in first and first.split()[-1] != second.split()[-1]
    assert len(list((tmp_path / "lan").glob("authority*.pem"))) == 2
    command(tmp_path, "new-authority", answer="n\n", fails=True)
    assert len(list((tmp_path / "lan").glob("authority*.pem"))) == 2


def test_wrong_dates_are_shown_and_set_right_by_command(tmp_path: Path) -> None:
    engine = open_database(None, tmp_path)
    store = Store(engine)
    asha = a_learner(store)
    practise(store, asha, [(7, 8, 56)], NOON_MS + 400 * DAY_MS)
    ClockSteps(engine).look_at_start(NOON_MS)
    assert "days ahead" in command(tmp_path, "clock", "list")
    span = ("--from", "2026-01-01", "--until", "2027-01-01T00:00:00")
    assert "1 answers" in command(tmp_path, "clock", "repair", *span, "--days-ahead", "400")
    assert [attempt.at_ms for attempt in store.attempts_of(asha)] == [NOON_MS + 6000]
    assert command(tmp_path, "clock", "list") == ""
    backwards = ("--from", "2026-01-02", "--until", "2026-01-01", "--days-ahead", "1")
    assert "after the beginning" in command(tmp_path, "clock", "repair", *backwards, fails=True)
