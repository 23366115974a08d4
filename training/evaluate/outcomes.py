"""Recorded answers in a live drill in virtual time (`training.live`), and their counts.

Each clip answers its own question and, as a wrong answer, the questions whose answers a child likely confuses with it
(`likely_questions`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.wav import read_wav
from server.asr.base import SpeechEngine
from server.drill.judging import Verdict
from server.languages import Language

from ..live import ROOMS, Reply, Room, ask

# What most children are asked: to ten times ten.
USUAL_TABLES = range(1, 11)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one clip: as the right answer, and as a wrong one to each of its likely questions."""

    path: Path
    number: int
    reply: Reply
    trials: Mapping[int, Reply] = field(default_factory=dict)

    @property
    def heard(self) -> int | None:
        """The likeliest number; None where the ear did not open, or no number was heard."""
        return self.reply.interpretation.best[0] if self.reply.interpretation else None


@dataclass(frozen=True)
class Report:
    """The counts over a set of clips; the fields of the `--json` line in their order."""

    n: int
    argmax_correct: int
    correct: int
    unsure: int
    wrong: int
    right_marked_wrong: int
    wrong_trials: int
    wrong_marked_right: int
    cpu_ms_p50: float
    cpu_ms_p95: float
    confusions: Mapping[str, int] = field(repr=False)


def likely_questions(said: int) -> list[int]:
    """Numbers that a child who says `said` by mistake was likely asked for.

    A neighbouring line of either table, for each of its factorisations within the tables (56 = 7 x 8: 49, 63, 48, 64),
    one more or less, ten more or less, and its digits the other way round.
    """
    near = {said - 1, said + 1, said - 10, said + 10}
    for left in USUAL_TABLES:
        for right in USUAL_TABLES:
            if left * right == said:
                near |= {said - left, said + left, said - right, said + right}
    if said >= 10:
        near.add(int(str(said)[::-1]))
    return sorted(number for number in near if 0 <= number <= 100 and number != said)


def labelled_clips(folder: Path) -> list[tuple[int, Path]]:
    """The wav files in `folder` with the number that begins each name; the others are left out."""
    named = ((re.match(r"\d+", path.name), path) for path in sorted(folder.glob("*.wav")))
    return [(int(number[0]), path) for number, path in named if number]


def answered(
    path: Path,
    samples: np.ndarray,
    number: int,
    engine: SpeechEngine,
    language: Language,
    room: Room = Room.FAINT,
    seed: int = 0,
) -> Outcome:
    """The clip (int16) as an answer to its own question and to its likely ones."""
    reply = ask(samples, number, engine, language, room, seed)
    trials = {asked: ask(samples, asked, engine, language, room, seed) for asked in likely_questions(number)}
    return Outcome(path, number, reply, trials)


def accepted(samples: np.ndarray, engine: SpeechEngine, language: Language, rng: np.random.Generator) -> bool:
    """Whether the product would judge this (floats), right or wrong, as the answer to a question drawn by lot."""
    reply = ask(int16_of(samples), usual_answer(rng), engine, language)
    return reply.verdict in (Verdict.CORRECT, Verdict.WRONG)


def usual_answer(rng: np.random.Generator) -> int:
    """What a question drawn by lot from the usual tables asks for."""
    return int(rng.choice(USUAL_TABLES)) * int(rng.choice(USUAL_TABLES))


def int16_of(samples: np.ndarray) -> np.ndarray:
    """The samples (floats of any scale up to 1) as the wire carries them; louder ones are turned down."""
    return (samples * min(1, 0.9 / (np.abs(samples).max() + 1e-6)) * 32767).astype("<i2")


def evaluate(clips: Sequence[tuple[int, Path]], engine: SpeechEngine, language: Language) -> Iterator[Outcome]:
    for place, (number, path) in enumerate(clips):
        yield answered(path, read_wav(path), number, engine, language, ROOMS[place % len(ROOMS)], place)


def report(outcomes: Sequence[Outcome]) -> Report:
    """Count `outcomes`, of which there must be at least one."""
    verdicts = Counter(outcome.reply.verdict for outcome in outcomes)
    trials = [reply.verdict for outcome in outcomes for reply in outcome.trials.values()]
    cpu_ms = [outcome.reply.cpu_ms for outcome in outcomes if outcome.reply.interpretation]
    return Report(
        n=len(outcomes),
        argmax_correct=sum(outcome.heard == outcome.number for outcome in outcomes),
        correct=verdicts[Verdict.CORRECT],
        unsure=verdicts[Verdict.UNSURE],
        wrong=verdicts[Verdict.WRONG],
        right_marked_wrong=verdicts[Verdict.WRONG],
        wrong_trials=len(trials),
        wrong_marked_right=trials.count(Verdict.CORRECT),
        cpu_ms_p50=round(float(np.percentile(cpu_ms or [0], 50)), 1),
        cpu_ms_p95=round(float(np.percentile(cpu_ms or [0], 95)), 1),
        confusions=dict(
            Counter(
                f"{outcome.number} -> {'nothing' if outcome.heard is None else outcome.heard}"
                for outcome in outcomes
                if outcome.heard != outcome.number
            ).most_common()
        ),
    )


def row(name: str, results: Sequence[Outcome]) -> str:
    counts = report(results)
    shares = (
        f"{counts.argmax_correct / counts.n:.1%}",
        f"{counts.unsure / counts.n:.1%}",
        f"{counts.right_marked_wrong / counts.n:.2%}",
        f"{counts.wrong_marked_right / max(1, counts.wrong_trials):.2%}",
        f"{calibration_error(results):.1%}",
    )
    return f"| {name} | {counts.n} | {' | '.join(shares)} |"


def calibration_error(results: Sequence[Outcome], bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015): how far the likeliest number's probability is from the truth."""
    interpretations = [(each.reply.interpretation.best, each.number) for each in results if each.reply.interpretation]
    sure = np.array([p for (_, p), _ in interpretations])
    right = np.array([best == number for (best, _), number in interpretations])
    which = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[which == one].sum() - right[which == one].sum()) for one in range(bins)]
    return float(sum(gaps) / max(1, len(interpretations)))
