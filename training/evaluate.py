"""How well recorded answers are understood: `python -m training.evaluate --language mr [--model M] [--json] FOLDER`.

The clips are wav files (16-bit) whose names begin with the number that they say ("7_anna_1.wav"). Each passes
through the product's own ear, network and judge in chunks of 60 ms, with silence around it. Two things differ from a
drill: the turn ends after the longest silence, not by what has been understood, and the network is asked once, at
the end.

Every clip is judged twice over: against its own number, and, as a wrong answer, against the numbers that a child who
says it was likely asked for (`likely_questions`).
"""

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from bench.wav import read_wav
from server.drill.judging import Verdict, judge
from server.engines.numbers import MODEL, NumbersEngine
from server.engines.vad import WebRtcDetector
from server.languages import Language, load_language
from server.speech import SAMPLE_BYTES, SAMPLE_RATE
from server.speech.belief import Belief, SpeechEngine, believe
from server.speech.listener import Listener
from server.speech.segmenter import UtteranceContinued, UtteranceEnded, UtteranceStarted

CHUNK_BYTES = SAMPLE_RATE * 60 // 1000 * SAMPLE_BYTES
# What most children are asked: to ten times ten.
USUAL_TABLES = range(1, 11)
LEAD_IN = bytes(SAMPLE_RATE * SAMPLE_BYTES)
TRAILING = bytes(SAMPLE_RATE * 3 // 2 * SAMPLE_BYTES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one clip. `belief` is None where the ear did not open; `cpu_ms` is the recogniser's share."""

    path: Path
    number: int
    belief: Belief | None
    cpu_ms: float

    def verdict(self, expected: int) -> Verdict:
        return judge(self.belief.numbers if self.belief else {}, expected).verdict


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


def listen(pcm: bytes, engine: SpeechEngine, language: Language) -> tuple[Belief | None, float]:
    """The belief about the first utterance in `pcm`, None where there is none, and the recogniser's CPU time in ms."""
    listener = Listener(WebRtcDetector())
    listener.segmenter.armed = True
    recogniser = engine.lease(language.code)
    started = False
    for chunk in _chunks(LEAD_IN + pcm + TRAILING):
        for event in listener.hear(chunk):
            match event:
                case UtteranceStarted(_, audio):
                    started = True
                    recogniser.start()
                    recogniser.feed(audio)
                case UtteranceContinued(audio):
                    recogniser.feed(audio)
                case UtteranceEnded():
                    since = time.thread_time()
                    belief = believe(recogniser.finish(), language.lexicon)
                    cpu_ms = (time.thread_time() - since) * 1000
                    engine.release(language.code, recogniser)
                    return belief, cpu_ms
    assert not started, "the silence at the end is longer than any that an utterance survives"
    return None, 0.0


def accepted(samples: np.ndarray, engine: SpeechEngine, language: Language, rng: np.random.Generator) -> bool:
    """Whether the product would judge this, right or wrong, as the answer to a question drawn by lot."""
    belief, _ = listen(pcm_of(samples), engine, language)
    return belief is not None and judge(belief.numbers, usual_answer(rng)).verdict in (Verdict.CORRECT, Verdict.WRONG)


def usual_answer(rng: np.random.Generator) -> int:
    """What a question drawn by lot from the usual tables asks for."""
    return int(rng.choice(USUAL_TABLES)) * int(rng.choice(USUAL_TABLES))


def pcm_of(samples: np.ndarray) -> bytes:
    """The samples (floats of any scale up to 1) as the wire carries them; louder ones are turned down."""
    return (samples * min(1, 0.9 / (np.abs(samples).max() + 1e-6)) * 32767).astype("<i2").tobytes()


def _chunks(pcm: bytes) -> Iterator[bytes]:
    for start in range(0, len(pcm), CHUNK_BYTES):
        yield pcm[start:start + CHUNK_BYTES]


def evaluate(clips: Sequence[tuple[int, Path]], engine: SpeechEngine, language: Language) -> list[Outcome]:
    return [Outcome(path, number, *listen(read_wav(path).tobytes(), engine, language)) for number, path in clips]


def report(outcomes: Sequence[Outcome]) -> Report:
    """Count `outcomes`, of which there must be at least one."""
    verdicts = Counter(outcome.verdict(outcome.number) for outcome in outcomes)
    heard = [outcome.belief.best[0] if outcome.belief else None for outcome in outcomes]
    trials = [outcome.verdict(asked) for outcome in outcomes for asked in likely_questions(outcome.number)]
    cpu_ms = [outcome.cpu_ms for outcome in outcomes if outcome.belief]
    return Report(
        n=len(outcomes),
        argmax_correct=sum(number == outcome.number for number, outcome in zip(heard, outcomes)),
        correct=verdicts[Verdict.CORRECT],
        unsure=verdicts[Verdict.UNSURE],
        wrong=verdicts[Verdict.WRONG],
        right_marked_wrong=verdicts[Verdict.WRONG],
        wrong_trials=len(trials),
        wrong_marked_right=trials.count(Verdict.CORRECT),
        cpu_ms_p50=round(float(np.percentile(cpu_ms or [0], 50)), 1),
        cpu_ms_p95=round(float(np.percentile(cpu_ms or [0], 95)), 1),
        confusions=dict(Counter(
            f"{outcome.number} -> {'nothing' if number is None else number}"
            for number, outcome in zip(heard, outcomes) if number != outcome.number
        ).most_common()),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of wav files named after the numbers that they say")
    parser.add_argument("--language", required=True, help="en, hi or mr")
    parser.add_argument("--model", type=Path, default=MODEL, help="another numbers network (.onnx)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    clips = labelled_clips(options.folder)
    if not clips:
        parser.error(f"no wav files named after numbers in {options.folder}")
    counts = report(evaluate(clips, NumbersEngine(options.model), load_language(options.language)))
    figures = asdict(counts)
    confusions = figures.pop("confusions")
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):20} {value}")
    print(f"{'confusions':20} {', '.join(f'{pair} ({count})' for pair, count in confusions.items()) or 'none'}")


if __name__ == "__main__":
    main()
