"""Pictures of every screen, for people to look at: `python -m tests.e2e.screenshots [folder] [looks and tours...]`.

Without a folder they go to build/screenshots. A look is a language and a theme or a size of letters, such as `mr-dark`; a
tour is `drill`, `kiosk`, `voices` or `desk`.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.server import ROOT, running_server

from .booth import Booth, tour_of_voices
from .chromium import launch
from .desk import make_school, tour_of_desk
from .drill_page import DrillPage
from .tablet import tour_of_kiosk
from .tour import SIZES, make_slow_prompts, tour

LOOKS = ("mr-light", "hi-dark", "en-contrast", "mr-largest")
TOURS = ("drill", "kiosk", "voices", "desk")
PATIENCE_S = 120


def take(folder: Path, browser: Browser, url: str, data: Path, look: str, tours: list[str]) -> None:
    """Each moment in all sizes."""
    language, chosen = look.split("-")
    context = browser.new_context(
        locale=f"{language}-IN", permissions=["microphone"], color_scheme="dark" if chosen == "dark" else "light",
        contrast="more" if chosen == "contrast" else "no-preference", reduced_motion="reduce",
    )
    settings = {"letters" if chosen.startswith("large") else "theme": chosen}
    for name in tours:
        drill = DrillPage(context.new_page(), url, language)
        moments = {
            "drill": lambda: tour(drill, **settings), "kiosk": lambda: tour_of_kiosk(drill),
            "voices": lambda: tour_of_voices(Booth(drill, data)), "desk": lambda: tour_of_desk(Booth(drill, data)),
        }[name]()
        for moment in moments:
            for width, height in SIZES:
                drill.page.set_viewport_size({"width": width, "height": height})
                drill.page.screenshot(path=folder / f"{look}-{moment}-{width}x{height}.png", animations="disabled")
    context.close()


def main(folder: Path, chosen: list[str]) -> None:
    expect.set_options(timeout=60_000)
    folder.mkdir(parents=True, exist_ok=True)
    tours = [each for each in chosen if each in TOURS] or list(TOURS)
    looks = [each for each in chosen if each not in TOURS] or list(LOOKS)
    with tempfile.TemporaryDirectory() as prompts, tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        options = ("--prompts", str(make_slow_prompts(Path(prompts))), "--data", str(make_school(Path(data))))
        with running_server(*options, "--thinking-s", str(PATIENCE_S)) as url:
            browser = launch(playwright)
            for look in looks:
                take(folder, browser, url, Path(data), look, tours)
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots", sys.argv[2:])
