"""Answers over the end of the question: `python -m bench.early [FOLDER] [--language en] [--numbers 20]`.

The real server with the real prompts, a silent room, no echo. Answers begin `onset` ms after the end of the prompt; a
negative onset is over it. All learners practise at once, one for each onset; each is asked each fact once. FOLDER holds
recordings named by their number ("56_anna.wav"); without it the prompt voice answers. "No verdict": the thinking time
ended without one.
"""

import argparse
import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from socketio.exceptions import SocketIOError

from bench.common import recordings
from bench.learner import Learner
from tests.support.server import running_server

ONSETS_MS = (-600, -400, -200, -100, 0, 100, 250)
AT_ONCE = 8
# Long enough for each answer; a lost answer costs this wait.
THINKING_S = 4
# Tables in this order are preferred if equally many of their answers are recorded.
TABLES = (7, 9, 8, 6, 4, 3, 5, 2, 10)
OUTCOMES = {"correct": "right", "unsure": "asked again", "wrong": "wrong", "silence": "no verdict"}
COLUMNS = ("right", "asked again", "wrong", "no verdict")

Recorded = dict[int, list[np.ndarray]]


class Early(Learner):
    """Answers each fact once, `onset_ms` after its prompt. Taps repeated questions, and answers without a recording."""

    def __init__(self, onset_ms: int, recorded: Recorded) -> None:
        super().__init__(hears_prompts=True)
        self.onset_ms = onset_ms
        self.outcomes: Counter[str] = Counter()
        self.interrupts = 0
        self._recorded = recorded

    async def answer_each(self, url: str, numbers: int, **wanted: Any) -> None:
        asked = set()
        await self.connect(url)
        reply = await self.start(**wanted)
        if not reply["ok"]:
            raise RuntimeError(f"refused: {reply}")
        while self.outcomes.total() < numbers:
            name, say, _ = await self.expect("say", "finished")
            if name == "finished":
                break
            if say["expects"] != "answer":
                continue
            left, right = say["show"]["left"], say["show"]["right"]
            if (left, right) in asked or left * right not in self._recorded:
                await self.tap_right()
                continue
            asked.add((left, right))
            takes = self._recorded[left * right]
            await self.answer_once(left, right, takes[len(asked) % len(takes)], say)
        await self.socket.disconnect()

    async def answer_once(self, left: int, right: int, samples: np.ndarray, say: dict[str, Any]) -> None:
        try:
            turn = await self.answer(left, right, samples, say, self.onset_ms)
        except TimeoutError:
            self.outcomes["no verdict"] += 1
            await self.tap_right()
            return
        assert turn.verdict is not None
        self.outcomes[OUTCOMES[turn.verdict["verdict"]]] += 1
        self.interrupts += turn.interrupted

    async def tap_right(self) -> None:
        """Answer the latest question by touch."""
        say = [payload for name, payload in self.events if name == "say"][-1]
        show = say["show"]
        await self.socket.emit("tap", {"answer": show["left"] * show["right"], "say": say["id"]})

    def response_ms(self) -> str:
        """Return the median response time of right answers as the server measured it."""
        times = [
            turn.verdict["response_ms"]
            for turn in self.turns
            if turn.verdict and turn.verdict["verdict"] == "correct" and turn.verdict["response_ms"] is not None
        ]
        return f"{np.median(times):.0f}" if times else "-"


async def try_onsets(
    url: str, language: str, recorded: Recorded, onsets_ms: list[int], numbers: int, tables: list[int]
) -> list[Early]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(learner: Early) -> Early:
        async with places:
            try:
                await learner.answer_each(url, numbers, language=language, tables=tables, drill="recitation", seed=1)
            except (TimeoutError, SocketIOError) as error:
                print(f"onset {learner.onset_ms}: ended after {learner.outcomes.total()} answers: {error!r}")
        return learner

    return await asyncio.gather(*(one(Early(onset_ms, recorded)) for onset_ms in onsets_ms))


def enough_tables(recorded: Recorded, numbers: int) -> list[int]:
    """Return the tables with most recorded answers, as few as hold `numbers` of them."""
    counts = {table: sum(table * line in recorded for line in range(1, 11)) for table in TABLES}
    chosen: list[int] = []
    for table in sorted(TABLES, key=lambda table: -counts[table]):
        if sum(counts[each] for each in chosen) < numbers:
            chosen.append(table)
    return chosen


def row(learner: Early) -> str:
    cells = [str(learner.outcomes[column]) for column in COLUMNS]
    cells += [str(learner.interrupts), learner.response_ms(), "full" if learner.is_full_duplex else "half"]
    return f"{learner.onset_ms:+9d}" + "".join(cell.rjust(13) for cell in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--language", default="en")
    parser.add_argument("--onsets", type=int, nargs="+", default=list(ONSETS_MS), help="ms")
    parser.add_argument("--numbers", type=int, default=20, help="answers for each onset")
    arguments = parser.parse_args()
    recorded = recordings(arguments.language, arguments.folder)
    tables = enough_tables(recorded, arguments.numbers)
    with running_server("--thinking-s", str(THINKING_S)) as url:
        learners = asyncio.run(
            try_onsets(url, arguments.language, recorded, arguments.onsets, arguments.numbers, tables)
        )
    print(" onset ms" + "".join(name.rjust(13) for name in (*COLUMNS, "interrupted", "response ms", "duplex")))
    for learner in learners:
        print(row(learner))


if __name__ == "__main__":
    main()
