"""The drill in other browsers than Chromium: Firefox, and WebKit in its two Linux ports."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial

import pytest

from server.languages import Language, load_language
from tests.support.loudspeaker import silent_loudspeaker
from tests.support.programs import NotInstalled, do_without
from tests.support.recordings import number_samples

from .drill_page import CHILD
from .firefox import running_firefox
from .tab import ENTER, TAB, Tab
from .webkit import GTK, WPE, running_webkit

pytestmark = pytest.mark.browser
Running = Callable[[Mapping[str, str]], AbstractContextManager[Tab]]
ENGINES: dict[str, Running] = {
    "firefox": running_firefox,
    "webkit-gtk": partial(running_webkit, GTK),
    "webkit-wpe": partial(running_webkit, WPE),
}
with_a_microphone = pytest.mark.parametrize("engine", ["firefox", "webkit-gtk"], indirect=True)
without_a_microphone = pytest.mark.parametrize("engine", ["webkit-wpe"], indirect=True)
ENGLISH = load_language("en")
SILENCE: Mapping[int, str] = {}
LISTENS = "['tail', 'listen'].includes(document.body.dataset.phase)"
IS_FINISHED = "document.body.dataset.screen === 'finished'"
ALL_RIGHT = ENGLISH.ui["score"].format(correct=10, total=10)


@pytest.fixture(scope="module", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Tab]:
    """Run one browser for all tests, with a silent loudspeaker: without one, some browsers open no microphone."""
    try:
        with silent_loudspeaker() as sound, ENGINES[request.param](sound) as tab:
            yield tab
    except NotInstalled as missing:
        do_without(missing)


@pytest.fixture
def tab(engine: Tab, server: str) -> Tab:
    """Open the start page as a first-time visitor."""
    engine.goto(server)
    engine.read("[localStorage, sessionStorage].forEach((kept) => kept.clear())")
    engine.goto(f"{server}/?seed=3")
    engine.wait_for("document.body.dataset.screen === 'start'")
    return engine


def seat_child(tab: Tab, spoken: Mapping[int, str]) -> None:
    """Put a child at the microphone, if there is one, who says these answers as soon as the page listens."""
    tab.read(
        f"navigator.mediaDevices && (() => {{ const spoken = {json.dumps(spoken)};"
        f"window.answerTo = async (left, right) => spoken[left * right] ?? null; {CHILD.read_text('utf-8')} }})()"
    )


def choose(tab: Tab, table: int, language: Language = ENGLISH) -> None:
    tab.click(f"#languages label:has([value={language.code}])")
    for box in (f"[value='{table}']:not(:checked)", f":checked:not([value='{table}'])"):
        tab.read(f'(() => {{ for (let box; box = document.querySelector("#tables {box}");) box.click(); }})()')


def wait_for_question(tab: Tab, number: int, language: Language = ENGLISH) -> int:
    """Return the question's answer once it can be given."""
    progress = language.ui["progress"].format(number=number, count=10)
    tab.wait_for(f"{LISTENS} && document.getElementById('progress').textContent === {json.dumps(progress)}")
    return int(tab.text("left")) * int(tab.text("right"))


def press(tab: Tab, answer: int) -> None:
    for digit in str(answer):
        tab.click(f"#keypad [value='{digit}']")
    tab.click("#keypad [value=enter]")


def test_ten_answers_by_touch(tab: Tab) -> None:
    choose(tab, 7)
    seat_child(tab, SILENCE)
    tab.click("#choices .primary")
    for number in range(1, 11):
        press(tab, wait_for_question(tab, number))
    tab.wait_for(IS_FINISHED)
    assert tab.text("finished-score") == ALL_RIGHT


def test_ten_answers_by_keyboard(tab: Tab) -> None:
    choose(tab, 2)
    seat_child(tab, SILENCE)
    for _ in range(60):
        if tab.read("document.activeElement?.matches('#choices .primary')"):
            break
        tab.type(TAB)
    else:
        pytest.fail("Start cannot be reached by keyboard")
    if tab.keys_press_buttons:
        tab.type(ENTER)
    else:
        tab.click("#choices .primary")
    for number in range(1, 11):
        tab.type(f"{wait_for_question(tab, number)}{ENTER}")
    tab.wait_for(IS_FINISHED)
    assert tab.text("finished-score") == ALL_RIGHT


def test_another_language(tab: Tab) -> None:
    hindi = load_language("hi")
    choose(tab, 8, hindi)
    assert tab.read("[document.documentElement.lang, document.title]") == ["hi", hindi.ui["title"]]
    seat_child(tab, SILENCE)
    tab.click("#choices .primary")
    tab.wait_for(LISTENS)
    assert tab.text("left") == "८"
    left, right = int(tab.text("left")), int(tab.text("right"))
    assert tab.read("document.querySelector('#drill .caption').textContent").endswith(
        hindi.clip_texts()[f"question-{left}-{right}"]
    )


def test_the_tablet_of_a_class(tab: Tab, server: str) -> None:
    tab.goto(f"{server}/kiosk")
    tab.wait_for("document.body.dataset.place === 'tiles'")
    tab.click("#kiosk-faces button")
    tab.wait_for(f"document.body.dataset.place === 'drill' && {LISTENS}")


@with_a_microphone
def test_ten_answers_by_voice(tab: Tab) -> None:
    choose(tab, 6)
    seat_child(
        tab,
        {
            6 * right: base64.b64encode(number_samples("en", 6 * right).astype("<i2").tobytes()).decode()
            for right in range(1, 11)
        },
    )
    tab.click("#choices .primary")
    tab.wait_for(IS_FINISHED)
    assert tab.text("finished-score") == ALL_RIGHT


@with_a_microphone
def test_the_browser_s_own_microphone_is_heard(tab: Tab) -> None:
    """It gives a tone: no number, but the level shows it."""
    tab.click("#choices .primary")
    tab.wait_for("document.getElementById('level').getAttribute('aria-valuenow') > 0")


@without_a_microphone
def test_a_browser_without_microphones_says_so(tab: Tab) -> None:
    tab.click("#choices .primary")
    tab.wait_for(LISTENS)
    assert (
        tab.read("document.querySelector('#drill .notice p').textContent") == ENGLISH.errors["microphone_unsupported"]
    )
    assert tab.text("status") == ENGLISH.ui["touch"]


def test_a_machine_without_a_loudspeaker_is_told(server: str) -> None:
    """Firefox starts no sound there, so no microphone either."""
    try:
        with running_firefox({"PULSE_SERVER": "none"}) as tab:
            tab.goto(server)
            tab.click("#choices .primary")
            tab.wait_for(
                "document.querySelector('#drill .notice p').textContent === "
                f"{json.dumps(ENGLISH.errors['sound_paused'])}"
            )
            press(tab, wait_for_question(tab, 1))
            wait_for_question(tab, 2)
    except NotInstalled as missing:
        do_without(missing)
