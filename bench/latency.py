"""Measure how long a learner waits for the verdict: `python -m bench.latency [--language en] [--answers FOLDER]`.

One learner at a time speaks recorded answers in real time to the real server. The time runs from the last voiced sample
sent to the verdict received. "complete": right answers, and replacements for those without a recording. "extendable": a
wrong number that could go on ("twenty" for twenty-four). The server's own share runs from the arrival of the chunk that
ended the turn.
"""

import argparse
import asyncio
from collections import Counter
from pathlib import Path

import numpy as np

from bench.common import quiet_server, recordings, right_answers, summary
from bench.learner import AnswerWith, Learner, Turn
from server.languages import load_language


def verdicts(turns: list[Turn]) -> Counter[str]:
    return Counter(turn.verdict["verdict"] for turn in turns if turn.verdict)


async def drill(
    url: str, answer: AnswerWith, language: str, tables: list[int], questions: int, seed: int
) -> list[Turn]:
    learner = Learner()
    await learner.practise(url, answer, language=language, tables=tables, questions=questions, seed=seed)
    return learner.turns


def report(name: str, turns: list[Turn]) -> None:
    print(f"{name}: {summary([turn.latency_ms for turn in turns])} ms; {dict(verdicts(turns))}")
    print(f"  server's own share: {summary([turn.verdict['server_ms'] for turn in turns if turn.verdict])} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="en")
    parser.add_argument("--answers", type=Path, help="folder of wavs named by their number; default: the prompt voice")
    parser.add_argument("--tables", type=int, nargs="+", default=[2, 3, 4, 5, 6, 7, 8, 9])
    parser.add_argument("--questions", type=int, default=40)
    arguments = parser.parse_args()
    recorded = recordings(arguments.language, arguments.answers)
    extendable = load_language(arguments.language).lexicon.extendable_numbers & set(recorded)
    tens = sorted(number for number in extendable if number >= 20)

    def too_short(left: int, right: int) -> np.ndarray:
        """Return a wrong ten, which may go on."""
        return recorded[next(number for number in tens if number != left * right)][0]

    with quiet_server() as url:
        options = (arguments.language, arguments.tables, arguments.questions)
        turns = asyncio.run(drill(url, right_answers(recorded), *options, seed=1))
        report("complete answers", turns)
        print(f"  right answers among them: {dict(verdicts([t for t in turns if t.left * t.right in recorded]))}")
        if len(tens) > 1:
            report("extendable answers", asyncio.run(drill(url, too_short, *options, seed=2)))


if __name__ == "__main__":
    main()
