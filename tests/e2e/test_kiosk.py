"""The tablet of a class: one child after the other, no child at all, and an adult."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.recordings import RATE, clip_samples, number_samples, word_samples
from tests.support.server import free_port, running_server

from .conftest import OpenPage
from .drill_page import DrillPage
from .tablet import (
    PIN,
    answer,
    call,
    enter,
    hold_the_bird,
    make_class,
    nobody_comes,
    open_kiosk,
    say_in_vain,
    tap,
    tour_of_kiosk,
    walks_away,
)
from .test_access import DEVICES, complaints
from .tour import SIZES, make_slow_prompts

pytestmark = pytest.mark.browser

Kiosk = Callable[..., DrillPage]


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the data of one test's own server: no two servers share a folder."""
    return make_class(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory, silent_prompts: Path) -> Iterator[str]:
    data = make_class(tmp_path_factory.mktemp("patient"))
    with running_server("--prompts", str(silent_prompts), "--data", str(data)) as url:
        yield url


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory, silent_prompts: Path) -> Iterator[str]:
    """Run a server that does not wait long for an answer."""
    data = make_class(tmp_path_factory.mktemp("impatient"))
    with running_server("--prompts", str(silent_prompts), "--data", str(data), "--thinking-s", "1") as url:
        yield url


@pytest.fixture
def kiosk(open_page: OpenPage, patient: str) -> Kiosk:
    def make(url: str = patient, language: str = "mr", **how: object) -> DrillPage:
        drill = open_page(language, url, **how)
        open_kiosk(drill)
        return drill

    return make


def told(drill: DrillPage) -> str:
    """Return everything that the page holds of a drill, also where it is hidden."""
    return str(
        drill.page.evaluate("""
        [...document.querySelectorAll(
          "#equation, #verdict-word, #verdict-detail, .caption, #facts, #stronger-facts, #dots")]
          .map((node) => node.textContent + [...node.querySelectorAll("li, i")].map((each) => each.outerHTML)).join("")
    """)
    )


def test_the_second_child_sees_nothing_of_the_first(kiosk: Kiosk) -> None:
    drill = kiosk()
    page = drill.page
    tap(drill, "आशा")
    assert page.locator("html").get_attribute("lang") == "mr"
    answer(drill)
    answer(drill, wrong_by=1)
    expect(page.locator("#score")).to_have_text(drill.score(1, 2))
    page.locator("#stop").click()
    drill.wait_for(place="finished")
    expect(page.locator("#facts li")).to_have_count(1)
    page.get_by_role("button", name=drill.language.ui["kiosk_home"]).click()
    drill.wait_for(place="tiles")
    assert told(drill) == "×="
    expect(page.locator("#finished-score")).to_have_text(drill.score(0, 0))

    sent: list[str | bytes] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    tap(drill, "Ravi")
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator("#score")).to_have_text("0 of 0 right")
    assert page.locator("#verdict-word").inner_text() == ""
    start = next(frame for frame in sent if isinstance(frame, str) and '"start"' in frame)
    assert '"token":null' in start and '"mode":"kiosk"' in start and '"minutes":5' in start
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "आशा" not in kept and "token" not in kept


def test_results_leave_by_themselves(kiosk: Kiosk) -> None:
    drill = kiosk()
    tap(drill, "आशा")
    drill.page.locator("#stop").click()
    drill.wait_for(place="finished")
    nobody_comes(drill)
    drill.wait_for(place="tiles")
    expect(drill.page.locator("#finished")).to_be_hidden()


def test_a_child_who_returns_resumes_at_the_same_question(kiosk: Kiosk, impatient: str) -> None:
    drill = kiosk(impatient)
    tap(drill, "आशा")
    answer(drill)
    question = drill.question
    walks_away(drill)

    tap(drill, "Ravi")
    expect(drill.page.locator("#score")).to_have_text("0 of 0 right")
    drill.page.locator("#stop").click()
    drill.wait_for(place="finished")
    nobody_comes(drill)
    drill.wait_for(place="tiles")

    tap(drill, "आशा")
    assert drill.question == question
    expect(drill.page.locator("#score")).to_have_text(drill.score(1, 1))


def test_a_guest_who_walked_away_is_not_the_next_guest(kiosk: Kiosk, impatient: str) -> None:
    drill = kiosk(impatient)
    guest = drill.language.ui["guest"]
    tap(drill, guest)
    answer(drill)
    walks_away(drill)
    tap(drill, guest)
    expect(drill.page.locator("#score")).to_have_text(drill.score(0, 0))


def test_an_idle_tablet_invites_and_a_picture_begins_at_once(kiosk: Kiosk) -> None:
    drill = kiosk()
    nobody_comes(drill)
    drill.wait_for(place="inviting", phase="sleep")
    invitation = drill.payloads("say")[-1]
    assert (invitation["expects"], invitation["text"]) == ("command", drill.language.prompts["invitation"][0])
    expect(drill.page.locator("#kiosk .caption")).to_have_text(invitation["text"])
    expect(drill.page.locator(".kiosk-call")).to_be_visible()
    tap(drill, "Ravi")
    drill.page.locator("#stop").click()
    drill.wait_for(place="finished")
    nobody_comes(drill)
    drill.wait_for(place="tiles")
    nobody_comes(drill)
    drill.wait_for(place="inviting", phase="sleep")
    drill.page.clock.fast_forward(31 * 60_000)
    drill.wait_for(place="resting")
    drill.page.locator("#kiosk h1").click()
    drill.wait_for(place="tiles")


@pytest.mark.parametrize(
    ("language", "word", "other"), [("mr", "सुरू कर", "केळं"), ("hi", "शुरू", "केला"), ("en", "start", "banana")]
)
def test_only_the_word_start_begins_a_drill(kiosk: Kiosk, language: str, word: str, other: str) -> None:
    """By the microphone: no number, other word, talk, noise or invitation of another tablet starts a drill."""
    drill = kiosk(language=language)
    nobody_comes(drill)
    drill.wait_for(place="inviting", phase="sleep")
    noise = np.random.default_rng(2).normal(0, 2500, 2 * RATE).astype(np.int16)
    for sound in (
        number_samples(language, 56),
        word_samples(language, other),
        clip_samples(language, "reprompt-1"),
        clip_samples(language, "invitation-1"),
        noise,
    ):
        say_in_vain(drill, sound)
    call(drill, word_samples(language, word))
    drill.wait_for(place="drill", phase="tail|listen")
    expect(drill.page.locator("#drill .caption")).to_contain_text(drill.language.prompts["greeting"][0])
    drill.page.locator("#drill .caption").click()  # a tap beside the buttons does nothing
    answer(drill)
    expect(drill.page.locator("#score")).to_have_text(drill.score(1, 1))


def test_only_the_pin_lets_an_adult_out(kiosk: Kiosk) -> None:
    drill = kiosk(may_complain=True)  # of the wrong PIN
    page, texts = drill.page, drill.language
    companion = page.get_by_role("button", name=texts.ui["adult"])
    companion.click()
    expect(page.locator("#adult-dialog")).to_be_hidden()

    hold_the_bird(drill)
    expect(page.locator("#adult-asks")).to_have_text(texts.ui["kiosk_pin"])

    enter(drill, "1357")
    expect(page.locator("#adult-trouble")).to_have_text(texts.errors["pin_wrong"])
    expect(page.locator("#adult-setup")).to_be_hidden()
    enter(drill, PIN)
    expect(page.locator("#adult-setup")).to_be_visible()
    page.locator("#kiosk-languages input[value=hi]").check()
    page.locator("#kiosk-tables input[value='7']").uncheck()
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    page.locator("#kiosk-drills").select_option("chant")
    page.locator("#kiosk-tables input[value='8']").check()
    page.locator("#adult-setup button:not([type])").click()
    drill.wait_for(place="tiles")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    setup = page.evaluate("JSON.parse(localStorage['paadas.kiosk'])")
    assert setup["language"] == "hi" and setup["tables"] == [8]

    tap(drill, "Ravi")
    expect(page.locator("#ladder li").first).to_contain_text("8 × 1")


def test_every_screen_of_the_tablet_is_whole_and_axe_finds_nothing_in_any_theme(
    open_page: OpenPage, tmp_path: Path, data: Path
) -> None:
    prompts = make_slow_prompts(tmp_path)
    with running_server("--prompts", str(prompts), "--data", str(data), "--thinking-s", "120") as url:
        drill = open_page("mr", url, may_complain=True)  # of the cut line and the wrong PIN
        page, found = drill.page, {}
        page.emulate_media(reduced_motion="reduce")
        for moment in tour_of_kiosk(drill):
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
                    f"{moment} is too wide for {width}"
                )
            for name, device in DEVICES.items():
                page.emulate_media(**device)
                found[moment, name] = complaints(page)
    assert {place: what for place, what in found.items() if what} == {}


def test_an_open_door_closes_by_itself(kiosk: Kiosk) -> None:
    drill = kiosk()
    companion = drill.page.locator("#adult")
    companion.hover()
    drill.page.mouse.down()
    drill.page.clock.fast_forward(2100)
    drill.page.mouse.up()
    expect(drill.page.locator("#adult-door")).to_be_visible()
    nobody_comes(drill)
    drill.wait_for(place="tiles")
    expect(drill.page.locator("#adult-dialog")).to_be_hidden()


def test_a_killed_server_costs_nothing_and_no_touch(kiosk: Kiosk, data: Path, silent_prompts: Path) -> None:
    options, port = ("--prompts", str(silent_prompts), "--data", str(data)), free_port()
    with ExitStack() as first:
        drill = kiosk(first.enter_context(running_server(*options, port=port)), may_complain=True)
        tap(drill, "आशा")
        answer(drill)
        question, score = drill.question, drill.text("score")
        first.close()
        drill.wait_for(place="cut")
        with running_server(*options, port=port):
            drill.wait_for(place="drill", phase="tail|listen")
            assert (drill.question, drill.text("score")) == (question, score)
            answer(drill)
            expect(drill.page.locator("#score")).to_have_text(drill.score(2, 2))
        drill.wait_for(place="cut")
        nobody_comes(drill)
        drill.wait_for(place="tiles")
        # The pictures stay, and one tap waits for the server.
        drill.page.locator("#kiosk-faces").get_by_role("button", name="Ravi", exact=True).click()
        with running_server(*options, port=port):
            drill.wait_for(place="drill", phase="tail|listen")
