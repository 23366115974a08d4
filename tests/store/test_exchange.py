"""Export and import: nothing changes on the way, and faults of a file are named."""

import json
import stat
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from server.drill.judging import Verdict
from server.store import exchange, formats
from server.store.clock_steps import ClockSteps
from server.store.database import open_database
from server.store.errors import StoreError
from server.store.exchange import export_file, import_file
from server.store.records import Sample
from server.store.retention import Retention
from server.store.snapshots import Snapshots
from server.store.store import Store
from tests.store.making import DAY_MS, NOON_MS, a_drill, a_learner, an_entry, practise

KINDS = pytest.mark.parametrize("kind", [".json", ".zip"])


def lived_in(store: Store) -> tuple[int, int]:
    """Make two learners in two classes, with something in every table and every kind of value."""
    asha, ravi = a_learner(store, 'आशा "A", 2', "2A"), a_learner(store, "Ravi", "2B")
    a_learner(store, "Nobody's")
    drill = practise(store, asha, [(7, 8, 56), (7, 8, 54), (2, 2, None)])
    store.write([an_entry(drill, 2, appeal=True), an_entry(drill, 4, verdict=Verdict.UNSURE, response_ms=None)])
    practise(store, ravi, [(3, 4, 12), (6, 7, 41)], NOON_MS - 400 * DAY_MS)
    Retention(store.engine, ClockSteps(store.engine)).reduce(NOON_MS - 300 * DAY_MS)
    practise(store, ravi, [(10, 10, 100)])
    store.write([a_drill(None)])
    store.set_consent(asha, NOON_MS)
    store.add_sample(Sample("samples/1.wav", asha, 56, NOON_MS))
    store.set_setting("teacher_hash", "secret")
    return asha, ravi


@pytest.fixture
def other(tmp_path: Path) -> Engine:
    folder = tmp_path / "other"
    folder.mkdir()
    return open_database(None, folder)


@KINDS
def test_there_and_back_is_identical(store: Store, other: Engine, tmp_path: Path, kind: str) -> None:
    asha, ravi = lived_in(store)
    first, second, third = (tmp_path / f"{name}{kind}" for name in ("first", "second", "third"))
    seen: list[int] = []
    export_file(store.engine, first, progress=seen.append)
    assert sum(seen) == 2 + 3 + 3 + 6 + 1 + 1
    read = {"classes": 2, "learners": 3, "drills": 3, "attempts": 6, "samples": 1, "baselines": 1}
    assert import_file(other, first) == read
    export_file(other, second)
    assert first.read_bytes() == second.read_bytes()
    assert Store(other).attempts_of(asha) == store.attempts_of(asha)
    assert Store(other).learners() == store.learners()
    assert Snapshots(other).known(ravi) == Snapshots(store.engine).known(ravi)
    import_file(store.engine, second)
    export_file(store.engine, third)
    assert third.read_bytes() == first.read_bytes(), "twice is harmless"


@KINDS
def test_drills_go_on_while_a_file_is_read_in(store: Store, other: Engine, tmp_path: Path, kind: str) -> None:
    lived_in(store)
    file, learner = tmp_path / f"all{kind}", a_learner(Store(other), "Somebody else")
    export_file(store.engine, file)
    answered = 0

    def answer(rows: int) -> None:
        nonlocal answered
        practise(Store(other), learner, [(7, 8, 56)])
        answered += 1

    import_file(other, file, answer)
    assert len(Store(other).attempts_of(learner)) == answered == 2 * 6  # each table is checked, then written


@KINDS
def test_a_class_alone(store: Store, other: Engine, tmp_path: Path, kind: str) -> None:
    asha, _ = lived_in(store)
    file = tmp_path / f"2A{kind}"
    export_file(store.engine, file, "2A")
    import_file(other, file)
    assert [learner.id for learner in Store(other).learners()] == [asha]
    assert Store(other).classes() == ["2A"]
    assert len(Store(other).attempts_of(asha)) == 5
    with pytest.raises(StoreError, match="no class 9Z"):
        export_file(store.engine, file, "9Z")


@KINDS
def test_exports_hold_no_secrets_and_are_for_their_owner_only(other: Engine, tmp_path: Path, kind: str) -> None:
    lived_in(Store(other))
    file = tmp_path / f"all{kind}"
    export_file(other, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = (
        "".join(zipfile.ZipFile(file).read(name).decode() for name in zipfile.ZipFile(file).namelist())
        if kind == ".zip"
        else file.read_text()
    )
    assert "Ravi" in content and "secret" not in content


def refusal(engine: Engine, file: Path) -> str:
    """Import an invalid file, of which nothing may stay; returns code and message."""
    with pytest.raises(StoreError) as refused:
        import_file(engine, file)
    assert Store(engine).learners() == [] and Store(engine).classes() == []
    return f"{refused.value.code}: {refused.value}"


@pytest.mark.parametrize(
    ("table", "change", "expected"),
    [
        ("learners", {"id": "x"}, "bad_row: learners, row 1: id: "),
        ("learners", {"nickname": "=+-"}, "a name has 1 to 40 visible characters"),
        ("learners", {"nickname": "x" * 41}, "a name has 1 to 40 visible characters"),
        ("learners", {"class_name": "9Z"}, "bad_row: learners, row 1: class_name: 9Z is not among the classes"),
        ("learners", {"extra": 1}, "bad_row: learners, row 1: extra: "),
        ("drills", {"learner": 77}, "row 1: learner: 77 is not among the learners"),
        ("drills", {"tables": [31]}, "bad_row: drills, row 1: tables.0: "),
        ("attempts", {"drill": 77}, "bad_row: attempts, row 1: drill: 77 is not among the drills"),
        ("attempts", {"verdict": "right"}, "bad_row: attempts, row 1: verdict: "),
        ("attempts", {"verdict": "wrong", "appeal": True}, "an appeal says that the answer was correct"),
        ("attempts", {"confidence": float("nan")}, "bad_row: attempts, row 1: confidence: "),
        ("attempts", {"heard": 2**40}, "bad_row: attempts, row 1: heard: "),
        ("attempts", {"at_ms": 1_700_000_000_000_000}, "bad_row: attempts, row 1: at_ms: "),
        ("samples", {"path": "samples/../../etc/passwd"}, "bad_row: samples, row 1: path: "),
    ],
)
def test_a_bad_row_is_named(
    store: Store, other: Engine, tmp_path: Path, table: str, change: dict[str, Any], expected: str
) -> None:
    lived_in(store)
    file = tmp_path / "all.json"
    export_file(store.engine, file)
    whole = json.loads(file.read_text())
    whole[table][0] |= change
    file.write_text(json.dumps(whole))
    assert expected in refusal(other, file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "was not exported"),
        ("[" * 100_000, "was not exported"),
        ("{}", "was not exported by Paadas"),
        ("[]", "was not exported"),
        ('{"format": ' + "[" * 100_000, "is damaged"),
        ('{"format": "paadas", "version": 3}', "version 3"),
        ('{"format": "paadas", "version": 0}', "version 0"),
        ('{"format": "paadas", "version": true}', "version True"),
        ('{"format": "paadas", "version": 1}', "no list of classes"),
        ('{"format": "paadas", "version": 1, "classes": 1}', "no list of classes"),
        ('{"format": "paadas", "version": 1, "classes": [{"name": "2A"} {"name": "2B"}]', "classes, row 1: no comma"),
        ('{"format": "paadas", "version": 1, "classes": [{"name": "2A"}, ]', "classes, row 2: it cannot be read"),
        ('{"format": "paadas", "version": 1, "classes": [' + "[" * 100_000, "classes, row 1: it cannot be read"),
        (
            '{"format": "paadas", "version": 1, "learners": [], "classes": []',
            "no list of classes; the order is classes, learners",
        ),
    ],
)
def test_a_file_that_is_no_export_is_refused(other: Engine, tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(text)
    assert expected in refusal(other, file)


@KINDS
def test_files_of_the_first_version_are_read_still(store: Store, other: Engine, tmp_path: Path, kind: str) -> None:
    """They have no baselines."""
    asha, ravi = lived_in(store)
    file, old = tmp_path / f"all{kind}", tmp_path / f"old{kind}"
    export_file(store.engine, file)
    if kind == ".json":
        whole = json.loads(file.read_text())
        del whole["baselines"]
        old.write_text(json.dumps(whole | {"version": 1}))
    else:
        with zipfile.ZipFile(file) as source, zipfile.ZipFile(old, "w") as target:
            for name in source.namelist():
                if name != "baselines.csv":
                    target.writestr(name, source.read(name))
    assert import_file(other, old)["baselines"] == 0
    assert Store(other).attempts_of(asha) == store.attempts_of(asha)
    # Baselines may be imported later: a snapshot that was derived without them is deleted.
    Snapshots(other).keep(Snapshots(other).known(ravi))
    import_file(other, file)
    assert Snapshots(other).known(ravi).knowledge == Snapshots(store.engine).known(ravi).knowledge


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[[],[],[0.0,[]],[null,0.0]]",
        lambda right: right.replace("[[[", "[[[0,", 1),
        lambda right: right.replace("true", '"true"'),
        lambda right: right.replace("true", "1"),
        lambda right: right.replace("0.0", "1e400"),
        lambda right: right.replace("0.0", "NaN"),
        lambda right: right.replace(",", ", "),
        lambda right: right.replace("[[[3,", "[[[300,"),
        lambda right: right + " ",
        lambda right: right * 20_000,
    ],
)
def test_what_is_known_of_a_child_is_looked_at_before_it_is_believed(
    other: Engine, store: Store, tmp_path: Path, content: Any
) -> None:
    lived_in(store)
    file = tmp_path / "all.json"
    export_file(store.engine, file)
    whole = json.loads(file.read_text())
    right = whole["baselines"][0]["content"]
    wrong = content(right) if callable(content) else content
    assert wrong != right
    whole["baselines"][0]["content"] = wrong
    file.write_text(json.dumps(whole))
    assert refusal(other, file).startswith("bad_row: baselines, row 1: ")


def rewritten(file: Path, table: str, old: str, new: str) -> Path:
    """Return a copy of the zip with another text in one of its tables."""
    copy = file.with_name("rewritten.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            target.writestr(name, text.replace(old, new) if name == f"{table}.csv" else text)
    return copy


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [
        ("learners", "nickname", "name", "bad_file: learners.csv must have the columns id, nickname"),
        ("learners", "Ravi,", "Ravi,,", "bad_row: learners, row"),
        ("classes", "2B", "+", "bad_row: classes, row 3: name: "),
        ("attempts", "0.75", "much", "bad_row: attempts, row 2: confidence: "),
    ],
)
def test_what_is_wrong_with_a_table_is_said(
    store: Store, other: Engine, tmp_path: Path, table: str, old: str, new: str, expected: str
) -> None:
    lived_in(store)
    export_file(store.engine, tmp_path / "all.zip")
    assert expected in refusal(other, rewritten(tmp_path / "all.zip", table, old, new))


def test_a_damaged_zip_is_refused(store: Store, other: Engine, tmp_path: Path) -> None:
    lived_in(store)
    file = tmp_path / "all.zip"
    export_file(store.engine, file)
    whole = file.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole[:60] + b"\xff" * 40 + whole[100:]):
        file.write_bytes(damaged)
        assert "bad_file" in refusal(other, file)
    with zipfile.ZipFile(file, "w"):
        pass
    assert "no classes.csv" in refusal(other, file)


def test_files_that_cannot_be(other: Engine, tmp_path: Path) -> None:
    assert "must end in .json" in refusal(other, tmp_path / "file.xls")
    assert "cannot be read" in refusal(other, tmp_path / "none.json")
    with pytest.raises(StoreError, match="cannot be written"):
        export_file(other, tmp_path / "no" / "folder.json")


def test_an_export_that_fails_leaves_the_older_file(other: Engine, tmp_path: Path) -> None:
    lived_in(Store(other))
    file = tmp_path / "all.json"
    file.write_text("older")

    def break_off(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_file(other, file, progress=break_off)
    assert file.read_text() == "older"
    assert [path.name for path in tmp_path.glob(".*")] == []


@contextmanager
def little_memory(limit_bytes: int = 2_000_000) -> Iterator[None]:
    """Limit the memory that the block may take at any time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit_bytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "content", ["2B" * 10_000_000, '"' + "2B\n" * 100_000], ids=["a line without end", "a quote without end"]
)
def test_a_row_that_would_fill_the_memory_is_refused_unread(
    store: Store, other: Engine, tmp_path: Path, content: str
) -> None:
    lived_in(store)
    file = tmp_path / "all.zip"
    export_file(store.engine, file)
    bomb = rewritten(file, "classes", "2B", content)
    with little_memory():
        assert "bad_row: classes, row 3" in refusal(other, bomb)


def test_a_list_of_files_that_would_fill_the_memory_is_refused_unread(
    store: Store, other: Engine, tmp_path: Path
) -> None:
    lived_in(store)
    file = tmp_path / "all.zip"
    export_file(store.engine, file)
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.txt", "")
    with little_memory():
        assert "bad_file" in (refused := refusal(other, file)) and "too many files" in refused


LAYOUTS: dict[str, dict[str, Any]] = {
    "compact": {"separators": (",", ":")},
    "a page": {"indent": 4},
    "one line": {},
    "ASCII": {"ensure_ascii": True},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_file_is_read_however_another_program_laid_it_out(
    store: Store, other: Engine, tmp_path: Path, layout: dict[str, Any]
) -> None:
    lived_in(store)
    file, again = tmp_path / "all.json", tmp_path / "again.json"
    export_file(store.engine, file)
    whole = file.read_bytes()
    file.write_text(json.dumps(json.loads(whole), **{"ensure_ascii": False} | layout))
    import_file(other, file)
    export_file(other, again)
    assert again.read_bytes() == whole


@pytest.mark.parametrize("places", [range(0, 40), range(100, 1300, 60)], ids=["the beginning", "all of it"])
def test_a_json_file_that_was_cut_off_is_refused(store: Store, other: Engine, tmp_path: Path, places: range) -> None:
    lived_in(store)
    file = tmp_path / "all.json"
    export_file(store.engine, file)
    whole = file.read_bytes()
    for place in [*places, len(whole) - 2]:
        file.write_bytes(whole[:place])
        assert refusal(other, file).startswith(("bad_file", "bad_row"))
    file.write_bytes(whole + b"{}")
    assert "something follows" in refusal(other, file)


HEAD = '{"format": "paadas", "version": 1, "classes": ['


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "[]," * 5_000_000,
        HEAD + "[" + "[]," * 5_000_000,
        HEAD + '"' + "x" * 10_000_000,
        HEAD + '{"name": "' + "x" * 10_000_000 + '"}',
        HEAD + " " * 10_000_000,
        "{" + '"x": 1,' * 2_000_000,
        '{"format": "' + "x" * 10_000_000,
    ],
    ids=["rows", "a list", "a text", "a name", "spaces", "keys", "a format"],
)
def test_json_that_would_fill_the_memory_is_refused_early(other: Engine, tmp_path: Path, text: str) -> None:
    file = tmp_path / "bomb.json"
    file.write_text(text)
    del text
    with little_memory(8_000_000):
        assert refusal(other, file)


def packed(file: Path, compression: int, **texts: str) -> Path:
    with zipfile.ZipFile(file, "w", compression) as archive:
        for table in exchange.TABLES_OF_FILE:
            archive.writestr(f"{table}.csv", texts.get(table, ""))
    return file


def test_a_small_zip_with_millions_of_rows_is_refused_unread(other: Engine, tmp_path: Path) -> None:
    bomb = packed(tmp_path / "bomb.zip", zipfile.ZIP_DEFLATED, classes="name\r\n" + "A\r\n" * 10_000_000)
    assert bomb.stat().st_size < 100_000
    with little_memory():
        assert "bad_file: classes.csv is 100 times as large" in refusal(other, bomb)


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_zip_is_packed_by_deflate_or_not_at_all(other: Engine, tmp_path: Path, compression: int) -> None:
    assert "unusual way" in refusal(other, packed(tmp_path / "file.zip", compression))


@KINDS
def test_a_file_has_bounds(
    store: Store, other: Engine, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived_in(store)
    file = tmp_path / f"all{kind}"
    export_file(store.engine, file)
    monkeypatch.setitem(exchange.MOST_ROWS, "attempts", 5)
    assert "attempts: there are more than 5 rows" in refusal(other, file)
    monkeypatch.setattr(formats, "LARGEST_FILE_BYTES", 500)
    assert "holds more than" in refusal(other, file)
