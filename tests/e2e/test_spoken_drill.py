"""Whole drills by voice, without a touch after Start."""

import wave
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.recordings import RATE, number_samples
from tests.support.server import running_server

from .conftest import Launch, OpenPage
from .drill_page import DrillPage

pytestmark = pytest.mark.browser
QUESTIONS = 10
DRILL_MS = 120_000


def assert_all_right(drill: DrillPage) -> None:
    """The drill runs to its end with every answer right, and no answer was judged wrong on the way."""
    expect(drill.page.locator("#finished")).to_be_visible(timeout=DRILL_MS)
    assert [verdict for verdict in drill.payloads("verdict") if verdict["verdict"] == "wrong"] == []
    assert drill.text("finished-score") == drill.score(QUESTIONS, QUESTIONS)
    assert drill.page.locator("#dots .full").count() == QUESTIONS


@pytest.mark.parametrize(("language", "table", "seed"), [("hi", 8, 2), ("en", 6, 3)])
def test_ten_answers_by_voice(open_page: OpenPage, language: str, table: int, seed: int) -> None:
    drill = open_page(language)
    drill.give_child(lambda left, right: left * right)
    drill.open([table], seed)
    drill.start()
    assert_all_right(drill)
    assert drill.page.evaluate("document.documentElement.lang") == language


def test_ten_answers_to_the_real_prompts(open_page: OpenPage) -> None:
    with running_server() as url:
        drill = open_page("mr", url)
        drill.give_child(lambda left, right: left * right)
        drill.open([7, 9], seed=4)
        drill.start()
        assert_all_right(drill)


def test_a_microphone_that_is_a_file(launch_browser: Launch, open_page: OpenPage, tmp_path: Path) -> None:
    """Chromium's own capture, with echo cancellation and the rest at work; answers come at fixed times."""
    spoken = tmp_path / "answers.wav"
    write_answers(spoken, "en", list(range(5, 51, 5)))
    browser = launch_browser("--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={spoken}%noloop")
    drill = open_page("en", by=browser)
    drill.open([5])
    drill.page.locator("#drills").select_option("recitation")  # its order is fixed
    drill.start()
    assert_all_right(drill)


def write_answers(path: Path, language: str, answers: list[int]) -> None:
    """Write answers so far apart that each question is asked before its answer, which finds an open microphone."""
    chance = np.random.default_rng(0)

    def room(seconds: float) -> np.ndarray:
        return chance.normal(0, 3, round(RATE * seconds)).astype(np.int16)

    parts = [room(3)]
    for answer in answers:
        parts += [number_samples(language, answer), room(4)]
    with wave.open(str(path), "wb") as recording:
        recording.setparams((1, 2, RATE, 0, "NONE", ""))
        recording.writeframes(np.concatenate(parts).astype("<i2").tobytes())
