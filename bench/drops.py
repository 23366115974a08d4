"""Count answers lost or counted twice on dropped connections: `python -m bench.drops [--turns 10000] [--drop 0.05]`.

Learners tap right answers as fast as the drill goes. Before or right after a tap the connection may be cut without a
goodbye; the learner comes back with the token and answers a repeated question again, as a child would. In the end every
drill must have exactly as many right answers as questions.
"""

import argparse
import asyncio
import random
from dataclasses import dataclass
from typing import Any

from bench.common import quiet_server
from bench.learner import Learner

QUESTIONS = 100
AT_ONCE = 10


@dataclass
class Tally:
    """Counts over all drills."""

    drills: int = 0
    turns: int = 0
    drops: int = 0
    """Connections that were dropped on purpose."""
    astray: int = 0
    """Answers by which scores miss the number of questions."""


async def drill(url: str, drop: float, seed: int) -> Tally:
    """Play one drill of QUESTIONS questions."""
    chance, tally = random.Random(seed), Tally(drills=1)
    learner, token = Learner(), None
    wanted: dict[str, Any] = {"tables": [2, 3, 4, 5], "questions": QUESTIONS, "seed": seed}
    await learner.connect(url)
    token = (await learner.start(**wanted))["token"]
    while True:
        name, payload, _ = await learner.expect("say", "finished")
        if name == "finished":
            tally.astray = abs(payload["score"]["correct"] - QUESTIONS) + abs(payload["score"]["total"] - QUESTIONS)
            await learner.socket.disconnect()
            return tally
        if payload["expects"] != "answer":
            continue
        tally.turns += 1
        drops_now = chance.random() < drop
        if not drops_now or chance.random() < 0.5:
            await tap(learner, payload)
        if drops_now:
            tally.drops += 1
            await cut(learner)
            learner = Learner()
            await learner.connect(url)
            assert (await learner.start(token=token, **wanted))["resumed"]


async def tap(learner: Learner, say: dict[str, Any]) -> None:
    await learner.socket.emit("tap", {"answer": say["show"]["left"] * say["show"]["right"]})
    # Whether the cut comes before the tap has left or after is left to chance.
    await asyncio.sleep(0)


async def cut(learner: Learner) -> None:
    """Close the socket without Socket.IO's goodbye, as a lost network does."""
    await learner.socket.eio.ws.close()
    await learner.socket.disconnect()


async def run(url: str, turns: int, drop: float) -> Tally:
    total = Tally()
    for first in range(0, turns // QUESTIONS, AT_ONCE):
        for tally in await asyncio.gather(*(drill(url, drop, first + number) for number in range(AT_ONCE))):
            total.drills += tally.drills
            total.turns += tally.turns
            total.drops += tally.drops
            total.astray += tally.astray
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10_000)
    parser.add_argument("--drop", type=float, default=0.05)
    arguments = parser.parse_args()
    with quiet_server() as url:
        total = asyncio.run(run(url, arguments.turns, arguments.drop))
    print(
        f"{total.turns} turns in {total.drills} drills, {total.drops} forced drops: "
        f"{total.astray} answers lost or counted twice"
    )


if __name__ == "__main__":
    main()
