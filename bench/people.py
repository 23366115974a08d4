"""Whole drills with recordings of people: `python -m bench.people --language hi FOLDER ... [--questions 60]`.

One drill for each folder, all at once, through the real server in real time, answered with the folder's recordings (wav
files named after their number). In a share of the turns the learner says another number; an answer without a recording
is tapped. Counted for each spoken turn: right, asked again, wrong.
"""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.common import quiet_server, recordings, summary
from bench.learner import Learner, Turn
from server.drill.facts import TABLES, lines_of

Fact = tuple[int, int]
UNDERSTOOD = ("correct", "wrong")


@dataclass
class Drill:
    """The turns of one drill."""

    turns: list[Turn] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    """The number that was said in each turn."""

    @property
    def beyond_schedule(self) -> Counter[Fact]:
        """Return the turns of each fact that followed only because the one before was not understood."""
        beyond: Counter[Fact] = Counter()
        misunderstood: dict[Fact, bool] = {}
        for turn in self.turns:
            fact = turn.left, turn.right
            beyond[fact] += misunderstood.get(fact, False)
            misunderstood[fact] = turn.verdict is None or turn.verdict["verdict"] not in UNDERSTOOD
        return beyond

    def verdicts(self, right: bool) -> Counter[str]:
        """Count the verdicts on right answers, or on wrong ones."""
        return Counter(
            turn.verdict["verdict"] if turn.verdict else "none"
            for turn, said in zip(self.turns, self.said, strict=False)
            if (turn.left * turn.right == said) is right
        )


def tables_for(numbers: set[int]) -> list[int]:
    """Return the tables with at most one answer that is not recorded; else the one with most."""
    known = {table: sum(table * line in numbers for line in lines_of(table)) for table in TABLES}
    most = [table for table in TABLES if known[table] >= len(lines_of(table)) - 1]
    return most or [max(known, key=known.__getitem__)]


class Person(Learner):
    """Answers with recordings: every take of a number is used before one is repeated."""

    def __init__(self, recorded: dict[int, list[np.ndarray]], slips: float, seed: int) -> None:
        super().__init__()
        self.drill = Drill()
        self._recorded, self._slips = recorded, slips
        self._chance = np.random.default_rng(seed)
        self._takes = {number: list(self._chance.permutation(len(clips))) for number, clips in recorded.items()}

    async def play_through(self) -> Drill:
        """Answer every question until `finished`."""
        while True:
            name, say, _ = await self.expect("say", "finished")
            if name == "finished":
                return self.drill
            if say["expects"] != "answer":
                continue
            await self.socket.emit("played", {"say": say["id"]})
            left, right = say["show"]["left"], say["show"]["right"]
            if left * right in self._recorded:
                self.drill.turns.append(await self.answer(left, right, self._say(left * right)))
            else:
                await self.socket.emit("tap", {"answer": left * right, "say": say["id"]})

    def _say(self, number: int) -> np.ndarray:
        if self._chance.random() < self._slips:
            number = int(self._chance.choice([other for other in self._recorded if other != number]))
        self.drill.said.append(number)
        take = self._takes[number].pop(0)
        self._takes[number].append(take)
        return self._recorded[number][take]


async def practise(
    url: str, language: str, recorded: dict[int, list[np.ndarray]], questions: int, slips: float, seed: int
) -> Drill:
    person = Person(recorded, slips, seed)
    await person.connect(url)
    reply = await person.start(language=language, tables=tables_for(set(recorded)), questions=questions, seed=seed)
    if not reply["ok"]:
        raise RuntimeError(f"refused: {reply}")
    drill = await person.play_through()
    await person.socket.disconnect()
    return drill


def row(name: str, drill: Drill) -> str:
    """Return one line of the table."""
    counts = []
    for right in (True, False):
        found = drill.verdicts(right)
        told = "/".join(str(found[verdict]) for verdict in ("correct", "unsure", "wrong"))
        lost = found["silence"] + found["none"]
        counts.append(f"{told}{f' ({lost} without a verdict)' if lost else ''}")
    turns = Counter((turn.left, turn.right) for turn in drill.turns)
    latencies = [turn.latency_ms for turn in drill.turns if turn.verdict and turn.verdict["verdict"] == "correct"]
    most, mean = max(drill.beyond_schedule.values(), default=0), len(drill.turns) / len(turns)
    return f"| {name} | {len(drill.turns)} | {counts[0]} | {counts[1]} | {most}, {mean:.1f} | {summary(latencies)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+", help="wav files named by the number that they say")
    parser.add_argument("--language", required=True)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--slips", type=float, default=0.1, help="share of the turns in which another number is said")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    async def all_at_once(url: str) -> list[Drill]:
        options = (arguments.questions, arguments.slips, arguments.seed)
        return await asyncio.gather(
            *(
                practise(url, arguments.language, recordings(arguments.language, folder), *options)
                for folder in arguments.folder
            )
        )

    print(
        "| folder | spoken turns | right answers: right/asked again/wrong | wrong answers: right/asked again/wrong "
        "| turns of a fact beyond its schedule: most; turns a fact: mean | voice to verdict where right, ms |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    with quiet_server() as url:
        for folder, drill in zip(arguments.folder, asyncio.run(all_at_once(url)), strict=True):
            print(row(folder.name, drill), flush=True)


if __name__ == "__main__":
    main()
