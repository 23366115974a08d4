"""Pictures of every screen, for people to look at: `python -m tests.e2e.screenshots [folder] [looks...]`.

Without a folder they go to build/screenshots. A look is a language and a theme or a size of letters, such as `mr-dark`.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.server import ROOT, running_server

from .booth import Booth, tour_of_voices
from .chromium import launch
from .drill_page import DrillPage
from .tour import SIZES, make_slow_prompts, tour

LOOKS = ("mr-light", "hi-dark", "en-contrast", "mr-largest")


def take(folder: Path, browser: Browser, url: str, data: Path, look: str) -> None:
    """Each moment in all sizes."""
    language, chosen = look.split("-")
    context = browser.new_context(
        locale=f"{language}-IN", permissions=[], color_scheme="dark" if chosen == "dark" else "light"
    )
    drill, teacher = (DrillPage(context.new_page(), url, language) for _ in range(2))
    settings = {"letters" if chosen.startswith("large") else "theme": chosen}
    for page, moments in ((teacher.page, tour_of_voices(Booth(teacher, data))), (drill.page, tour(drill, **settings))):
        for moment in moments:
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=folder / f"{look}-{moment}-{width}x{height}.png", animations="disabled")
    context.close()


def main(folder: Path, looks: list[str]) -> None:
    expect.set_options(timeout=30_000)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as prompts, tempfile.TemporaryDirectory() as data, sync_playwright() as playwright,
    ):
        with running_server("--prompts", str(make_slow_prompts(Path(prompts))), "--data", data) as url:
            browser = launch(playwright)
            for look in looks or LOOKS:
                take(folder, browser, url, Path(data), look)
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots", sys.argv[2:])
