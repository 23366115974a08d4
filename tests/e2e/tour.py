"""A tour of every screen, for people (screenshots.py) and axe (test_access.py)."""

import json
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Route

from server.languages import available, load_language
from tests.support.prompts import make_silent_prompts

from .drill_page import DrillPage

# A phone, a tablet, a desk, and the phone in landscape.
SIZES = ((360, 640), (768, 1024), (1280, 800), (640, 360))
# Long enough to look at one moment.
CLIP_MS = 4000
LEARNERS = {
    "learners": [
        {"id": number, "nickname": nickname, "picture": picture, "class": name}
        for number, (nickname, picture, name) in enumerate(
            [("आशा", "peacock", "3A"), ("Kabir", "kite", "3A"), ("मीरा", "lotus", "3B"), ("Zoya", "owl", "3B")], 1
        )
    ],
    "may_join": True,
}


def make_slow_prompts(folder: Path) -> Path:
    """Write silent prompts for the tour's server."""
    for code in available():
        make_silent_prompts(folder, load_language(code), CLIP_MS)
    return folder


def tour(drill: DrillPage, **settings: str) -> Iterator[str]:
    """Yield the name of each moment while it is on the screen. `settings`: choices to make in the settings first."""
    page = drill.page
    page.route("**/learners.json", lambda route: _answer(route))
    drill.give_child(lambda left, right: None)
    drill.open([2, 7, 8, 9])
    drill.set(**settings)
    yield "1-start"
    page.locator("#open-settings").click()
    yield "2-settings"
    page.locator("#open-check").click()
    yield "2-check"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("#who").click()
    page.locator("#faces .tile").nth(1).wait_for()
    yield "3-learners"
    page.locator("#new-learner").click()
    yield "4-join"
    page.keyboard.press("Escape")
    drill.start()
    drill.wait_for(status="speaking")
    yield "5-speaking"
    drill.answer()
    drill.wait_for(verdict="correct")
    yield "6-correct"
    drill.answer(off_by=2)
    drill.wait_for(verdict="wrong")
    yield "7-wrong"
    drill.wait_for(phase="listen")
    yield "8-listening"
    page.evaluate("child.unplug()")
    drill.notice()
    yield "9-trouble"
    page.locator("#notice-read").click()
    yield "10-touch"
    drill.answer()
    page.locator("#stop").click()
    drill.wait_for(screen="finished")
    yield "11-finished"
    page.locator("#home").click()
    page.locator("#drills").select_option("placement")
    drill.start()
    drill.wait_for(status="speaking")
    drill.answer()
    page.locator("#stop").click()
    drill.wait_for(screen="finished")
    yield "12-placed"


def _answer(route: Route) -> None:
    route.fulfill(body=json.dumps(LEARNERS), content_type="application/json")
