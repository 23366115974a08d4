"""The page on which a voice is recorded, as the tests use it."""

import base64
from pathlib import Path

from playwright.sync_api import Page, expect

from server.languages import Language
from tests.support.recordings import number_samples
from tests.support.server import teacher_code

from .drill_page import DrillPage

PASSPHRASE = "हत्तीच्या पाठीवर"


class Booth:
    """One tab, in the language of the one who records."""

    def __init__(self, drill: DrillPage) -> None:
        self.page: Page = drill.page
        self.url = drill.url
        self.language: Language = drill.language
        drill.give_child(lambda left, right: None)   # it says what the tests say, and answers nothing

    def say(self, key: str, **values: object) -> str:
        return self.language.teacher[key].format(**values)

    def enter(self, data: Path) -> None:
        """The first visit to the teacher's pages."""
        self.page.goto(f"{self.url}/voices")
        self.page.locator("[name=code]").fill(teacher_code(data))
        self.page.locator("[name=passphrase]").fill(PASSPHRASE)
        self.page.locator("[name=again]").fill(PASSPHRASE)
        self.page.get_by_role("button", name=self.say("set_passphrase")).click()
        self.page.goto(f"{self.url}/voices")

    def begin(self, name: str) -> None:
        """A new voice, in this language."""
        form = self.page.locator("form[action$='/voices/new']")
        form.locator("[name=name]").fill(name)
        form.locator("[name=language]").select_option(self.language.code)
        form.get_by_role("button").click()
        expect(self.page.locator("#record")).to_be_focused()

    def choose(self, clip_id: str) -> None:
        """Take a prompt from the list."""
        text = self.language.clip_texts()[clip_id]
        for group in self.page.locator("#prompts details").all():
            group.evaluate("group => { group.open = true; }")
        self.page.locator("#prompts button", has=self.page.get_by_text(text, exact=True)).first.click()
        expect(self.page.locator("#prompt")).to_have_text(text)

    def record(self, number: int, loudness: float = 1.0) -> None:
        """Press the one key, say `number`, and wait until the end is found."""
        expect(self.page.locator("#record")).to_be_focused()
        self.page.keyboard.press("Space")
        expect(self.page.locator("#booth")).to_have_attribute("data-phase", "recording")
        samples = (loudness * number_samples(self.language.code, number)).astype("<i2")
        self.page.evaluate("sound => child.say(sound)", base64.b64encode(samples.tobytes()).decode())
        expect(self.page.locator("#booth")).to_have_attribute("data-phase", "ready")

    def said(self) -> str:
        return self.page.locator("#said").inner_text()
