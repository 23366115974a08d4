"""A server that goes down during drills: they resume when it is back, and abandoned ones are forgotten."""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.learner import Learner
from server.store.database import FILE_NAME, open_database
from server.store.store import Store
from tests.live.playing import run, started
from tests.live.test_memory import kept, shown, tap
from tests.store.making import a_learner
from tests.support.server import running_server

pytestmark = pytest.mark.gateway


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def serve(data: Path, silent_prompts: Path) -> Callable[..., Any]:
    """Run a server on the same data each time; leaving it is as rough as a power cut."""
    return lambda *options: running_server("--data", str(data), "--prompts", str(silent_prompts), *options)


def unfinished(data: Path) -> int:
    with closing(sqlite3.connect(data / FILE_NAME)) as database:
        return int(database.execute("SELECT count(*) FROM unfinished WHERE content <> ''").fetchone()[0])


async def asked(learner: Learner) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the next question, its place, and the score with it."""
    _, say, _ = await learner.expect("say")
    return say["show"], say["question"], say["score"]


async def answered_once(url: str, who: int | None = None) -> str:
    """Leave a drill behind; returns its token."""
    learner, reply = await started(url, tables=[8], learner=who)
    await tap(learner)
    return str(reply["token"])


def test_a_recording_that_was_cut_short_is_gone(serve: Callable[..., Any], data: Path) -> None:
    cut_short = data / "samples" / str(a_learner(Store(open_database(None, data)))) / "56_1.wav"
    cut_short.parent.mkdir(parents=True)
    cut_short.write_bytes(b"RIFF")
    with serve():
        assert not cut_short.exists()


@pytest.mark.parametrize("is_guest", [True, False])
def test_the_same_question_and_the_same_score(serve: Callable[..., Any], data: Path, is_guest: bool) -> None:
    store = Store(open_database(None, data))
    who = None if is_guest else a_learner(store)
    wish = {"language": "mr", "tables": [6, 7], "questions": 6, "learner": who}

    async def before(url: str) -> tuple[str, list[dict[str, Any]], Any]:
        learner, reply = await started(url, **wish)
        verdicts = [await tap(learner, wrong_by) for wrong_by in (0, 3, 0)]
        return reply["token"], verdicts, await asked(learner)

    async def after(url: str, token: str) -> tuple[Any, list[dict[str, Any]]]:
        # Only the token counts: the drill is the one that it names.
        learner, reply = await started(url, language="mr", tables=[2], token=token)
        assert reply["resumed"] is True and reply["token"] == token
        question = await asked(learner)
        await learner.socket.emit("tap", {"answer": question[0]["left"] * question[0]["right"]})
        verdicts = [(await learner.expect("verdict"))[1], await tap(learner), await tap(learner)]
        _, finished, _ = await learner.expect("finished")
        assert finished["score"] == {"correct": 5, "total": 6}
        await learner.socket.disconnect()
        return question, verdicts

    with serve() as url:
        token, first, question = run(before(url))
    with serve() as url:
        question_again, second = run(after(url, token))
        assert question_again == question
        assert len({verdict["turn"] for verdict in first + second}) == 6
        assert unfinished(data) == 0
    if who is not None:
        assert kept(store.attempts_of(who)) == shown(first + second)


def test_answers_that_waited_for_the_database_count_once_after_a_restart(serve: Callable[..., Any], data: Path) -> None:
    store = Store(open_database(None, data))
    who = a_learner(store)

    async def before(url: str) -> tuple[str, Any]:
        learner, reply = await started(url, tables=[6, 7], learner=who)
        await tap(learner)
        with closing(sqlite3.connect(data / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(3):
                await tap(learner)
        async with asyncio.timeout(30):
            while len(store.attempts_of(who)) < 4:
                await asyncio.sleep(0.05)
        return reply["token"], await asked(learner)

    async def after(url: str, token: str) -> Any:
        learner, reply = await started(url, tables=[6], token=token)
        assert reply["resumed"] is True
        return await asked(learner)

    with serve() as url:
        token, question = run(before(url))
    assert question[2] == {"correct": 4, "total": 4}
    with serve() as url:
        assert run(after(url, token)) == question


def test_a_drill_whose_child_is_there_but_silent_is_not_forgotten(serve: Callable[..., Any], data: Path) -> None:
    """It was saved long ago; the time of the lost connection counts."""

    async def before(url: str) -> str:
        learner, reply = await started(url, tables=[8])
        await tap(learner)
        with closing(sqlite3.connect(data / FILE_NAME)) as database, database:
            database.execute("UPDATE unfinished SET saved_at_ms = ?", [round(time.time() * 1000) - 600_000])
        async with asyncio.timeout(30):
            while saved_at_ms(data) < time.time() * 1000 - 60_000:
                assert unfinished(data) == 1
                await asyncio.sleep(0.2)
        return str(reply["token"])

    async def after(url: str, token: str) -> None:
        _, reply = await started(url, tables=[8], token=token)
        assert reply["resumed"] is True

    with serve() as url:
        token = run(before(url))
    with serve() as url:
        run(after(url, token))


def saved_at_ms(data: Path) -> int:
    with closing(sqlite3.connect(data / FILE_NAME)) as database:
        return int(database.execute("SELECT max(saved_at_ms) FROM unfinished").fetchone()[0] or 0)


def test_the_first_question_is_not_lost_either(serve: Callable[..., Any]) -> None:
    async def before(url: str) -> tuple[str, Any]:
        learner, reply = await started(url, tables=[8])
        return reply["token"], await asked(learner)

    async def after(url: str, token: str) -> Any:
        learner, reply = await started(url, tables=[8], token=token)
        assert reply["resumed"] is True
        return await asked(learner)

    with serve() as url:
        token, question = run(before(url))
    with serve() as url:
        assert run(after(url, token)) == question


def test_an_abandoned_drill_is_forgotten(serve: Callable[..., Any], data: Path) -> None:
    async def after(url: str, token: str) -> None:
        learner, reply = await started(url, tables=[8], token=token)
        assert reply["resumed"] is False and reply["token"] != token
        await learner.socket.disconnect()

    with serve() as url:
        token = run(answered_once(url))
    assert unfinished(data) == 1
    with closing(sqlite3.connect(data / FILE_NAME)) as database, database:
        content = database.execute("SELECT content FROM unfinished").fetchone()[0]
        database.execute("UPDATE unfinished SET saved_at_ms = ?", [round(time.time() * 1000) - 120_001])
    assert token not in content
    with serve() as url:
        # Before any client asks.
        run(emptied(data))
        run(after(url, token))


async def emptied(data: Path) -> None:
    async with asyncio.timeout(30):
        while unfinished(data):
            await asyncio.sleep(0.05)


def test_a_deleted_child_does_not_resume(serve: Callable[..., Any], data: Path) -> None:
    store = Store(open_database(None, data))
    who = a_learner(store)

    with serve() as url:
        token = run(answered_once(url, who))
    store.delete_learner(who)
    assert unfinished(data) == 0

    async def after(url: str) -> None:
        learner = Learner()
        await learner.connect(url)
        reply = await learner.start(tables=[8], learner=who, token=token)
        assert (reply["ok"], reply["code"]) == (False, "unknown_learner")
        await learner.socket.disconnect()

    with serve() as url:
        run(after(url))


def test_what_cannot_be_read_begins_anew_and_what_another_version_says_beside_is_passed_over(
    serve: Callable[..., Any], data: Path
) -> None:
    """While servers are updated one after the other, each version reads what the other one has written."""

    async def after(url: str, token: str, resumes: bool) -> None:
        learner, reply = await started(url, tables=[8], token=token)
        assert reply["resumed"] is resumes
        await learner.socket.disconnect()

    def change(token: str, how: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        key = hashlib.sha256(token.encode()).hexdigest()
        with closing(sqlite3.connect(data / FILE_NAME)) as database, database:
            (content,) = database.execute("SELECT content FROM unfinished WHERE key = ?", [key]).fetchone()
            database.execute(
                "UPDATE unfinished SET content = ? WHERE key = ?", [json.dumps(how(json.loads(content))), key]
            )

    with serve() as url:
        unreadable, newer = run(answered_once(url)), run(answered_once(url))
    change(unreadable, lambda state: {"steps": 7})
    change(
        newer, lambda state: state | {"mood": "good", "steps": [step | {"loudness_db": -20} for step in state["steps"]]}
    )
    with serve() as url:
        run(after(url, unreadable, False))
        run(after(url, newer, True))


def test_an_attract_screen_waits_asleep(serve: Callable[..., Any], data: Path) -> None:
    async def scenario(url: str) -> None:
        learner, _ = await started(url, mode="kiosk", asleep=True, tables=[5])
        _, say, _ = await learner.expect("say")
        assert (say["expects"], len(say["clips"])) == ("command", 1)
        await learner.socket.emit("played", {"say": say["id"]})
        while (await learner.expect("phase"))[1]["name"] != "sleep":
            pass
        assert unfinished(data) == 0
        await learner.socket.emit("command", {"name": "repeat"})
        _, say, _ = await learner.expect("say")
        assert (say["expects"], len(say["clips"])) == ("answer", 2)
        await learner.socket.disconnect()
        other = Learner()
        await other.connect(url)
        reply = await other.start(asleep=True)
        assert (reply["ok"], reply["code"]) == (False, "bad_arguments")
        await other.socket.disconnect()

    with serve() as url:
        run(scenario(url))
