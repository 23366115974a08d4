"""What people meet: `python -m bench.people --language hi FOLDER [--questions 60]`.

Whole drills through the real server, in real time, answered with the recordings of a folder (wav files named after the
number that they say). In a share of the turns the learner slips, and says another number; so it does where nobody
recorded the answer. Counted for each spoken turn: right, asked again, wrong.
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
    """What one drill came to."""

    turns: list[Turn] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    """What was said in each turn."""
    misses: Counter[Fact] = field(default_factory=Counter)
    """The turns of each fact in which the answer was not understood."""

    def verdicts(self, right: bool) -> Counter[str]:
        """What became of the right answers, or of the wrong ones."""
        return Counter(
            turn.verdict["verdict"] if turn.verdict else "none"
            for turn, said in zip(self.turns, self.said) if (turn.left * turn.right == said) is right
        )


def tables_for(numbers: set[int]) -> list[int]:
    """The tables whose answers are recorded, but for one at most; else the one with most."""
    known = {table: sum(table * line in numbers for line in lines_of(table)) for table in TABLES}
    most = [table for table in TABLES if known[table] >= len(lines_of(table)) - 1]
    return most or [max(known, key=known.__getitem__)]


async def practise(
    url: str, language: str, recorded: dict[int, list[np.ndarray]], questions: int, slips: float, seed: int
) -> Drill:
    drill, chance = Drill(), np.random.default_rng(seed)
    takes = {number: list(chance.permutation(len(clips))) for number, clips in recorded.items()}
    numbers = sorted(recorded)

    def answer(left: int, right: int) -> np.ndarray:
        number = left * right
        if number not in recorded or chance.random() < slips:
            number = int(chance.choice([other for other in numbers if other != number]))
        # The takes in turn: each is said before one is said again.
        take = takes[number].pop(0)
        takes[number].append(take)
        drill.said.append(number)
        return recorded[number][take]

    learner = Learner()
    await learner.practise(
        url, answer, language=language, tables=tables_for(set(recorded)), questions=questions, seed=seed
    )
    drill.turns = learner.turns
    for turn in drill.turns:
        drill.misses[turn.left, turn.right] += turn.verdict is None or turn.verdict["verdict"] not in UNDERSTOOD
    return drill


def row(name: str, drill: Drill) -> str:
    """One line of the table."""
    counts = []
    for right in (True, False):
        found = drill.verdicts(right)
        told = "/".join(str(found[verdict]) for verdict in ("correct", "unsure", "wrong"))
        lost = found["silence"] + found["none"]
        counts.append(f"{told}{f' ({lost} without a verdict)' if lost else ''}")
    turns = Counter((turn.left, turn.right) for turn in drill.turns)
    latencies = [turn.latency_ms for turn in drill.turns if turn.verdict]
    most, mean = max(drill.misses.values()), len(drill.turns) / len(turns)
    return f"| {name} | {len(drill.turns)} | {counts[0]} | {counts[1]} | {most}, {mean:.1f} | {summary(latencies)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+", help="wav files named by the number that they say")
    parser.add_argument("--language", required=True)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--slips", type=float, default=0.1, help="share of the turns in which another number is said")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print("| folder | spoken turns | right answers: right/asked again/wrong | wrong answers: right/asked again/wrong "
          "| turns of a fact not understood: most; turns a fact: mean | voice to verdict, ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    with quiet_server() as url:
        for folder in arguments.folder:
            recorded = recordings(arguments.language, folder)
            options = (arguments.questions, arguments.slips, arguments.seed)
            drill = asyncio.run(practise(url, arguments.language, recorded, *options))
            print(row(folder.name, drill), flush=True)


if __name__ == "__main__":
    main()
