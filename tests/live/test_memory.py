"""A drill's traces in the store: real clients and a real server, whose database is read meanwhile."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.learner import Learner
from server.asr.numbers.engine import NumbersEngine
from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.languages import load_language
from server.store.database import FILE_NAME, open_database
from server.store.store import Store
from tests.live.playing import run, started, tap
from tests.store.making import DAY_MS, a_drill, a_learner, an_entry
from tests.support.recordings import number_samples
from tests.support.server import health, running_server
from training.evaluate.outcomes import evaluate, labelled_clips

pytestmark = pytest.mark.gateway


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def store(data: Path) -> Iterator[Store]:
    engine = open_database(None, data)
    yield Store(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def url(store: Store, data: Path, silent_prompts: Path) -> Iterator[str]:
    with running_server("--data", str(data), "--prompts", str(silent_prompts)) as address:
        yield address


def shown(verdicts: list[dict[str, Any]]) -> list[tuple[Fact, str, int]]:
    return [(Fact(each["left"], each["right"]), each["verdict"], each["heard"]) for each in verdicts]


def kept(attempts: list[Attempt]) -> list[tuple[Fact, str, int | None]]:
    return [(attempt.fact, str(attempt.verdict), attempt.heard) for attempt in attempts]


def test_a_verdict_that_was_heard_is_stored(url: str, store: Store) -> None:
    who = a_learner(store)

    async def scenario() -> None:
        learner, _ = await started(url, learner=who, tables=[3], questions=4)
        verdicts = []
        for wrong_by in (0, 1, 0, 0):
            verdicts.append(await tap(learner, wrong_by))
            # Not "soon": it was stored before the verdict came.
            assert kept(store.attempts_of(who)) == shown(verdicts)
        await learner.socket.disconnect()

    run(scenario())
    first = store.attempts_of(who)[0]
    assert first.response_ms is None and first.confidence == 1.0
    assert abs(first.at_ms - time.time() * 1000) < 60_000


def test_an_appeal_is_kept_beside_what_it_corrects(url: str, store: Store) -> None:
    who = a_learner(store)

    async def scenario() -> None:
        learner, _ = await started(url, learner=who, tables=[4], questions=5)
        await tap(learner, wrong_by=1)
        await learner.expect("say")
        await learner.socket.emit("command", {"name": "appeal"})
        await learner.expect("verdict")
        await learner.socket.disconnect()

    run(scenario())
    assert [(attempt.verdict, attempt.appeal) for attempt in store.attempts_of(who)] == [
        (Verdict.WRONG, False),
        (Verdict.CORRECT, True),
    ]


def test_the_next_drill_begins_with_what_was_hard(url: str, store: Store) -> None:
    who = a_learner(store)
    yesterday = a_drill(who, round(time.time() * 1000) - DAY_MS)
    store.write([yesterday])
    store.write(
        [
            an_entry(yesterday, turn, 7, right, heard=7 * right - (right == 8), response_ms=6500 if right == 8 else 800)
            for turn, right in enumerate(range(1, 11), 1)
        ]
    )

    async def scenario() -> tuple[int, int]:
        learner, _ = await started(url, learner=who, tables=[7], questions=5)
        _, say, _ = await learner.expect("say")
        await learner.socket.disconnect()
        return say["show"]["left"], say["show"]["right"]

    assert run(scenario()) == (7, 8)


def test_of_a_guest_nothing_is_kept(url: str, data: Path) -> None:
    def rows() -> list[int]:
        with closing(sqlite3.connect(data / FILE_NAME)) as database:
            return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("drills", "attempts")]

    async def scenario() -> None:
        learner, _ = await started(url, tables=[3], questions=2)
        for _ in range(2):
            await tap(learner)
        await learner.expect("finished")
        await learner.socket.disconnect()

    before = rows()
    run(scenario())
    assert rows() == before


def test_a_child_who_is_deleted_elsewhere_is_told_and_the_drill_goes_on(url: str, store: Store) -> None:
    """By a command, or at another process: nothing is stored, and the page says so."""
    who = a_learner(store)

    async def scenario() -> None:
        learner, _ = await started(url, learner=who, tables=[3])
        await tap(learner)
        store.delete_learner(who)
        assert [(await tap(learner))["verdict"] for _ in range(3)] == ["correct"] * 3
        errors = [payload for name, payload in learner.events if name == "error"]
        assert [error["code"] for error in errors] == ["unknown_learner"] and errors[0]["message"]
        await learner.socket.disconnect()

    run(scenario())


@pytest.mark.parametrize("nobody", [0, 123456789012345, "asha"])
def test_practising_as_an_unknown_learner_is_refused(url: str, nobody: int | str) -> None:
    async def scenario() -> None:
        learner = Learner()
        await learner.connect(url)
        reply = await learner.start(learner=nobody)
        assert (reply["ok"], reply["code"]) == (False, "unknown_learner") and reply["message"]
        assert (await learner.start())["ok"]
        await learner.socket.disconnect()

    run(scenario())


def right_answer(left: int, right: int) -> np.ndarray:
    return number_samples("en", left * right)


def files(data: Path) -> set[Path]:
    return {path.relative_to(data) for path in data.rglob("*") if path.is_file()}


@pytest.mark.engine
def test_no_sound_stays_on_the_disk(url: str, store: Store, data: Path) -> None:
    who = a_learner(store)
    learner = Learner()
    before = files(data)
    run(learner.practise(url, right_answer, learner=who, tables=[4], questions=2))
    assert [turn.verdict["verdict"] for turn in learner.turns if turn.verdict] == ["correct"] * 2
    assert len(store.attempts_of(who)) == 2
    assert {path.name for path in files(data) - before} <= {f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"}
    for path in files(data):
        assert b"RIFF" not in (data / path).read_bytes()[:4]


@pytest.mark.engine
def test_with_consent_right_answers_are_recorded_until_it_is_withdrawn(url: str, store: Store, data: Path) -> None:
    who = a_learner(store)
    store.set_consent(who, 1)
    run(Learner().practise(url, right_answer, learner=who, tables=[4], questions=2))
    # A recording is stored after the verdict has gone out.
    run(recorded(store, who, 2))
    samples = store.samples(who)
    clips = labelled_clips(data / "samples" / str(who))
    assert sorted(number for number, _ in clips) == sorted(sample.number for sample in samples)
    outcomes = evaluate(clips, NumbersEngine(), load_language("en"))
    assert [outcome.heard for outcome in outcomes] == [number for number, _ in clips]

    async def withdrawn() -> None:
        learner, _ = await started(url, learner=who, tables=[4], questions=1)
        store.set_consent(who, None)
        await learner.play(right_answer)
        await learner.socket.disconnect()

    before = files(data)
    run(withdrawn())
    assert not store.samples(who) and files(data) <= before


async def recorded(store: Store, who: int, times: int) -> None:
    async with asyncio.timeout(30):
        while len(store.samples(who)) < times:
            await asyncio.sleep(0.05)


def test_a_locked_database_stops_no_drill_and_loses_no_answer(url: str, store: Store, data: Path) -> None:
    who = a_learner(store)

    async def scenario() -> list[dict[str, Any]]:
        learner, _ = await started(url, learner=who, tables=[5], questions=4)
        verdicts = [await tap(learner)]
        with closing(sqlite3.connect(data / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            verdicts += [await tap(learner), await tap(learner)]
            errors = [payload for name, payload in learner.events if name == "error"]
            # Said once, and before its verdict.
            assert [error["code"] for error in errors] == ["store_locked"] and errors[0]["message"]
            assert len(store.attempts_of(who)) == 1
            status, found = health(url)
            assert (status, found["store"]) == (503, "store_locked")
        verdicts.append(await tap(learner))
        async with asyncio.timeout(30):
            while len(store.attempts_of(who)) < 4:
                await asyncio.sleep(0.1)
        await learner.socket.disconnect()
        return verdicts

    assert shown(run(scenario())) == kept(store.attempts_of(who))
