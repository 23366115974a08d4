"""Several servers on one database, as on several machines: real ones, with a real queue between them."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bench.learner import Learner
from server.live.sessions import key_of
from tests.support.postgres import postgres_programs, running_postgres
from tests.support.programs import NotInstalled, do_without
from tests.support.redis import running_redis
from tests.support.server import ROOT, free_port, running_server

pytestmark = [pytest.mark.gateway, pytest.mark.postgres]
LIMIT_S = 20


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    try:
        with running_redis(tmp_path_factory.mktemp("redis"), port):
            yield f"redis://127.0.0.1:{port}/0"
    except NotInstalled as missing:
        do_without(missing)


@pytest.fixture(scope="module")
def machines(silent_prompts: Path, queue: str) -> Iterator[tuple[str, str]]:
    """The addresses of two servers."""
    if (programs := postgres_programs()) is None:
        do_without(NotInstalled("PostgreSQL is not installed"))
    with running_postgres(programs, "fsync=off") as server:
        database = f"{server}postgres"
        subprocess.run([sys.executable, "run.py", "--database", database, "migrate"], cwd=ROOT, check=True, timeout=60)
        options = ("--prompts", str(silent_prompts), "--database", database, "--message-queue", queue)
        with running_server(*options) as first, running_server(*options) as second:
            yield first, second


def test_a_page_that_is_left_for_another_machine_is_told_and_nothing_counts_twice(
    machines: tuple[str, str], queue: str
) -> None:
    async def scenario() -> None:
        lines = redis.Redis.from_url(queue, decode_responses=True).pubsub(ignore_subscribe_messages=True)
        lines.subscribe("paadas:taken")
        lines.get_message(timeout=1)
        token, total = None, 12
        left: Learner | None = None
        for turn in range(total):
            learner = Learner()
            await learner.connect(machines[turn % 2])
            reply = await learner.start(tables=[3], questions=total, token=token, seed=1)
            assert reply["ok"] and reply["resumed"] == (turn > 0)
            token = reply["token"]
            if left is not None:
                _, error, _ = await left.expect("error")
                assert error["code"] == "taken_over"
                told = lines.get_message(timeout=LIMIT_S)
                assert told is not None and told["data"] == key_of(token)
                await left.socket.disconnect()
            _, say, _ = await learner.expect("say")
            await learner.socket.emit("tap", {"answer": say["show"]["left"] * say["show"]["right"], "say": say["id"]})
            _, verdict, _ = await learner.expect("verdict")
            assert verdict["score"] == {"correct": turn + 1, "total": turn + 1}
            left = learner
        _, finished, _ = await learner.expect("finished")
        assert finished["score"] == {"correct": total, "total": total}
        await learner.socket.disconnect()

    asyncio.run(scenario())
