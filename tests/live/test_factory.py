"""What a new session knows of its learner."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server.clock import utc_ms
from server.dialogue.messages import Clip
from server.dialogue.settings import DialogueSettings
from server.drill.facts import Fact
from server.drill.selection import TooFewFacts
from server.languages import load_language
from server.live.concurrency import choose_concurrency
from server.live.factory import SessionFactory
from server.live.protocol import Start
from server.store.database import make_engine, migrate
from server.store.records import Drill, Entry, Unfinished, key_of, new_id
from server.store.snapshots import Snapshots, SnapshotTasks
from server.store.store import Store
from server.store.writer import Writer
from tests.store.making import a_learner, an_entry, inline


def factory(store: Store, data_dir: Path) -> SessionFactory:
    language = load_language("en")
    engine: Any = SimpleNamespace(name="numbers", largest_number=lambda language: 400)
    snapshots = Snapshots(store.engine, utc_ms)
    clips = {clip_id: Clip(clip_id, text, 10) for clip_id, text in language.clip_texts().items()}
    nothing: Any = None
    return SessionFactory(
        {"en": language},
        {"en": engine},
        lambda language, voice: clips,
        nothing,
        lambda language, pcm: False,
        DialogueSettings(),
        data_dir,
        store,
        Writer(store, inline),
        snapshots,
        SnapshotTasks(snapshots, inline),
        choose_concurrency("threading"),
        ttl_ms=60_000,
    )


def test_a_learner_whose_right_answers_were_in_doubt_is_believed_sooner_and_a_guest_is_not(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/store.db")
    migrate(engine)
    store = Store(engine)
    doubted, other = a_learner(store), a_learner(store, "Ravi")
    drill = Drill(new_id(), doubted, "en", "numbers", "calm", (7,), utc_ms() - 60_000)
    entries: list[Entry] = [an_entry(drill, turn) for turn in range(1, 4)]
    store.write([drill, *entries])
    sessions = factory(store, tmp_path)
    weights = [
        sessions.session(Start(language="en", tables=[7], learner=who)).dialogue.course.practice.speaker.none_weight(56)
        for who in (doubted, other, None)
    ]
    assert weights[0] < 0.5 and weights[1:] == [1, 1]
    engine.dispose()


def test_a_token_of_a_stored_drill_is_known_and_not_while_the_database_is_in_trouble(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/store.db")
    migrate(engine)
    store = Store(engine)
    sessions = factory(store, tmp_path)
    for token, saved_at_ms in (("now", utc_ms()), ("long ago", utc_ms() - 61_000)):
        store.write([Unfinished(key_of(token), None, "{}", saved_at_ms)])
    assert [sessions.is_stored(token) for token in ("now", "long ago", "never")] == [True, False, False]
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE unfinished")
    assert not sessions.is_stored("now")
    engine.dispose()


def test_a_drill_of_some_lines_asks_only_those(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/store.db")
    migrate(engine)
    sessions = factory(Store(engine), tmp_path)
    start = Start(language="en", tables=[7], only_lines=[3, 8], questions=6)
    mode = sessions.session(start).dialogue.course.mode
    assert mode.facts(start.tables) == (Fact(7, 3), Fact(7, 8)) and mode.questions == 6
    with pytest.raises(TooFewFacts):
        sessions.session(start.model_copy(update={"only_lines": [3]}))
    engine.dispose()
