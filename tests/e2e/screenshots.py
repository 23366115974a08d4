"""Take pictures of every screen, for people to look at: `python -m tests.e2e.screenshots [folder] [looks and
tours...]`.

Without a folder they go to build/screenshots. A look is a language and a theme or a size of letters, such as `mr-dark`;
a tour is `drill`, `kiosk`, `voices` or `teacher`.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.server import ROOT, running_server

from .booth import Booth, tour_of_voices
from .chromium import launch
from .drill_page import DrillPage
from .tablet import tour_of_kiosk
from .teacher import make_school, tour_of_teacher
from .tour import SIZES, make_slow_prompts, tour

LOOKS = ("mr-light", "hi-dark", "en-contrast", "mr-largest")
TOURS = ("drill", "kiosk", "voices", "teacher")
PATIENCE_S = 120


def take_all(
    folder: Path,
    browser: Browser,
    prompts: Path,
    looks: Sequence[str] = LOOKS,
    tours: Sequence[str] = TOURS,
    sizes: Sequence[tuple[int, int]] = SIZES,
) -> None:
    """Take every moment of these tours in these looks and sizes. A tour finds no traces of an earlier one."""
    for look in looks:
        for name in tours:
            with school(prompts) as (url, data):
                take(folder, browser, url, data, look, name, sizes)


@contextmanager
def school(prompts: Path) -> Iterator[tuple[str, Path]]:
    """Run a fresh server; yields its address and its data folder."""
    with tempfile.TemporaryDirectory() as folder:
        data = make_school(Path(folder))
        with running_server("--prompts", str(prompts), "--data", str(data), "--thinking-s", str(PATIENCE_S)) as url:
            yield url, data


def take(
    folder: Path, browser: Browser, url: str, data: Path, look: str, name: str, sizes: Sequence[tuple[int, int]]
) -> None:
    """Take one tour, as a new visitor."""
    language, chosen = look.split("-")
    context = browser.new_context(
        locale=f"{language}-IN",
        permissions=["microphone"],
        color_scheme="dark" if chosen == "dark" else "light",
        contrast="more" if chosen == "contrast" else "no-preference",
        reduced_motion="reduce",
    )
    settings = {"letters" if chosen.startswith("large") else "theme": chosen}
    drill = DrillPage(context.new_page(), url, language)
    moments = {
        "drill": lambda: tour(drill, **settings),
        "kiosk": lambda: tour_of_kiosk(drill),
        "voices": lambda: tour_of_voices(Booth(drill, data)),
        "teacher": lambda: tour_of_teacher(Booth(drill, data)),
    }[name]()
    for moment in moments:
        for width, height in sizes:
            drill.page.set_viewport_size({"width": width, "height": height})
            drill.page.screenshot(path=folder / f"{look}-{moment}-{width}x{height}.png", animations="disabled")
    context.close()


def main(folder: Path, chosen: list[str]) -> None:
    expect.set_options(timeout=60_000)
    folder.mkdir(parents=True, exist_ok=True)
    tours = [each for each in chosen if each in TOURS] or TOURS
    looks = [each for each in chosen if each not in TOURS] or LOOKS
    with tempfile.TemporaryDirectory() as prompts, sync_playwright() as playwright:
        browser = launch(playwright)
        take_all(folder, browser, make_slow_prompts(Path(prompts)), looks, tours)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots", sys.argv[2:])
