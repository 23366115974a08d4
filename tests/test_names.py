"""One rule for every name: of learners, classes and voices."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.names import LONGEST_NAME, clean_name
from server.store.database import open_database
from server.store.exchange import export_file, import_file
from server.store.store import Store
from server.web.learners import Wish

from .store.making import a_learner

NAMES = [
    ("आशा", "आशा"),
    ("  Asha \n Rao\t", "Asha Rao"),
    ("A\x00sha", "A sha"),
    ("क्\u200dष", "क्\u200dष"),
    ("\u0958", "\u0915\u093c"),
    ("=2+2", "2+2"),
    ("@cmd", "cmd"),
    ("\u202eevil", "evil"),
    ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
    ("x" * (LONGEST_NAME + 1), None),
    ("", None),
    (" \u200d ", None),
    ("=+-@", None),
]


@pytest.mark.parametrize(("typed", "kept"), NAMES)
def test_a_name_is_kept_in_one_line_and_one_spelling(typed: str, kept: str | None) -> None:
    assert clean_name(typed) == kept


@given(st.text(max_size=60))
def test_a_clean_name_stays_as_it_is(typed: str) -> None:
    name = clean_name(typed)
    assert name is None or (clean_name(name) == name and name[0] not in "=+-@" and len(name) <= LONGEST_NAME)


@pytest.mark.parametrize(("typed", "kept"), [pair for pair in NAMES if pair[1]])
def test_a_page_and_a_file_keep_the_same_name(tmp_path: Path, typed: str, kept: str) -> None:
    assert Wish(nickname=typed, picture="kite", language="en").nickname == kept
    store, file = Store(open_database(None, tmp_path)), tmp_path / "all.json"
    a_learner(store, "NAME", "NAME")
    export_file(store.engine, file)
    file.write_text(file.read_text("utf-8").replace('"NAME"', json.dumps(typed)), "utf-8")
    other = tmp_path / "other"
    other.mkdir()
    read_in = Store(open_database(None, other))
    import_file(read_in.engine, file)
    assert [(learner.nickname, learner.class_name) for learner in read_in.learners()] == [(kept, kept)]
