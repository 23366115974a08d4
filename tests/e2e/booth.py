"""The recording booth, as the tests use it."""

import base64
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect

from server.languages import Language
from tests.support.recordings import number_samples
from tests.support.server import teacher_code

from .drill_page import DrillPage

PASSPHRASE = "हत्तीच्या पाठीवर"


class Booth:
    """One tab, in the speaker's language. `data`: the server's data folder."""

    def __init__(self, drill: DrillPage, data: Path) -> None:
        self._data = data
        self.page: Page = drill.page
        self.url = drill.url
        self.language: Language = drill.language
        drill.give_child(lambda left, right: None)  # it speaks only when a test says so

    def say(self, key: str, **values: object) -> str:
        return self.language.teacher[key].format(**values)

    def enter(self) -> None:
        """Go to the teacher's pages, for the first time or not."""
        self.page.goto(f"{self.url}/voices")
        if self.page.locator("[name=code]").count():
            self.page.locator("[name=code]").fill(teacher_code(self._data))
        for field in self.page.locator("input[type=password]").all():
            field.fill(PASSPHRASE)
        self.page.locator("form button.primary").click()
        expect(self.page.locator("nav.places")).to_be_visible()
        self.page.goto(f"{self.url}/voices")

    def follow(self, link: str) -> None:
        """Click a link and wait until its page is complete: a click alone returns before the style sheet has loaded."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link, exact=True).click()

    def begin(self, name: str) -> None:
        """Create a voice in this language."""
        form = self.page.locator("form[action$='/voices/new']")
        form.locator("[name=name]").fill(name)
        form.locator("[name=language]").select_option(self.language.code)
        form.get_by_role("button").click()
        expect(self.page.locator("#record")).to_be_focused()

    def choose(self, clip_id: str) -> None:
        """Choose a prompt from the list."""
        text = self.language.clip_texts()[clip_id]
        group = self.page.locator("#prompts details", has=self.page.get_by_text(text, exact=True)).first
        group.evaluate("group => { group.open = true; }")
        group.locator("button", has=self.page.get_by_text(text, exact=True)).click()
        expect(self.page.locator("#prompt")).to_have_text(text)

    def record(self, number: int, loudness: float = 1.0) -> None:
        """Press the record key, say `number`, and wait until the end is detected."""
        expect(self.page.locator("#record")).to_be_focused()
        self.page.keyboard.press("Space")
        expect(self.page.locator("#booth")).to_have_attribute("data-phase", "recording")
        samples = (loudness * number_samples(self.language.code, number)).astype("<i2")
        self.page.evaluate("sound => child.say(sound)", base64.b64encode(samples.tobytes()).decode())
        expect(self.page.locator("#booth")).to_have_attribute("data-phase", "ready")

    def said(self) -> str:
        return self.page.locator("#said").inner_text()


def tour_of_voices(booth: Booth) -> Iterator[str]:
    """Yield the name of each moment while it is on the screen."""
    page = booth.page
    booth.enter()
    yield "21-voices"
    booth.begin("आई")
    yield "22-booth"
    page.keyboard.press("Space")
    expect(page.locator("#booth")).to_have_attribute("data-phase", "recording")
    yield "23-recording"
    page.keyboard.press("Space")
    expect(page.locator("#said")).to_have_text(booth.say("error_nothing_heard"))
    yield "24-nothing"
    booth.record(20)
    yield "25-recorded"
    booth.choose("number-18")
    booth.record(56)
    yield "26-hint"
    booth.follow(booth.say("delete"))
    yield "27-delete"
    page.goto(f"{booth.url}/voices")
    yield "28-list"
    page.goto(booth.url)
    page.locator("#open-settings").click()
    yield "29-settings"
