"""The tablet of a class: one child after the other, nobody at all, and an adult."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect
from server.store.database import open_database
from server.store.store import Store
from server.web.teacher.access import Access, first_code

from tests.support.server import free_port, running_server

from .conftest import OpenPage
from .drill_page import DrillPage

pytestmark = pytest.mark.browser

# Longer than the tablet waits for anybody.
A_WHILE_MS = 100_000
PASSPHRASE = "हत्तीच्या पाठीवर"
PIN = "2468"
# The page's lines to the server, latest last.
KEEP_SOCKETS = """
  window.sockets = [];
  window.WebSocket = class extends WebSocket { constructor(...given) { super(...given); sockets.push(this); } };
"""
# Reads the question and types its answer, or another one, in one go; unless an answer has come into the score.
PRESS = """([wrongBy, score]) => {
  if (document.getElementById("score").textContent !== score) return;
  const read = (id) => Number([...document.getElementById(id).textContent].map((digit) => {
    const deva = "०१२३४५६७८९".indexOf(digit);
    return deva < 0 ? digit : deva;
  }).join(""));
  const keys = [...String(read("left") * read("right") + wrongBy), "enter"];
  for (const key of keys) document.querySelector(`#keypad button[value="${key}"]`).click();
}"""
Kiosk = Callable[..., DrillPage]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of two, and a teacher who has set passphrase and PIN."""
    folder = tmp_path_factory.mktemp("data")
    engine = open_database(None, folder)
    store = Store(engine)
    for nickname, picture, language in (("आशा", "peacock", "mr"), ("Ravi", "kite", "en")):
        store.add_learner(nickname, picture, language, 1, "3 ब")
    access = Access(store)
    access.set_first(first_code(store) or "", PASSPHRASE, PASSPHRASE, "here")
    access.set_pin(PIN)
    engine.dispose()
    return folder


@pytest.fixture(scope="module")
def patient(data: Path, silent_prompts: Path) -> Iterator[str]:
    with running_server("--prompts", str(silent_prompts), "--data", str(data)) as url:
        yield url


@pytest.fixture(scope="module")
def impatient(data: Path, silent_prompts: Path) -> Iterator[str]:
    """A server that does not wait long for an answer."""
    with running_server("--prompts", str(silent_prompts), "--data", str(data), "--thinking-s", "1") as url:
        yield url


@pytest.fixture
def kiosk(open_page: OpenPage, patient: str) -> Kiosk:
    """A tablet whose clock can be put forward; nobody speaks at its microphone."""

    def make(url: str = patient, **how: object) -> DrillPage:
        drill = open_page("mr", url, **how)
        drill.page.clock.install()
        drill.page.add_init_script(KEEP_SOCKETS)
        drill.give_child(lambda left, right: None)
        drill.page.goto(f"{url}/kiosk")
        drill.wait_for(place="tiles")
        return drill

    return make


def tap(drill: DrillPage, name: str) -> None:
    drill.page.locator("#kiosk-faces").get_by_role("button", name=name, exact=True).click()
    drill.wait_for(place="drill", phase="tail|listen")


def answer(drill: DrillPage, wrong_by: int = 0) -> None:
    """By touch, at once: a tap that comes too late for its question does not count, and is made again."""
    score = drill.text("score")
    while drill.text("score") == score:
        drill.page.evaluate(PRESS, [wrong_by, score])
        drill.page.wait_for_timeout(300)
    drill.wait_for(phase="tail|listen")


def nobody_comes(drill: DrillPage) -> None:
    drill.page.clock.fast_forward(A_WHILE_MS)


def walks_away(drill: DrillPage) -> None:
    """In real time: a clock put forward would cut the line to the server."""
    drill.wait_for(place="asleep")
    expect(drill.page.locator("body")).to_have_attribute("data-place", "tiles", timeout=60_000)


def told(drill: DrillPage) -> str:
    """Everything that the page holds of a drill, also where nobody sees it."""
    return str(drill.page.evaluate("""
        [...document.querySelectorAll("#equation, #verdict-word, #verdict-detail, .caption, #facts, #stronger-facts, #dots")]
          .map((node) => node.textContent + [...node.querySelectorAll("li, i")].map((each) => each.outerHTML)).join("")
    """))


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


def test_whoever_walked_away_goes_on_at_the_same_question(kiosk: Kiosk, impatient: str) -> None:
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


def test_nobody_there_is_invited_and_a_picture_begins_at_once(kiosk: Kiosk) -> None:
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
    drill.wait_for(place="inviting")
    drill.page.clock.fast_forward(31 * 60_000)
    drill.wait_for(place="resting")
    drill.page.locator("#kiosk h1").click()
    drill.wait_for(place="tiles")


def test_an_answer_to_the_invitation_begins_a_drill(kiosk: Kiosk) -> None:
    """The word itself is the recogniser's business; here the server is told by the page's own wire."""
    drill = kiosk()
    nobody_comes(drill)
    drill.wait_for(place="inviting", phase="sleep")
    drill.page.evaluate("""sockets.at(-1).send('42["command",{"name":"repeat"}]')""")
    drill.wait_for(place="drill", phase="tail|listen")
    expect(drill.page.locator("#drill .caption")).to_contain_text(drill.language.prompts["greeting"][0])
    answer(drill)
    expect(drill.page.locator("#score")).to_have_text(drill.score(1, 1))


def test_an_adult_gets_out_with_the_pin_and_nobody_else(kiosk: Kiosk) -> None:
    drill = kiosk(may_complain=True)   # of the wrong PIN
    page, texts = drill.page, drill.language
    companion = page.get_by_role("button", name=texts.ui["adult"])
    companion.click()
    expect(page.locator("#adult-dialog")).to_be_hidden()

    companion.focus()
    page.keyboard.down("Enter")
    page.clock.fast_forward(2100)
    page.keyboard.up("Enter")
    expect(page.locator("#adult-asks")).to_have_text(texts.ui["kiosk_pin"])

    def type_pin(pin: str) -> None:
        for digit in pin:
            page.locator("#adult-keys").get_by_role("button", name=drill.number(int(digit)), exact=True).click()
        page.locator("#adult-door").get_by_role("button", name=texts.ui["enter"]).click()

    type_pin("1357")
    expect(page.locator("#adult-trouble")).to_have_text(texts.errors["pin_wrong"])
    expect(page.locator("#adult-setup")).to_be_hidden()
    type_pin(PIN)
    expect(page.locator("#adult-setup")).to_be_visible()
    page.locator("#kiosk-languages input[value=hi]").check()
    page.locator("#kiosk-tables input[value='7']").uncheck()
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    page.locator("#adult-setup button:not([type])").click()
    drill.wait_for(place="tiles")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    setup = page.evaluate("JSON.parse(localStorage['paadas.kiosk'])")
    assert setup["language"] == "hi" and 7 not in setup["tables"] and 8 in setup["tables"]


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
