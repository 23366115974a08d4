"""Two servers on one database: a drill that goes on at one of them is not the other's any more."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.learner import Learner
from server.store.database import make_engine, migrate
from server.store.store import Store
from tests.live.playing import run, started, tap, tap_after
from tests.live.test_memory import kept, shown
from tests.store.making import a_learner
from tests.support.postgres import postgres_programs, running_postgres
from tests.support.programs import NotInstalled, do_without
from tests.support.server import running_server

pytestmark = pytest.mark.gateway


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """On SQLite, or on a PostgreSQL of our own."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'shared.sqlite3'}"
        if getattr(request, "param", None) == "postgresql":
            if (programs := postgres_programs()) is None:
                do_without(NotInstalled("PostgreSQL is not installed"))
            url = stack.enter_context(running_postgres(programs, "fsync=off")) + "postgres"
        engine = make_engine(url)
        migrate(engine)
        yield Store(engine)
        engine.dispose()


@pytest.fixture
def urls(store: Store, silent_prompts: Path) -> Iterator[tuple[str, str]]:
    database = store.engine.url.render_as_string(hide_password=False)
    options = ("--database", database.replace("+psycopg", ""), "--prompts", str(silent_prompts))
    with running_server(*options) as first, running_server(*options) as second:
        yield first, second


async def taken_up(url: str, token: str) -> tuple[Learner, dict[str, Any]]:
    """With the question that is open."""
    learner, reply = await started(url, token=token)
    assert reply["resumed"] is True
    _, say, _ = await learner.expect("say")
    return learner, say


async def told_off(learner: Learner) -> float:
    """Seconds until the page is told that its drill goes on elsewhere."""
    began_s = asyncio.get_running_loop().time()
    _, error, _ = await learner.expect("error", timeout_s=10)
    assert error["code"] == "taken_over"
    return asyncio.get_running_loop().time() - began_s


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_the_page_that_had_it_is_told_and_the_other_one_goes_on(urls: tuple[str, str], store: Store) -> None:
    who = a_learner(store)

    async def scenario() -> list[dict[str, Any]]:
        left, reply = await started(urls[0], tables=[6, 7], questions=4, learner=who)
        verdicts = [await tap(left)]
        here, say = await taken_up(urls[1], reply["token"])
        assert await told_off(left) < 2
        # What the old page says now is about nothing: one verdict, from the new owner.
        await left.socket.emit("tap", {"answer": say["show"]["left"] * say["show"]["right"]})
        verdicts.append(await tap_after(here, say))
        assert verdicts[-1]["score"] == {"correct": 2, "total": 2}
        # And back, to the server that had it first.
        back, say = await taken_up(urls[0], reply["token"])
        assert say["score"] == {"correct": 2, "total": 2}
        assert await told_off(here) < 2
        verdicts += [await tap_after(back, say), await tap(back)]
        _, finished, _ = await back.expect("finished")
        assert finished["score"] == {"correct": 4, "total": 4}
        assert not [name for name, _ in left.events if name == "verdict"][1:]
        for learner in (left, here, back):
            await learner.socket.disconnect()
        return verdicts

    verdicts = run(scenario())
    assert kept(store.attempts_of(who)) == shown(verdicts)


def test_where_both_pages_answer_at_once_there_is_one_verdict(urls: tuple[str, str], store: Store) -> None:
    """From one server to the other and back, each time before the old one knows."""
    who = a_learner(store)

    async def scenario() -> list[dict[str, Any]]:
        verdicts: list[dict[str, Any]] = []
        holder, reply = await started(urls[0], tables=[6, 7], questions=20, learner=who)
        for number in range(1, 7):
            heard = len(holder.events)
            other, say = await taken_up(urls[number % 2], reply["token"])
            answer = {"answer": say["show"]["left"] * say["show"]["right"]}
            await asyncio.gather(holder.socket.emit("tap", answer), other.socket.emit("tap", answer))
            verdicts.append((await other.expect("verdict"))[1])
            await told_off(holder)
            assert "verdict" not in [name for name, _ in holder.events[heard:]]
            await holder.socket.disconnect()
            holder = other
        await holder.socket.disconnect()
        return verdicts

    verdicts = run(scenario())
    assert kept(store.attempts_of(who)) == shown(verdicts)
    assert verdicts[-1]["score"] == {"correct": 6, "total": 6}
