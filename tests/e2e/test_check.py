"""An adult checks a tablet, in a browser whose microphone hears its loudspeaker."""

import base64
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.recordings import number_samples
from tests.support.server import running_server

from .conftest import OpenPage
from .drill_page import DrillPage
from .tablet import PIN, enter, make_class
from .test_access import complaints
from .tour import SIZES

pytestmark = pytest.mark.browser
CHECK_MS = 45_000
REFUSE = (
    "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }; }"
)


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the real prompts and a class."""
    data = make_class(tmp_path_factory.mktemp("data"))
    with running_server("--data", str(data)) as url:
        yield url


def tablet(open_page: OpenPage, url: str, language: str, path: str = "/", **how: bool) -> DrillPage:
    drill = open_page(language, url, **how)
    drill.give_child(lambda left, right: None)
    drill.page.goto(url + path)
    return drill


def open_check(drill: DrillPage) -> None:
    drill.page.locator("#open-settings").click()
    drill.page.locator("#open-check").click()
    expect(drill.page.locator("#check-words")).to_have_text(drill.language.ui["check_ready"])


def step(drill: DrillPage, name: str) -> None:
    expect(drill.page.locator("#check")).to_have_attribute("data-step", name, timeout=CHECK_MS)


def say(drill: DrillPage, number: int) -> None:
    step(drill, "number")
    pcm = number_samples(drill.language.code, number).astype("<i2").tobytes()
    drill.page.evaluate("pcm => child.say(pcm)", base64.b64encode(pcm).decode())


def figure(drill: DrillPage, name: str) -> str:
    """Return the result's text with this name."""
    row = drill.page.locator("#check-figures div").filter(
        has=drill.page.get_by_text(drill.language.ui[name], exact=True)
    )
    return row.locator("dd").inner_text()


def value(drill: DrillPage, name: str) -> int:
    """Return the first number in it; int() reads Devanagari digits too."""
    found = re.search(r"-?\d+", figure(drill, name).replace("−", "-"))
    assert found, figure(drill, name)
    return int(found[0])


def microphones(drill: DrillPage) -> list[str]:
    return list(drill.page.evaluate("child.microphones.map((track) => track.readyState)"))


def test_a_late_loudspeaker_is_found_and_told(open_page: OpenPage, speaking: str) -> None:
    drill = tablet(open_page, speaking, "mr")
    open_check(drill)
    drill.page.evaluate("child.hearLoudspeaker(240, 0.3)")
    drill.page.locator("#check-begin").click()
    step(drill, "quiet")
    step(drill, "prompt")
    expect(drill.page.locator("#check-caption")).to_have_text(drill.language.prompts["sleep"][0])
    say(drill, 56)
    step(drill, "result")
    assert figure(drill, "check_heard") == drill.number(56)
    delay_ms = value(drill, "check_echo")
    assert 220 <= delay_ms <= 300, "sound cards and busy machines add a little"
    assert value(drill, "check_noise") < -50 and value(drill, "check_voice") > 20 and value(drill, "check_line") < 1000
    advice = drill.language.ui["check_late"].format(ms=drill.number(delay_ms))
    expect(drill.page.locator("#check-words")).to_have_text(advice)
    assert microphones(drill) == ["ended"]
    drill.page.locator("#check-close").click()
    expect(drill.page.locator("#settings")).to_be_visible()


def test_a_good_tablet_is_told_so(open_page: OpenPage, speaking: str) -> None:
    drill = tablet(open_page, speaking, "hi")
    open_check(drill)
    drill.page.locator("#check-begin").click()
    say(drill, 42)
    step(drill, "result")
    expect(drill.page.locator("#check-words")).to_have_text(drill.language.ui["check_well"])
    assert figure(drill, "check_heard") == drill.number(42)
    assert figure(drill, "check_echo") == drill.language.ui["check_no_echo"]


def test_without_a_microphone_the_reason_is_told(open_page: OpenPage, speaking: str) -> None:
    drill = tablet(open_page, speaking, "en")
    open_check(drill)
    drill.page.evaluate(REFUSE)
    drill.page.locator("#check-begin").click()
    step(drill, "trouble")
    expect(drill.page.locator("#check-words")).to_have_text(drill.language.ui["check_permission_denied"])
    expect(drill.page.locator("#check-begin")).to_be_visible()


def test_a_check_is_left_at_any_time_and_lets_go_of_the_microphone(open_page: OpenPage, speaking: str) -> None:
    drill = tablet(open_page, speaking, "en")
    open_check(drill)
    for moment in ("quiet", "prompt", "number"):
        drill.page.locator("#check-begin").click()
        step(drill, moment)
        drill.page.keyboard.press("Escape")
        expect(drill.page.locator("#check")).to_be_hidden()
        drill.wait_until(lambda: microphones(drill)[-1] == "ended", 10)
        drill.page.locator("#open-check").click()
        step(drill, "ready")
    assert len(microphones(drill)) == 3


def test_an_adult_checks_the_tablet_of_a_class(open_page: OpenPage, speaking: str) -> None:
    drill = tablet(open_page, speaking, "mr", "/kiosk")
    drill.wait_for(place="tiles")
    drill.page.locator("#adult").focus()
    drill.page.keyboard.down("Enter")
    expect(drill.page.locator("#adult-keys button").first).to_be_visible()
    drill.page.keyboard.up("Enter")
    enter(drill, PIN)
    drill.page.locator("#kiosk-check").click()
    drill.page.locator("#check-begin").click()
    say(drill, 56)
    step(drill, "result")
    assert figure(drill, "check_heard") == drill.number(56)
    drill.page.locator("#check-close").click()
    expect(drill.page.locator("#adult-setup")).to_be_visible()


def test_the_dialog_is_whole_in_every_size_and_axe_finds_nothing(open_page: OpenPage, speaking: str) -> None:
    drill = tablet(open_page, speaking, "hi")
    open_check(drill)
    for moment in ("ready", "number", "result"):
        if moment == "number":
            drill.page.locator("#check-begin").click()
        step(drill, moment)
        for width, height in SIZES:
            drill.page.set_viewport_size({"width": width, "height": height})
            assert drill.page.locator("#check").evaluate("each => each.scrollWidth - each.clientWidth") <= 0, (
                moment,
                width,
            )
            if moment != "number":
                assert drill.page.locator("#check-begin").evaluate(
                    "each => { each.scrollIntoView(); return each.getBoundingClientRect().bottom <= innerHeight; }"
                ), (moment, width)
        assert complaints(drill.page) == [], moment
