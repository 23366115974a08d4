"""Shared parts of the benchmarks: recorded answers, a server with silent prompts, percentiles."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.learner import AnswerWith
from bench.wav import read_wav
from tests.support.prompts import make_all_silent
from tests.support.recordings import number_samples
from tests.support.server import running_server


def recordings(language: str, folder: Path | None) -> dict[int, list[np.ndarray]]:
    """Return number -> recordings: the wav files of `folder` named "7_anna.wav", or the project's own prompt voice."""
    if folder is None:
        return {number: [number_samples(language, number)] for number in range(101)}
    found: dict[int, list[np.ndarray]] = {}
    for path in sorted(folder.glob("*.wav")):
        found.setdefault(int(path.stem.split("_")[0]), []).append(read_wav(path))
    return found


def right_answers(recorded: dict[int, list[np.ndarray]], seed: int = 0) -> AnswerWith:
    """Return a learner's answers: the right number, each of its recordings in turn; without one, a wrong number."""
    random = np.random.default_rng(seed)
    numbers = sorted(recorded)

    def answer(left: int, right: int) -> np.ndarray:
        number = left * right if left * right in recorded else int(random.choice(numbers))
        return recorded[number][random.integers(len(recorded[number]))]

    return answer


@contextmanager
def quiet_server(*options: str, most_files: int | None = None) -> Iterator[str]:
    """Run the real server with silent prompts of 50 ms: the time goes into listening."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server("--prompts", str(make_all_silent(Path(folder))), *options, most_files=most_files) as url,
    ):
        yield url


def summary(values_ms: Sequence[float]) -> str:
    """Return p50, p95 and the extremes, in ms."""
    low, p50, p95, high = np.percentile(values_ms, [0, 50, 95, 100])
    return f"p50 {p50:.0f}, p95 {p95:.0f} (from {low:.0f} to {high:.0f}, n = {len(values_ms)})"
