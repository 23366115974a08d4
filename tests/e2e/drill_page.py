"""The drill page in a browser, as the tests use it."""

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response, WebSocket, expect

from server.languages import Language, load_language
from tests.support.recordings import number_samples

CHILD = Path(__file__).with_name("child.js")
# Most tests run without the service worker; Playwright reports that.
WITHOUT_WORKER = "Service Worker registration blocked by Playwright"
# The answer to "left x right": a number, or None for silence.
Answer = Callable[[int, int], int | None]


class DrillPage:
    """One tab. `wire`: the server's events. `troubles`: the browser's errors. `sent_audio`: number and time of each
    chunk that the page has sent.
    """

    def __init__(self, page: Page, url: str, language: str) -> None:
        self.page = page
        self.url = url
        self.language: Language = load_language(language)
        self.wire: list[tuple[str, dict[str, Any]]] = []
        self.troubles: list[str] = []
        self.sent_audio: list[tuple[int, int]] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("response", self._answered)
        page.on("websocket", self._listen_in)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and message.text != WITHOUT_WORKER:
            self.troubles.append(message.text)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status} {response.url}")

    def _listen_in(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)
        socket.on("framesent", self._sent)

    def _sent(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and frame.startswith('451-["audio",'):
            _, seq, captured_ms, _ = json.loads(frame[4:])
            self.sent_audio.append((seq, captured_ms))

    def _received(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and frame.startswith("42["):
            name, payload = json.loads(frame[2:])
            self.wire.append((name, payload))

    def give_child(self, answer: Answer) -> None:
        """Put a child at the microphone who answers by voice. Call it before `open`."""

        def answer_to(left: str, right: str) -> str | None:
            number = answer(int(left), int(right))  # int() reads Devanagari digits too
            if number is None:
                return None
            return base64.b64encode(number_samples(self.language.code, number).astype("<i2").tobytes()).decode()

        self.page.expose_function("answerTo", answer_to)
        self.page.add_init_script(path=CHILD)

    def open(self, tables: list[int], seed: int | None = 1) -> None:
        """Load the page and make the choices."""
        self.page.goto(self.url + ("/" if seed is None else f"/?seed={seed}"))
        self.choose(self.language.code, tables)

    def choose(self, language: str, tables: list[int]) -> None:
        self.language = load_language(language)
        self.page.locator(f"#languages input[value={language}]").check()
        for table in (*tables, *(other for other in range(1, 11) if other not in tables)):
            self.page.locator(f"#tables input[value='{table}']").set_checked(table in tables)

    def set(self, **settings: str) -> None:
        """Choose in the settings, by the names of the choices: theme, letters, motion, voice."""
        self.page.locator("#open-settings").click()
        for name, value in settings.items():
            self.page.locator(f"#settings input[name={name}][value='{value}']").check()
        self.page.get_by_role("button", name=self.language.ui["done"], exact=True).click()

    def start(self) -> None:
        self.page.get_by_role("button", name=self.language.ui["start"], exact=True).click()

    def text(self, element_id: str) -> str:
        return self.page.locator(f"#{element_id}").inner_text()

    @property
    def question(self) -> tuple[int, int]:
        """Return the operands of the equation on the screen."""
        return int(self.text("left")), int(self.text("right"))

    def number(self, value: int) -> str:
        """Write a number in this language's digits."""
        digits = "०१२३४५६७८९" if self.language.digits == "deva" else "0123456789"
        return "".join(digits[int(digit)] for digit in str(value))

    def score(self, correct: int, total: int) -> str:
        """Return the line with the score."""
        return self.language.ui["score"].format(correct=self.number(correct), total=self.number(total))

    def wait_for(self, **data: str) -> None:
        """Wait until `<body>` has these data: screen, phase, status, verdict, notice."""
        for name, value in data.items():
            expect(self.page.locator("body")).to_have_attribute(f"data-{name}", re.compile(rf"^({value})$"))

    def wait_until(self, condition: Callable[[], object], limit_s: float = 120) -> None:
        """Wait until the condition holds for the messages so far."""
        deadline_s = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline_s, (
                f"waited in vain; the page shows {self.page.locator('body').inner_text()!r}"
            )
            self.page.wait_for_timeout(20)

    def notice(self) -> str:
        """Return the visible message; waits for one."""
        box = self.page.locator(".notice:visible p")
        expect(box).to_be_visible()
        return box.inner_text()

    def press(self, number: int) -> None:
        """Type an answer on the touch keypad."""
        for digit in str(number):
            self.page.locator(f"#keypad button[value='{digit}']").click()
        self.page.locator("#keypad button[value=enter]").click()

    def answer(self, off_by: int = 0, press: Callable[[int], None] | None = None) -> None:
        """Answer the latest question by `press`, usually by touch; wait for the verdict and the next prompt."""
        says, verdicts = len(self.payloads("say")), len(self.payloads("verdict"))
        show = self.payloads("say")[-1]["show"]
        (press or self.press)(show["left"] * show["right"] + off_by)
        self.wait_until(lambda: len(self.payloads("say")) > says and len(self.payloads("verdict")) > verdicts)

    def hear_again(self, press: Callable[[], None]) -> None:
        """Ask for the question again by `press` and wait until it is said: answers to the first one would be late."""
        says = len(self.payloads("say"))
        press()
        self.wait_until(lambda: len(self.payloads("say")) > says)

    def payloads(self, name: str) -> list[dict[str, Any]]:
        """Return the server's events with this name."""
        return [payload for event, payload in self.wire if event == name]
