"""Which thresholds of the verdict cost least: `python -m training.thresholds [FOLDER:LANGUAGE ...]`.

The beliefs are those about the held-out voices in the conditions that a classroom has, and about folders of human
recordings, if any are given. Each clip is judged against its own number and against its likely questions.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from server.drill.judging import JudgingSettings, Verdict, judge
from server.engines.numbers import MODEL, NumbersEngine
from server.engines.vocabulary import LANGUAGES
from server.languages import load_language

from .conditions import conditions, numbers_of, outcomes
from .corpus import held_out
from .evaluate import Outcome, evaluate, labelled_clips, likely_questions

# A right answer marked wrong is the dearest: the child learns a falsehood, or to distrust. Asking again is cheap.
RIGHT_MARKED_WRONG, WRONG_MARKED_RIGHT, UNSURE = 100, 50, 3
# Four answers in five are right in a well-chosen drill (Math Garden aims at 75 %).
RIGHT_SHARE = 0.8
HEARD_IN = ("clean", "babble 20 dB", "babble 10 dB", "pitch x 1.5", "telephone", "reverberation")
CORRECT_AT = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
WRONG_AT = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
EXPECTED_BELOW = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Cost:
    """Shares of the right answers (wrong, unsure) and of the wrong ones (right, unsure)."""

    right_wrong: float
    right_unsure: float
    wrong_right: float
    wrong_unsure: float

    @property
    def expected(self) -> float:
        """Of one answer."""
        right = RIGHT_MARKED_WRONG * self.right_wrong + UNSURE * self.right_unsure
        wrong = WRONG_MARKED_RIGHT * self.wrong_right + UNSURE * self.wrong_unsure
        return RIGHT_SHARE * right + (1 - RIGHT_SHARE) * wrong


def cost(beliefs: Sequence[Outcome], settings: JudgingSettings) -> Cost:
    right = [_verdict(outcome, outcome.number, settings) for outcome in beliefs]
    wrong = [_verdict(outcome, asked, settings) for outcome in beliefs for asked in likely_questions(outcome.number)]
    return Cost(
        _share(right, Verdict.WRONG), _share(right, Verdict.UNSURE),
        _share(wrong, Verdict.CORRECT), _share(wrong, Verdict.UNSURE),
    )


def _verdict(outcome: Outcome, asked: int, settings: JudgingSettings) -> Verdict:
    return judge(outcome.belief.numbers if outcome.belief else {}, asked, settings).verdict


def _share(verdicts: Sequence[Verdict], which: Verdict) -> float:
    return verdicts.count(which) / max(1, len(verdicts))


def candidates() -> Iterable[JudgingSettings]:
    for correct_at, wrong_at, below in product(CORRECT_AT, WRONG_AT, EXPECTED_BELOW):
        yield JudgingSettings(correct_at, wrong_at, below)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.thresholds", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", help="human recordings, such as recordings/marathi:mr")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--clips", type=int, default=120, help="of each language in each condition")
    options = parser.parse_args()
    engine, (_, clips) = NumbersEngine(options.model), held_out()
    beliefs: list[Outcome] = []
    changes = conditions(clips)
    for code in LANGUAGES:
        language = load_language(code)
        some = numbers_of(clips, language, 100)[:options.clips]
        for name in HEARD_IN:
            beliefs += outcomes(some, changes[name], engine, language, seed=1)
    for argument in options.folders:
        folder, code = argument.rsplit(":", 1)
        beliefs += evaluate(labelled_clips(Path(folder)), engine, load_language(code))
    ranked = sorted(((cost(beliefs, settings), settings) for settings in candidates()), key=lambda it: it[0].expected)
    print(f"{len(beliefs)} answers. Shares of right answers marked wrong, unsure; of wrong ones marked right, unsure:")
    for found, settings in [*ranked[:8], (cost(beliefs, JudgingSettings()), JudgingSettings())]:
        print(
            f"cost {found.expected:.3f}: {found.right_wrong:.2%} {found.right_unsure:.1%} {found.wrong_right:.2%} "
            f"{found.wrong_unsure:.1%} with {settings}"
        )


if __name__ == "__main__":
    main()
