"""The counts of the evaluation, and that a clip really is an answer in a live drill."""

import wave
from pathlib import Path

import numpy as np
import pytest

from server.asr.numbers.engine import NumbersEngine
from server.drill.judging import Verdict, judge
from server.languages import load_language
from server.understanding.interpretation import Interpretation
from tests.support.recordings import RATE, number_samples
from training.evaluate.outcomes import Outcome, calibration_error, evaluate, labelled_clips, likely_questions, report
from training.live import Reply


def save(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as clip:
        clip.setparams((1, 2, RATE, 0, "NONE", ""))
        clip.writeframes(samples.astype("<i2").tobytes())
    return path


def outcome(said: int, heard: dict[int, float] | None, cpu_ms: float = 10.0) -> Outcome:
    """Make an outcome, judged against each question. `heard` is None if the detector did not open."""
    interpretation = None if heard is None else Interpretation(heard)

    def reply(asked: int) -> Reply:
        return Reply(judge(heard or {}, asked).verdict, interpretation, cpu_ms)

    return Outcome(Path(f"{said}.wav"), said, reply(said), {asked: reply(asked) for asked in likely_questions(said)})


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            56,
            {49, 63, 48, 64, 55, 57, 46, 66, 65},
        ),  # 7 x 8: a line up or down in either table; one, ten, and turned round
        (11, {1, 10, 12, 21}),  # in no table, and the same either way round
        (0, {1, 10}),
        (100, {90, 99, 1}),  # nothing beyond the tables
    ],
)
def test_what_a_child_who_says_it_was_likely_asked_for(said: int, asked: set[int]) -> None:
    assert set(likely_questions(said)) == asked


@pytest.mark.parametrize("said", range(101))
def test_an_expected_answer_is_never_the_said_one_nor_outside_the_tables(said: int) -> None:
    asked = likely_questions(said)
    assert asked == sorted(set(asked)) and said not in asked and set(asked) <= set(range(101))


def test_clips_are_named_after_their_numbers(tmp_path: Path) -> None:
    for name in ("56.wav", "7_anna.wav", "007.wav", "notes.wav", "8.mp3"):
        (tmp_path / name).touch()
    assert labelled_clips(tmp_path) == [
        (7, tmp_path / "007.wav"),
        (56, tmp_path / "56.wav"),
        (7, tmp_path / "7_anna.wav"),
    ]


def test_the_report_counts_each_clip_and_each_wrong_answer() -> None:
    counts = report(
        [
            outcome(11, {11: 0.97}, cpu_ms=10),
            outcome(11, {11: 0.5, 12: 0.45}, cpu_ms=20),  # would pass for 12
            outcome(11, {7: 0.99}, cpu_ms=30),
            outcome(11, {11: 0.1, 7: 0.2}, cpu_ms=40),
            outcome(11, None, cpu_ms=0),
        ]
    )
    assert (counts.n, counts.argmax_correct) == (5, 2)
    assert (counts.correct, counts.unsure, counts.wrong, counts.right_marked_wrong) == (2, 2, 1, 1)
    assert (counts.wrong_trials, counts.wrong_marked_right) == (5 * 4, 1)
    # A clip that was not heard cost nothing and does not count.
    assert (counts.cpu_ms_p50, counts.cpu_ms_p95) == (25.0, 38.5)
    assert counts.confusions == {"11 -> 7": 2, "11 -> nothing": 1}


def test_a_report_where_nothing_was_heard() -> None:
    counts = report([outcome(7, None), outcome(8, {})])
    assert (counts.argmax_correct, counts.unsure, counts.wrong_marked_right) == (0, 2, 0)
    assert counts.confusions == {"7 -> nothing": 1, "8 -> nothing": 1}


def test_calibration_is_the_gap_between_belief_and_truth() -> None:
    honest = [outcome(7, {7: 0.75}) for _ in range(3)] + [outcome(7, {8: 0.75})]
    assert calibration_error(honest) == pytest.approx(0)
    boastful = [outcome(7, {8: 0.9})] * 2 + [outcome(7, {7: 0.9})] * 2
    assert calibration_error(boastful) == pytest.approx(0.4)
    assert calibration_error([*honest, *boastful]) == pytest.approx(0.2)


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()


@pytest.mark.engine
@pytest.mark.parametrize("language", ["en", "hi", "mr"])
def test_a_prompt_is_heard_and_judged(engine: NumbersEngine, tmp_path: Path, language: str) -> None:
    save(tmp_path / "56_prompt.wav", number_samples(language, 56))
    (heard,) = evaluate(labelled_clips(tmp_path), engine, load_language(language))
    assert heard.heard == 56 and heard.reply.verdict is Verdict.CORRECT
    assert {reply.verdict for reply in heard.trials.values()} <= {Verdict.WRONG, Verdict.UNSURE}
    assert heard.reply.cpu_ms > 0
