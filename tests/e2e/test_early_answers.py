"""A child who answers before the question is over: page and server together, with the real prompts."""

import base64
from collections.abc import Iterator
from functools import partial

import pytest

from tests.support.recordings import number_samples
from tests.support.server import running_server

from .conftest import OpenPage
from .drill_page import DrillPage

pytestmark = pytest.mark.browser
EARLY_MS = 300
THOUGHT_MS = 150  # the pause of child.js before it speaks


@pytest.fixture(scope="module")
def speaking_server() -> Iterator[str]:
    """Run a server with the real prompts, whose length matters here. It outlives the pages."""
    with running_server() as url:
        yield url


@pytest.mark.parametrize("language", ["en", "hi", "mr"])
def test_answers_over_the_end_of_the_question_are_right(
    open_page: OpenPage, speaking_server: str, language: str
) -> None:
    drill = open_page(language, speaking_server)
    drill.give_child(lambda left, right: None)
    drill.open([7])
    drill.start()
    for turn in range(4):
        drill.wait_until(partial(has_come, drill, "say", turn))
        say = drill.payloads("say")[turn]
        drill.page.wait_for_timeout(say["gap_ms"] + say["duration_ms"] - EARLY_MS - THOUGHT_MS)
        sound = number_samples(language, say["show"]["left"] * say["show"]["right"]).astype("<i2").tobytes()
        drill.page.evaluate("sound => child.say(sound)", base64.b64encode(sound).decode())
        drill.wait_until(partial(has_come, drill, "verdict", turn), limit_s=10)
    assert [verdict["verdict"] for verdict in drill.payloads("verdict")] == ["correct"] * 4
    assert not drill.payloads("error")


def has_come(drill: DrillPage, event: str, turn: int) -> bool:
    return len(drill.payloads(event)) > turn
