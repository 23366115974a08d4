"""Short ways to play a drill over its wire."""

import asyncio
from typing import Any

from bench.learner import Learner


def run(scenario: Any) -> Any:
    return asyncio.run(scenario)


async def started(url: str, **wanted: Any) -> tuple[Learner, dict[str, Any]]:
    learner = Learner()
    await learner.connect(url)
    reply = await learner.start(**wanted)
    assert reply["ok"], reply
    return learner, reply


async def tap(learner: Learner, wrong_by: int = 0) -> dict[str, Any]:
    """Tap the answer to the next question, or another number; returns the verdict."""
    _, say, _ = await learner.expect("say")
    return await tap_after(learner, say, wrong_by)


async def tap_after(learner: Learner, say: dict[str, Any], wrong_by: int = 0) -> dict[str, Any]:
    await learner.socket.emit("tap", {"answer": say["show"]["left"] * say["show"]["right"] + wrong_by})
    _, verdict, _ = await learner.expect("verdict")
    return verdict
