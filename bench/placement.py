"""Measure how well five minutes of placement classify simulated children's facts: `python -m bench.placement`.

A fact is known if it would more often than not be answered within 6 s. Facts answered right one to two times in three
are neither known nor unknown; the second figure leaves them out.
"""

import argparse
import random
import statistics
from dataclasses import dataclass

from bench.children import Child
from server.drill.facts import facts_of
from server.drill.knowledge import Knowledge
from server.drill.memory import KNOWN_MS
from server.drill.placement import Placement

FACTS = facts_of(range(1, 11))
SESSION_S = 300.0
# Seconds of a turn beside thinking, and how long a placement waits for an answer.
TURN_S, PATIENCE_S = 3.0, 12.0
# Encounters with the commonest fact before.
PRACTISED = (2.0, 3.0, 5.0, 8.0, 12.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """Shares of facts that were classified right, and the number of questions."""

    right: float
    right_of_clear: float
    asked: int


def place(seed: int, practised: float) -> Placed:
    """Run one child's placement."""
    child, placement, at_s, asked = Child(seed, practised), Placement(FACTS, random.Random(seed)), 0.0, 0
    truth = {fact: child.right(fact, 0, KNOWN_MS / 1000) for fact in FACTS}
    while at_s < SESSION_S and (fact := placement.choose(Knowledge(), 0)) is not None:
        answer = child.answer(fact, at_s)
        placement.judged(fact, answer.right, round(answer.response_s * 1000))
        at_s += TURN_S + min(answer.response_s, PATIENCE_S)
        asked += 1
    known = placement.known()
    hits = {fact: (fact in known) == (truth[fact] >= 0.5) for fact in FACTS}
    clear = [hit for fact, hit in hits.items() if not 1 / 3 < truth[fact] < 2 / 3]
    return Placed(statistics.mean(hits.values()), statistics.mean(clear), asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=24, help="of each group")
    everybody: list[Placed] = []
    children = parser.parse_args().children
    for practised in PRACTISED:
        group = [place(seed, practised) for seed in range(1000, 1000 + children)]
        everybody += group
        print(f"met {practised:.0f} times: {line(group)}", flush=True)
    print(f"all: {line(everybody)}")


def line(group: list[Placed]) -> str:
    right = [placed.right for placed in group]
    margin = 1.96 * statistics.stdev(right) / len(right) ** 0.5
    clear, asked = (statistics.mean(getattr(each, name) for each in group) for name in ("right_of_clear", "asked"))
    return f"{statistics.mean(right):.1%} ± {margin:.1%} right, of the clear ones {clear:.1%}; {asked:.0f} questions"


if __name__ == "__main__":
    main()
