"""The tablet of a class, as the tests use it."""

import base64
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from server.store.database import open_database
from server.store.store import Store
from server.web.teacher.access import Access, first_code
from tests.support.recordings import RATE

from .drill_page import DrillPage

# Longer than any timeout of the tablet.
A_WHILE_MS = 100_000
PASSPHRASE = "हत्तीच्या पाठीवर"
PIN = "246824"
# The page's connections to the server, the latest last.
KEEP_SOCKETS = """
  window.sockets = [];
  window.cut = false;   // or there is nobody at the other end
  window.WebSocket = class extends WebSocket {
    constructor(url, ...given) {
      super(window.cut ? String(url).replace("socket.io", "nowhere") : url, ...given);
      sockets.push(this);
    }
  };
"""
# Reads the question and types its answer, or another one, in one go, unless an answer has already counted.
PRESS = """([wrongBy, score]) => {
  if (document.getElementById("score").textContent !== score) return;
  const read = (id) => Number([...document.getElementById(id).textContent].map((digit) => {
    const deva = "०१२३४५६७८९".indexOf(digit);
    return deva < 0 ? digit : deva;
  }).join(""));
  const keys = [...String(read("left") * read("right") + wrongBy), "enter"];
  for (const key of keys) document.querySelector(`#keypad button[value="${key}"]`).click();
}"""


def make_class(folder: Path) -> Path:
    """Make a data folder with a class of two and a teacher with passphrase and PIN."""
    engine = open_database(None, folder)
    store = Store(engine)
    for nickname, picture, language in (("आशा", "peacock", "mr"), ("Ravi", "kite", "en")):
        store.add_learner(nickname, picture, language, 1, "3 ब")
    access = Access(store)
    access.set_first(first_code(store) or "", PASSPHRASE, PASSPHRASE, "here")
    access.set_pin(PIN)
    engine.dispose()
    return folder


def open_kiosk(drill: DrillPage) -> None:
    """Open a tablet whose clock can be put forward, with a silent microphone."""
    drill.page.clock.install()
    drill.page.add_init_script(KEEP_SOCKETS)
    drill.give_child(lambda left, right: None)
    drill.page.goto(f"{drill.url}/kiosk")
    drill.wait_for(place="tiles")


def tap(drill: DrillPage, name: str) -> None:
    drill.page.locator("#kiosk-faces").get_by_role("button", name=name, exact=True).click()
    drill.wait_for(place="drill", phase="tail|listen")


def answer(drill: DrillPage, wrong_by: int = 0) -> None:
    """Tap the answer at once. A tap that comes too late for its question does not count and is repeated."""
    score = drill.text("score")

    def pressed() -> bool:
        drill.page.evaluate(PRESS, [wrong_by, score])
        drill.page.wait_for_timeout(300)
        return drill.text("score") != score

    drill.wait_until(pressed)
    drill.wait_for(phase="tail|listen")


def nobody_comes(drill: DrillPage) -> None:
    drill.page.clock.fast_forward(A_WHILE_MS)


def sent_ms(drill: DrillPage) -> int:
    """Return the time of the latest sound that the tablet has sent; waits for the first."""
    drill.wait_until(lambda: drill.sent_audio)
    return drill.sent_audio[-1][1]


def say(drill: DrillPage, sound: np.ndarray) -> None:
    """Play a sound into the tablet's microphone."""
    drill.page.evaluate("sound => child.say(sound)", base64.b64encode(sound.astype("<i2").tobytes()).decode())


def say_in_vain(drill: DrillPage, sound: np.ndarray) -> None:
    """Play a sound and wait until the server has decided about it: no drill starts."""
    # The sound includes the silence that ends every utterance. The server handles messages in order, so the answer to
    # an event for an unknown prompt shows that it has handled the sound.
    over_ms = sent_ms(drill) + 1000 * len(sound) / RATE + 2500
    say(drill, sound)
    drill.wait_until(lambda: sent_ms(drill) >= over_ms or drill.payloads("say")[-1]["expects"] != "command")
    told_off = len(drill.payloads("error"))
    drill.page.evaluate("""sockets.at(-1).send('42["played",{"say":999}]')""")
    drill.wait_until(lambda: len(drill.payloads("error")) > told_off)
    drill.wait_for(place="inviting", phase="sleep")


def call(drill: DrillPage, sound: np.ndarray, tries: int = 5) -> None:
    """Say it until it is heard, as a child would: on a busy machine sound gets lost."""
    for _ in range(tries):
        over_ms = sent_ms(drill) + 1000 * len(sound) / RATE + 4000
        say(drill, sound)
        drill.wait_until(partial(answers_or_over, drill, over_ms))
        if drill.payloads("say")[-1]["expects"] == "answer":
            return


def answers_or_over(drill: DrillPage, over_ms: float) -> bool:
    return sent_ms(drill) >= over_ms or drill.payloads("say")[-1]["expects"] == "answer"


def walks_away(drill: DrillPage) -> None:
    """Wait in real time: a clock put forward would cut the connection."""
    drill.wait_for(place="asleep")
    expect(drill.page.locator("body")).to_have_attribute("data-place", "tiles", timeout=60_000)


def hold_the_bird(drill: DrillPage) -> None:
    """Open the adult's way out by keyboard."""
    drill.page.locator("#adult").focus()
    drill.page.keyboard.down("Enter")
    drill.page.clock.fast_forward(2100)
    drill.page.keyboard.up("Enter")
    expect(drill.page.locator("#adult-keys button").first).to_be_visible()


def enter(drill: DrillPage, pin: str) -> None:
    for digit in pin:
        drill.page.locator("#adult-keys").get_by_role("button", name=drill.number(int(digit)), exact=True).click()
    drill.page.locator("#adult-door").get_by_role("button", name=drill.language.ui["enter"]).click()


NAMES = (
    "आशा",
    "Kabir",
    "मीरा",
    "Zoya",
    "अथर्व",
    "लक्ष्मीनारायण",
    "Christopher James",
    "ईश्वरी",
    "Om",
    "समृद्धी",
    "रुद्र",
    "Aaradhya",
    "भाग्यश्री",
    "Yusuf",
    "ज्ञानेश्वर",
    "Tara",
)
PICTURES = (
    "peacock",
    "kite",
    "lotus",
    "owl",
    "fish",
    "elephant",
    "boat",
    "butterfly",
    "drum",
    "mango",
    "turtle",
    "star",
)


def tour_of_kiosk(drill: DrillPage) -> Iterator[str]:
    """Yield the name of each moment while it is on the screen. Needs a server of `make_class` with long timeouts."""
    page = drill.page
    crowd = [
        {"id": 1000 + at, "nickname": name, "picture": PICTURES[at % len(PICTURES)], "class": "3 ब"}
        for at, name in enumerate(NAMES)
    ]
    page.route("**/learners.json", lambda route: route.fulfill(json={"learners": crowd, "may_join": False}))
    page.add_init_script("setInterval(() => window.stays && document.dispatchEvent(new Event('pointerdown')), 3000)")

    def stays(here: bool) -> None:
        """Keep the tablet in use for as long as the viewer needs."""
        page.evaluate("here => { window.stays = here; }", here)

    open_kiosk(drill)
    stays(True)
    page.locator("#kiosk-faces .tile").nth(len(NAMES)).wait_for()
    yield "31-tiles"
    page.locator("#kiosk-faces .tile").nth(6).click()  # a learner that the server does not know
    drill.notice()
    yield "32-refused"
    stays(False)
    nobody_comes(drill)
    drill.wait_for(place="inviting", phase="sleep")
    yield "33-inviting"
    page.locator("#kiosk h1").click()
    stays(True)
    page.locator("#kiosk-faces .tile").first.click()
    drill.wait_for(place="drill", status="speaking")
    yield "34-question"
    drill.answer(off_by=2)
    drill.wait_for(verdict="wrong")
    yield "35-wrong"
    page.evaluate("window.cut = true; sockets.at(-1).close()")
    drill.wait_for(place="cut")
    yield "36-cut"
    page.evaluate("window.cut = false")
    drill.wait_for(place="drill", phase="listen")
    drill.answer()
    page.locator("#stop").click()
    drill.wait_for(place="finished")
    yield "37-finished"
    page.locator("#home").click()
    hold_the_bird(drill)
    yield "38-door"
    enter(drill, "1357")
    expect(page.locator("#adult-trouble")).to_be_visible()
    yield "39-wrong-pin"
    enter(drill, PIN)
    expect(page.locator("#adult-setup")).to_be_visible()
    yield "40-setup"
    page.route("**/livez", lambda route: route.fulfill(status=503))
    page.goto(f"{drill.url}/waiting.html")
    expect(page.locator("h1")).not_to_be_empty()
    yield "41-waiting"
