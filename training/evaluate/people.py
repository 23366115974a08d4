"""Measure the judge on people: `python -m training.evaluate people FOLDER:LANGUAGE ... --talk FOLDER`.

Leave-one-set-out: each set of recordings is judged by the settings of least cost on all other sets, and by the
server's. Every clip answers its own question and its likely ones. Words, sentences and babble, which are no answers,
follow random questions. The beliefs of the live path are kept in training/build, so a second run takes a minute.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .beliefs import Beliefs, add_arguments, of_arguments
from .costs import Counts, Settings, candidates, count, odds, verdicts


def counted(beliefs: Beliefs, tried: Sequence[Settings]) -> Counts:
    """Return the counts under each of the settings, as arrays."""
    heard = {temperature: odds(beliefs, temperature) for temperature in {one.temperature for one in tried}}
    counts = [count(beliefs, *verdicts(heard[one.temperature], one)) for one in tried]
    return Counts(*map(np.array, zip(*counts, strict=True)))


def left_out(counts: Mapping[str, Counts]) -> dict[str, int]:
    """Return for each set the place of the settings of least cost on all other sets."""
    every = together(counts.values())
    return {
        name: int(np.argmin(Counts(*(total - own for total, own in zip(every, some, strict=True))).cost()))
        for name, some in counts.items()
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate people", description=__doc__.splitlines()[0])
    add_arguments(parser)
    sets = of_arguments(parser.parse_args(arguments))
    tried = [Settings(), *candidates()]
    counts = {name: counted(beliefs, tried) for name, beliefs in {**sets.answers, **sets.talk}.items()}
    chosen = left_out(counts)
    ours = dict.fromkeys(counts, 0)
    for title, which in (("settings chosen without the set", chosen), ("the server's settings", ours)):
        rows = {name: at(some, which[name]) for name, some in counts.items()}
        print(f"\n{table(title, rows, list(sets.answers), list(sets.talk))}")
    print()
    for name, best in chosen.items():
        print(f"{name} is judged by {tried[best]}")


def table(title: str, rows: Mapping[str, Counts], answers: Sequence[str], talk: Sequence[str]) -> str:
    columns = "clips | argmax right | right marked wrong | wrong marked right | right asked again | wrong asked again"
    lines = [f"| {title} | {columns} |", "| --- | --- | --- | --- | --- | --- | --- |"]
    lines += [answers_row(name, rows[name]) for name in answers]
    lines += [answers_row("together", together(rows[name] for name in answers))]
    lines += [f"\n| {title} | utterances that are no answer | judged |", "| --- | --- | --- |"]
    lines += [talk_row(name, rows[name]) for name in talk]
    lines += [talk_row("together", together(rows[name] for name in talk))]
    return "\n".join(lines)


def together(counts: Iterable[Counts]) -> Counts:
    return Counts(*map(sum, zip(*counts, strict=True)))


def at(counts: Counts, which: int) -> Counts:
    return Counts(*(each[which] for each in counts))


def answers_row(name: str, counts: Counts) -> str:
    figures = (
        f"{counts.right}",
        f"{counts.right_heard / counts.right:.1%}",
        f"{counts.right_marked_wrong / counts.right:.2%}",
        f"{counts.wrong_marked_right / counts.wrong:.2%}",
        f"{counts.right_unsure / counts.right:.1%}",
        f"{counts.wrong_unsure / counts.wrong:.1%}",
    )
    return f"| {name} | {' | '.join(figures)} |"


def talk_row(name: str, counts: Counts) -> str:
    return f"| {name} | {counts.nothing} | {counts.nothing_judged / counts.nothing:.1%} |"
