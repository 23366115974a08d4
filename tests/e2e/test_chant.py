"""A table recited by voice in a browser: after Start nothing is touched."""

import base64
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from server.chant.progress import Mark
from tests.support.recordings import clip_samples, joined

from .conftest import OpenPage
from .drill_page import CHILD, DrillPage

pytestmark = pytest.mark.browser
CHANT_MS = 90_000
SIZES = ((360, 640), (768, 1024), (1280, 800))


def lines(language: str, table: int, which: Iterable[int]) -> np.ndarray:
    return joined([clip_samples(language, f"fact-{table}-{line}") for line in which], 250)


def give_chanter(drill: DrillPage, chants: list[np.ndarray | None]) -> None:
    """Let a child sit at the microphone who says one of these each time that the page listens; None is silence."""

    def answer_to(left: str, right: str) -> str | None:
        chant = chants.pop(0) if chants else None
        return None if chant is None else base64.b64encode(chant.astype("<i2").tobytes()).decode()

    drill.page.expose_function("answerTo", answer_to)
    drill.page.add_init_script(path=CHILD)


def recite(drill: DrillPage, table: int, chants: list[np.ndarray | None]) -> None:
    give_chanter(drill, chants)
    drill.open([table])
    drill.page.locator("#drills").select_option("chant")
    drill.start()


def marks(drill: DrillPage) -> list[str]:
    return [line["mark"] for line in drill.payloads("ladder")[-1]["lines"]]


@pytest.mark.parametrize(("language", "table"), [("mr", 2), ("hi", 7), ("en", 6)])
def test_a_whole_table_in_one_breath(open_page: OpenPage, language: str, table: int) -> None:
    drill = open_page(language)
    recite(drill, table, [lines(language, table, range(1, 11))])
    expect(drill.page.locator("#finished")).to_be_visible(timeout=CHANT_MS)
    assert marks(drill) == [Mark.RIGHT] * 10
    assert drill.text("finished-score") == drill.score(10, 10)
    assert drill.troubles == []


def test_a_skipped_line_and_a_wait_for_help(open_page: OpenPage) -> None:
    drill = open_page("hi")
    recite(drill, 7, [lines("hi", 7, [1, 2, 4, 5]), None, lines("hi", 7, range(6, 11))])
    expect(drill.page.locator("#finished")).to_be_visible(timeout=CHANT_MS)
    assert marks(drill) == [Mark.RIGHT, Mark.RIGHT, Mark.SKIPPED, *[Mark.RIGHT] * 7]
    assert drill.text("finished-score") == drill.score(9, 10)


def test_by_touch_and_keyboard_on_every_screen(open_page: OpenPage, tmp_path: Path) -> None:
    drill = open_page("mr")
    recite(drill, 7, [None])
    drill.wait_for(screen="drill", phase="listen")
    ladder = drill.page.locator("#ladder")
    for size in SIZES:
        drill.page.set_viewport_size({"width": size[0], "height": size[1]})
        before = drill.page.evaluate(PLACES)
        assert drill.page.evaluate("document.documentElement.scrollHeight <= innerHeight"), size
        drill.hear_again(drill.page.get_by_role("button", name=drill.language.ui["chant_next"]).click)
        drill.wait_for(phase="listen")
        assert drill.page.evaluate(PLACES) == before, f"something jumped at {size}"
        drill.page.screenshot(path=str(tmp_path / f"chant-{size[0]}.png"))
    assert marks(drill)[:4] == [Mark.HELPED] * 3 + [Mark.OPEN]
    assert ladder.locator("[aria-current=step]").inner_text().startswith("७ × ४")
    drill.hear_again(lambda: press(drill, "chant_help"))
    assert marks(drill)[3] == Mark.HELPED
    press(drill, "stop")
    expect(drill.page.locator("#finished")).to_be_visible()
    for size in SIZES:
        drill.page.set_viewport_size({"width": size[0], "height": size[1]})
        drill.page.screenshot(path=str(tmp_path / f"finished-{size[0]}.png"))
    press(drill, "practise_weak")
    drill.wait_for(screen="drill", phase="listen")
    assert drill.page.locator("body").get_attribute("data-way") == "ask"
    assert drill.text("left") == "७" and drill.text("right") in "१२३४"


PLACES = """[...document.querySelectorAll("#drill :is(button, .rung, .card, .perch)")]
    .map((part) => Object.values(part.getBoundingClientRect().toJSON()).map(Math.round).join())"""


def press(drill: DrillPage, text: str) -> None:
    """By the keyboard."""
    drill.page.get_by_role("button", name=drill.language.ui[text], exact=True).focus()
    drill.page.keyboard.press("Enter")
