"""The drill in Firefox, by touch and by voice. Skipped where Firefox, or a loudspeaker for it, is missing."""

import base64
import json
from collections.abc import Iterator

import pytest

from server.languages import load_language
from tests.support.loudspeaker import has_loudspeaker, silent_loudspeaker
from tests.support.recordings import number_samples

from .drill_page import CHILD
from .firefox import Firefox, find_firefox, running_firefox

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_firefox() is None, reason="there is no Firefox (on Debian: apt install firefox-esr)"),
]
needs_loudspeaker = pytest.mark.skipif(
    not has_loudspeaker(), reason="Firefox hears nothing on a machine without sound (on Debian: apt install pulseaudio)"
)
LANGUAGE = load_language("en")
LISTENS = "document.body.dataset.phase === 'listen'"
IS_FINISHED = "document.body.dataset.screen === 'finished'"
ALL_RIGHT = LANGUAGE.ui["score"].format(correct=10, total=10)


@pytest.fixture
def firefox() -> Iterator[Firefox]:
    with running_firefox(find_firefox() or "") as firefox:
        yield firefox


@pytest.fixture
def sounding_firefox() -> Iterator[Firefox]:
    with silent_loudspeaker() as where, running_firefox(find_firefox() or "", where) as firefox:
        yield firefox


def start(firefox: Firefox, url: str, table: int) -> None:
    firefox.goto(f"{url}/?seed=3")
    firefox.wait_for("document.body.dataset.screen === 'start'")
    assert firefox.read("document.documentElement.lang") == LANGUAGE.code
    for box in (f"[value='{table}']:not(:checked)", f":checked:not([value='{table}'])"):
        firefox.read(f"(() => {{ for (let box; box = document.querySelector(\"#tables {box}\");) box.click(); }})()")
    firefox.click("#choices .primary")


def text(firefox: Firefox, element_id: str) -> str:
    return firefox.read(f"document.getElementById('{element_id}').textContent")


def test_ten_answers_by_touch(firefox: Firefox, server: str) -> None:
    start(firefox, server, 7)
    for number in range(1, 11):
        progress = LANGUAGE.ui["progress"].format(number=number, count=10)
        firefox.wait_for(f"{LISTENS} && document.getElementById('progress').textContent === {json.dumps(progress)}")
        for digit in str(int(text(firefox, "left")) * int(text(firefox, "right"))):
            firefox.click(f"#keypad [value='{digit}']")
        firefox.click("#keypad [value=enter]")
    firefox.wait_for(IS_FINISHED)
    assert text(firefox, "finished-score") == ALL_RIGHT


@needs_loudspeaker
def test_ten_answers_by_voice(sounding_firefox: Firefox, server: str) -> None:
    table, firefox = 6, sounding_firefox
    spoken = {
        table * right: base64.b64encode(number_samples(LANGUAGE.code, table * right).astype("<i2").tobytes()).decode()
        for right in range(1, 11)
    }
    firefox.at_each_page(
        f"const spoken = {json.dumps(spoken)}; window.answerTo = async (left, right) => spoken[left * right];"
        + CHILD.read_text("utf-8")
    )
    start(firefox, server, table)
    firefox.wait_for(IS_FINISHED, limit_s=120)
    assert text(firefox, "finished-score") == ALL_RIGHT


@needs_loudspeaker
def test_the_browser_s_own_microphone_is_heard(sounding_firefox: Firefox, server: str) -> None:
    """It brings a tone: no number, but the level shows it."""
    start(sounding_firefox, server, 6)
    sounding_firefox.wait_for(f"{LISTENS} && document.getElementById('level').getAttribute('aria-valuenow') > 0")
