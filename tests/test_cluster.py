"""Several servers on one database, as on several machines: real ones, with a real queue between them."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg
import pytest
import redis
from socketio.exceptions import SocketIOError

from bench.learner import Learner
from server.store.database import open_database
from server.store.records import key_of
from server.store.store import Store
from server.web.teacher.access import first_code
from tests.support.postgres import postgres_programs, running_postgres
from tests.support.programs import NotInstalled, do_without
from tests.support.redis import running_redis
from tests.support.server import ROOT, free_port, health, running_server

pytestmark = [pytest.mark.gateway, pytest.mark.postgres]
LIMIT_S = 20
PASSPHRASE = "हत्तीच्या पाठीवर"


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    try:
        with running_redis(tmp_path_factory.mktemp("redis"), port):
            yield f"redis://127.0.0.1:{port}/0"
    except NotInstalled as missing:
        do_without(missing)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one with tables, for all servers."""
    if (programs := postgres_programs()) is None:
        do_without(NotInstalled("PostgreSQL is not installed"))
    with running_postgres(programs, "fsync=off") as server:
        url = f"{server}postgres"
        data = str(tmp_path_factory.mktemp("migrate"))
        command = [sys.executable, "run.py", "--data", data, "--database", url, "migrate"]
        subprocess.run(command, cwd=ROOT, check=True, timeout=60)
        yield url


@pytest.fixture(scope="module")
def machines(silent_prompts: Path, database: str, queue: str) -> Iterator[tuple[str, str]]:
    """The addresses of two servers, each with a data folder of its own."""
    options = ("--prompts", str(silent_prompts), "--database", database, "--message-queue", queue)
    with running_server(*options) as first, running_server(*options) as second:
        deadline_s = time.monotonic() + 60
        while {health(url)[1]["queue"] for url in (first, second)} != {"ok"}:
            assert time.monotonic() < deadline_s
            time.sleep(0.1)
        yield first, second


def test_a_page_that_is_left_for_another_machine_is_told_and_nothing_counts_twice(
    machines: tuple[str, str], queue: str
) -> None:
    async def scenario() -> None:
        lines = redis.Redis.from_url(queue, decode_responses=True).pubsub()
        lines.subscribe("paadas:taken")
        assert lines.get_message(timeout=LIMIT_S)["type"] == "subscribe"
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


def test_a_page_waits_for_a_database_in_trouble_and_keeps_its_drill(machines: tuple[str, str], database: str) -> None:
    async def scenario() -> None:
        learner = Learner()
        await learner.connect(machines[0])
        token = (await learner.start(tables=[3], questions=5))["token"]
        _, say, _ = await learner.expect("say")
        await learner.socket.emit("tap", {"answer": say["show"]["left"] * say["show"]["right"], "say": say["id"]})
        await learner.expect("verdict")
        await learner.socket.disconnect()
        with psycopg.connect(database) as trouble:
            trouble.execute("LOCK TABLE unfinished IN ACCESS EXCLUSIVE MODE")
            with pytest.raises((TimeoutError, SocketIOError)):
                await come_back(token, turn_s=3)
        back = await come_back(token, turn_s=10)
        _, say, _ = await back.expect("say")
        assert say["question"]["number"] == 2
        await back.socket.disconnect()

    async def come_back(token: str, turn_s: float) -> Learner:
        learner = Learner()
        await learner.connect(machines[1])
        assert (await learner.start(tables=[3], questions=5, token=token, turn_s=turn_s))["resumed"]
        return learner

    asyncio.run(scenario())


def test_servers_share_a_data_folder_where_the_database_is_elsewhere(
    database: str, silent_prompts: Path, tmp_path: Path
) -> None:
    """They begin together; what the teacher does at one holds at the other."""
    options = ("--prompts", str(silent_prompts), "--database", database, "--data", str(tmp_path))
    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        begun = [pool.submit(stack.enter_context, running_server(*options, *more)) for more in ((), ("--workers", "2"))]
        first, second = (each.result() for each in begun)
        code = first_code(Store(open_database(database, tmp_path)))
        jar = HTTPCookieProcessor(CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https"))))
        browser = build_opener(jar)
        form = browser.open(f"{first}/teacher/door", timeout=20).read().decode()
        token = form.split('csrf_token" value="')[1].split('"')[0]
        secret = {"code": code, "passphrase": PASSPHRASE, "again": PASSPHRASE, "csrf_token": token}
        browser.open(f"{first}/teacher/first", urlencode(secret).encode(), timeout=20)
        # Cookies know no ports.
        assert browser.open(f"{second}/teacher/settings", timeout=20).url == f"{second}/teacher/settings"


def test_servers_of_an_embedded_database_share_nothing(silent_prompts: Path, tmp_path: Path) -> None:
    options = ("--prompts", str(silent_prompts), "--data", str(tmp_path))
    with running_server(*options), pytest.raises(RuntimeError, match="in use by another Paadas"):
        running_server(*options).__enter__()
