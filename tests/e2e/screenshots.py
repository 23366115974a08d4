"""Pictures of every screen, for people to look at: `python -m tests.e2e.screenshots [folder] [looks...]`.

Without a folder they go to build/screenshots. A look is a language and a theme, such as `mr-dark`.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from server.languages import available, load_language
from tests.support.prompts import make_silent_prompts
from tests.support.server import ROOT, running_server

from .chromium import launch
from .drill_page import DrillPage

SIZES = ((360, 640), (768, 1024), (1280, 800), (740, 360))
LOOKS = ("mr-light", "hi-dark", "en-contrast", "mr-largest")
# Long enough to take the pictures of one moment.
CLIP_MS = 4000


class Photographer:
    """Takes each moment in all sizes."""

    def __init__(self, folder: Path, browser: Browser, url: str, look: str) -> None:
        language, theme = look.split("-")
        self._folder, self._look = folder, look
        context = browser.new_context(locale=f"{language}-IN", permissions=[])
        self.drill = DrillPage(context.new_page(), url, language)
        self._settings = {"letters" if theme == "largest" else "theme": theme}

    def take(self, moment: str) -> None:
        page = self.drill.page
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=self._folder / f"{self._look}-{moment}-{width}x{height}.png", animations="disabled")

    def visit(self) -> None:
        """Through a whole drill, with one wrong answer."""
        drill, page = self.drill, self.drill.page
        drill.give_child(lambda left, right: None)
        drill.open([2, 7, 8, 9])
        drill.set(**self._settings)
        self.take("1-start")
        page.locator("#open-settings").click()
        self.take("2-settings")
        page.keyboard.press("Escape")
        drill.start()
        drill.wait_for(phase="listen")
        self.take("3-listening")
        self._answer(right=True)
        self.take("4-correct")
        drill.wait_for(phase="listen")
        self._answer(right=False)
        self.take("5-wrong")
        drill.wait_for(phase="listen")
        page.evaluate("child.unplug()")
        drill.notice()
        self.take("6-trouble")
        page.locator("#notice-read").click()
        self.take("7-touch")
        while page.locator("#drill").is_visible():
            judged = len(drill.payloads("verdict"))
            show = drill.payloads("say")[-1]["show"]
            drill.press(show["left"] * show["right"])
            while len(drill.payloads("verdict")) == judged:
                page.wait_for_timeout(50)
        drill.wait_for(screen="finished")
        self.take("8-finished")
        page.context.close()

    def _answer(self, right: bool) -> None:
        left, multiplier = self.drill.question
        self.drill.press(left * multiplier + (0 if right else 2))
        self.drill.wait_for(verdict="correct" if right else "wrong")


def main(folder: Path, looks: list[str]) -> None:
    expect.set_options(timeout=30_000)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as prompts, sync_playwright() as playwright:
        for code in available():
            make_silent_prompts(Path(prompts), load_language(code), CLIP_MS)
        with running_server("--prompts", prompts) as url:
            browser = launch(playwright)
            for look in looks or LOOKS:
                Photographer(folder, browser, url, look).visit()
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots", sys.argv[2:])
