"""Find the verdict's thresholds of least cost: `python -m training.thresholds [FOLDER:LANGUAGE ...]`.

The interpretations are those of the held-out voices in classroom conditions, and of given folders of human recordings.
Each clip is judged against its own number and against its likely questions. What is no answer, with the words of
`training.people` if they are installed, is judged against a random question.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from server.asr.numbers.engine import MODEL
from server.asr.numbers.vocabulary import LANGUAGES
from server.drill.judging import JudgingSettings, Verdict, judge
from server.languages import load_language
from server.understanding.interpretation import Interpretation

from . import people
from .calibrate import NONE_SHARE
from .conditions import conditions, no_answers, numbers_of, outcomes
from .corpus import held_out
from .evaluate import Outcome, evaluate, int16_of, labelled_clips, usual_answer
from .live import RememberingEngine, ask

# A right answer marked wrong is the costliest: the child learns a falsehood, or to distrust. So is a neighbour's word
# that takes the question from the child. Asking again is cheap.
RIGHT_MARKED_WRONG, WRONG_MARKED_RIGHT, NOTHING_JUDGED, UNSURE = 100, 50, 100, 3
# In a well-chosen drill four answers in five are right (Math Garden aims at 75 %).
RIGHT_SHARE = 0.8
HEARD_IN = ("clean", "babble 20 dB", "babble 10 dB", "pitch x 1.5", "telephone", "reverberation")
CORRECT_AT = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
WRONG_AT = (0.8, 0.9, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)
EXPECTED_BELOW = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Cost:
    """Shares of right answers, wrong answers and utterances that were no answer, by verdict."""

    right_wrong: float
    right_unsure: float
    wrong_right: float
    wrong_unsure: float
    nothing_judged: float

    @property
    def expected(self) -> float:
        """The expected cost of one utterance."""
        right = RIGHT_MARKED_WRONG * self.right_wrong + UNSURE * self.right_unsure
        wrong = WRONG_MARKED_RIGHT * self.wrong_right + UNSURE * self.wrong_unsure
        answer = RIGHT_SHARE * right + (1 - RIGHT_SHARE) * wrong
        return (1 - NONE_SHARE) * answer + NONE_SHARE * NOTHING_JUDGED * self.nothing_judged


class Trial(NamedTuple):
    """An utterance as the answer to a question: everything that the verdict can depend on."""

    numbers: Mapping[int, float]
    asked: int


def trial(interpretation: Interpretation | None, asked: int) -> Trial:
    """Make a trial. `interpretation` is None if the detector did not open."""
    numbers = interpretation.numbers if interpretation else {}
    rivals = sorted((number for number in numbers if number != asked), key=numbers.__getitem__)[-1:]
    return Trial({number: numbers[number] for number in (asked, *rivals) if number in numbers}, asked)


def cost(right: Sequence[Trial], wrong: Sequence[Trial], nothing: Sequence[Trial], settings: JudgingSettings) -> Cost:
    """Return the shares under these settings. `nothing`: trials of utterances that were no answer."""

    def share(trials: Sequence[Trial], which: Verdict) -> float:
        return sum(judge(*each, settings).verdict is which for each in trials) / max(1, len(trials))

    return Cost(
        share(right, Verdict.WRONG),
        share(right, Verdict.UNSURE),
        share(wrong, Verdict.CORRECT),
        share(wrong, Verdict.UNSURE),
        share(nothing, Verdict.CORRECT) + share(nothing, Verdict.WRONG),
    )


def candidates() -> Iterable[JudgingSettings]:
    for correct_at, wrong_at, below in product(CORRECT_AT, WRONG_AT, EXPECTED_BELOW):
        yield JudgingSettings(correct_at, wrong_at, min(wrong_at, JudgingSettings().again_at), below)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.thresholds", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", help="human recordings, such as recordings/marathi:mr")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--clips", type=int, default=120, help="of each language in each condition")
    options = parser.parse_args()
    engine, (_, clips) = RememberingEngine(options.model), held_out()
    answers: list[Outcome] = []
    nothing: list[Trial] = []
    words, rng = list(people.strangers()), np.random.default_rng(1)
    changes = conditions(clips)
    for code in LANGUAGES:
        language = load_language(code)
        some = numbers_of(clips, language, 100)[: options.clips]
        for name in HEARD_IN:
            answers += outcomes(some, changes[name], engine, language, seed=1)
        for samples in (*no_answers(clips, code, rng, options.clips), *words):
            asked = usual_answer(rng)
            nothing.append(trial(ask(int16_of(samples), asked, engine, language).interpretation, asked))
    for argument in options.folders:
        folder, code = argument.rsplit(":", 1)
        answers += evaluate(labelled_clips(Path(folder)), engine, load_language(code))
    right = [trial(outcome.reply.interpretation, outcome.number) for outcome in answers]
    wrong = [trial(reply.interpretation, asked) for outcome in answers for asked, reply in outcome.trials.items()]
    costs = [(cost(right, wrong, nothing, settings), settings) for settings in (JudgingSettings(), *candidates())]
    ranked = sorted(costs[1:], key=lambda it: it[0].expected)
    print(f"{len(answers)} answers. Shares of right answers marked wrong, unsure; of wrong ones marked right, unsure;")
    print(f"{len(nothing)} utterances that were none. Share judged:")
    for found, settings in [*ranked[:8], costs[0]]:
        print(
            f"cost {found.expected:.3f}: {found.right_wrong:.2%} {found.right_unsure:.1%} {found.wrong_right:.2%} "
            f"{found.wrong_unsure:.1%} {found.nothing_judged:.2%} with {settings}"
        )


if __name__ == "__main__":
    main()
