"""Pictures of every screen, for people to look at: `python -m tests.e2e.screenshots [folder]` (build/screenshots)."""

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
# Long enough to take the pictures of one moment.
CLIP_MS = 4000


class Photographer:
    """Takes each moment in all sizes."""

    def __init__(self, folder: Path, browser: Browser, url: str, language: str, scheme: str) -> None:
        self._folder, self._name = folder, f"{language}-{scheme}"
        context = browser.new_context(locale=f"{language}-IN", color_scheme=scheme, permissions=[])
        self.drill = DrillPage(context.new_page(), url, language)
        self._too_many = DrillPage(context.new_page(), url, language)

    def take(self, moment: str, drill: DrillPage | None = None) -> None:
        page = (drill or self.drill).page
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=self._folder / f"{self._name}-{moment}-{width}x{height}.png", animations="disabled")

    def visit(self) -> None:
        """Through a whole drill, with one wrong answer."""
        drill = self.drill
        drill.give_child(lambda left, right: None)
        drill.open([2, 7, 8, 9])
        self.take("1-start")
        drill.start()
        drill.wait_for(phase="listen")
        self.take("2-listening")
        self._too_many.open([2])
        self._too_many.start()
        self._too_many.wait_for(notice="yes")
        self.take("8-busy", self._too_many)
        drill.wait_for(phase="listen")
        self._answer(right=True)
        self.take("3-correct")
        drill.wait_for(phase="listen")
        self.take("4-next")
        self._answer(right=False)
        self.take("5-wrong")
        drill.page.evaluate("child.unplug()")
        self.take("6-error")
        while drill.page.locator("#drill").is_visible():
            judged = len(drill.payloads("verdict"))
            show = drill.payloads("say")[-1]["show"]
            drill.press(show["left"] * show["right"])
            while len(drill.payloads("verdict")) == judged:
                drill.page.wait_for_timeout(50)
        drill.wait_for(screen="finished")
        self.take("7-finished")

    def _answer(self, right: bool) -> None:
        left, multiplier = self.drill.question
        self.drill.press(left * multiplier + (0 if right else 2))
        self.drill.wait_for(verdict="correct" if right else "wrong")


def main(folder: Path) -> None:
    expect.set_options(timeout=30_000)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as prompts, sync_playwright() as playwright:
        for code in available():
            make_silent_prompts(Path(prompts), load_language(code), CLIP_MS)
        with running_server("--prompts", prompts, "--max-sessions", "1") as url:
            browser = launch(playwright)
            for language, scheme in (("mr", "light"), ("hi", "light"), ("en", "light"), ("mr", "dark")):
                Photographer(folder, browser, url, language, scheme).visit()
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots")
