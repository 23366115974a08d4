"""A class that begins all at once, at the real server."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.learner import Learner
from bench.store import fill
from server.store import snapshots as module
from server.store.database import open_database
from server.store.models import SnapshotRow
from server.store.snapshots import Snapshots
from tests.support.server import free_port, serving

pytestmark = pytest.mark.gateway

CHILDREN, ANSWERS = 8, 600


async def first_question(url: str, child: int) -> Learner:
    line = Learner()
    await line.connect(url)
    reply = await line.start(learner=child, tables=[7])
    assert reply["ok"] and reply["token"] and reply["audio"]["rate"] == 16_000
    _, say, _ = await line.expect("say")
    assert say["show"]["left"] == 7
    return line


async def together(url: str, children: list[int]) -> list[Learner]:
    return await asyncio.gather(*(first_question(url, child) for child in children))


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_all_are_asked_and_what_is_known_of_them_is_kept(mode: str, tmp_path: Path, silent_prompts: Path) -> None:
    assert ANSWERS > module.WORTH_KEEPING
    engine = open_database(None, tmp_path)
    children, _ = fill(engine, CHILDREN, CHILDREN * ANSWERS)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--data", str(tmp_path), "--async-mode", mode, "--prompts", str(silent_prompts))

    async def lesson() -> None:
        lines = await together(url, children)
        assert any(name == "started" for line in lines for name, _ in line.events)
        # A child who stops after an answer has that answer in the snapshot.
        await lines[0].socket.emit("tap", {"answer": 1, "say": None})
        await lines[0].expect("verdict")
        await lines[0].socket.emit("command", {"name": "stop", "say": None})
        await lines[0].expect("finished")
        for line in lines:
            await line.socket.disconnect()

    with serving(url, *options):
        asyncio.run(lesson())
        snapshots = Snapshots(engine)
        deadline_s = time.monotonic() + 30
        while time.monotonic() < deadline_s and any(snapshots.known(child).replayed for child in children):
            time.sleep(0.1)
        with Session(engine) as session:
            kept = {row.learner: row for row in session.scalars(select(SnapshotRow))}
    assert set(kept) == set(children)
    assert kept[children[0]].at_ms > max(kept[child].at_ms for child in children[1:]), "the answer of today is in it"
