"""Accessibility: the page works by keyboard alone and by touch without sound, and axe finds no fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.server import ROOT, running_server

from .conftest import Launch, OpenPage
from .drill_page import DrillPage
from .tour import SIZES, make_slow_prompts, tour

pytestmark = pytest.mark.browser
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DEVICES = {
    "light": {"color_scheme": "light", "contrast": "no-preference"},
    "dark": {"color_scheme": "dark", "contrast": "no-preference"},
    "contrast": {"color_scheme": "light", "contrast": "more"},
    "dark contrast": {"color_scheme": "dark", "contrast": "more"},
}
# The places of the drill's parts.
PLACES = """[".bar", ".perch", ".card", ".sum", ".answerback", ".actions", "#keypad"].map((selector) => {
  const { x, y, width, height } = document.querySelector(`#drill ${selector}`).getBoundingClientRect();
  return [selector, x, y + scrollY, width, height].map((value) => (value.toFixed ? Math.round(value) : value));
})"""
# Records each visible caption.
NOTE_CAPTIONS = """
  window.shown = [];
  new MutationObserver(() => {
    for (const caption of document.querySelectorAll(".caption")) {
      if (caption.checkVisibility()) window.shown.push(caption.textContent);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
"""
# Tells whether the focus is on the selector's element; throws if that is not visible.
SEEN_FOCUS = """selector => {
  const node = document.activeElement;
  if (node === document.body) return false;
  const box = node.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const around = [node, node.nextElementSibling, node.parentElement].filter(Boolean);
  const marked = around.map((each) => getComputedStyle(each));
  if (!marked.some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)) {
    throw new Error(`no outline: ${node.outerHTML}`);
  }
  if (!top || !(node.contains(top) || node.parentElement.contains(top))) throw new Error(`covered: ${node.outerHTML}`);
  return node.matches(selector);
}"""


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    prompts = make_slow_prompts(tmp_path_factory.mktemp("slow"))
    with running_server("--prompts", str(prompts)) as url:
        yield url


def complaints(page: Page) -> list[str]:
    """Return axe's findings against WCAG 2.2 AA."""
    page.evaluate("document.body.style.backgroundImage = 'none'")  # axe judges no contrast on a pattern
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", STANDARD)
    return [
        f"{violation['id']}: {node['html'][:120]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "letters", "devices"), [("mr", "normal", list(DEVICES)), ("en", "largest", ["light"])]
)
def test_every_screen_is_whole_and_axe_finds_nothing_in_any_theme(
    open_page: OpenPage, slow_server: str, language: str, letters: str, devices: list[str]
) -> None:
    drill = open_page(language, slow_server)
    page = drill.page
    found: dict[tuple[str, str], object] = {}
    places: dict[tuple[int, int], object] = {}
    for moment in tour(drill, letters=letters, motion="less"):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
                f"{moment} is too wide for {width}"
            )
            if page.locator("#drill").is_visible():
                where = page.evaluate(PLACES)
                assert where == places.setdefault((width, height), where), (
                    f"something jumps: {moment} at {width}x{height}"
                )
                assert page.evaluate("parseFloat(getComputedStyle(document.getElementById('equation')).fontSize)") >= 36
        for device in devices:
            page.emulate_media(**DEVICES[device])
            found[moment, device] = complaints(page)
    assert {place: what for place, what in found.items() if what} == {}


def assert_all_was_shown(drill: DrillPage) -> None:
    """Check that all captions were shown up to the farewell, which comes with the last screen or just after it."""
    expect(drill.page.locator("#finished .caption")).to_contain_text(drill.language.prompts["goodbye"][0])
    shown = drill.page.evaluate("shown")
    assert [say["text"] for say in drill.payloads("say") if say["text"] not in shown] == []


def test_a_deaf_child_practises_by_the_keypad_alone(launch_browser: Launch, open_page: OpenPage) -> None:
    """No sound, no microphone, and everything spoken can be read."""
    drill = open_page("hi", by=launch_browser("--mute-audio"), microphone=False)
    page = drill.page
    page.add_init_script(NOTE_CAPTIONS)
    drill.open([6, 7])
    drill.start()
    assert drill.notice() == drill.language.errors["permission_denied"]
    page.locator("#notice-read").click()
    expect(page.locator("#notice-again")).to_be_visible()
    drill.wait_for(phase="listen")
    assert drill.text("status") == drill.language.ui["touch"]
    drill.hear_again(page.get_by_role("button", name=drill.language.ui["repeat"]).click)
    drill.answer(off_by=1)
    expect(page.locator("#verdict-word")).to_have_text(drill.language.ui["wrong"])
    for _ in range(9):
        drill.answer()
    drill.wait_for(screen="finished")
    assert drill.text("finished-score") == drill.score(9, 10)
    assert_all_was_shown(drill)


def test_help_and_sleep_can_be_read_and_ended_by_touch(open_page: OpenPage, silent_prompts: Path) -> None:
    with running_server("--prompts", str(silent_prompts), "--thinking-s", "1") as url:
        drill = open_page("mr", url, microphone=False)
        drill.page.add_init_script(NOTE_CAPTIONS)
        drill.open([3])
        drill.start()
        drill.page.locator("#notice-read").click()
        drill.wait_for(status="asleep")
        assert drill.text("status") == drill.language.ui["asleep"]
        asleep = len(drill.payloads("say"))
        drill.page.locator("#equation").click()
        drill.wait_for(status="speaking|touch")
        drill.page.locator("#stop").click()
        drill.wait_for(screen="finished")
        assert_all_was_shown(drill)
        assert len(drill.payloads("say")) > asleep > 4


class Keys:
    """A user without a pointer. Every focused element must be visible."""

    def __init__(self, drill: DrillPage) -> None:
        self._page = drill.page

    def tab_to(self, selector: str) -> None:
        for _ in range(60):
            self._page.keyboard.press("Tab")
            if self._page.evaluate(SEEN_FOCUS, selector):
                return
        pytest.fail(f"the Tab key does not reach {selector}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)


def test_a_whole_session_by_the_keyboard_alone(open_page: OpenPage) -> None:
    drill = open_page("en", microphone=False)
    page, keys = drill.page, Keys(drill)
    page.goto(f"{drill.url}/?seed=1")
    keys.tab_to("#languages input")
    keys.press("ArrowRight", "ArrowLeft")
    keys.tab_to("#tables input[value='2']")
    keys.press("Space")
    keys.tab_to("#lengths")
    keys.tab_to("#open-settings")
    keys.press("Enter")
    keys.tab_to("#settings [name=letters]")
    keys.press("ArrowRight", "Escape")
    expect(page.locator("#open-settings")).to_be_focused()
    expect(page.locator("html")).to_have_attribute("data-letters", "large")
    page.keyboard.press("Shift+Tab")
    keys.press("Enter")
    drill.wait_for(screen="drill", phase="tail|listen")
    assert drill.notice() == drill.language.errors["permission_denied"]
    keys.tab_to("#notice-read")
    keys.press("Enter")
    keys.tab_to("[data-command=repeat]")
    drill.hear_again(lambda: keys.press("Enter"))
    for _ in range(10):
        drill.answer(press=lambda number: keys.press(*str(number), "Enter"))
    drill.wait_for(screen="finished")
    assert drill.text("finished-score") == drill.score(10, 10)
    keys.tab_to("#again")
    keys.press("Enter")
    drill.wait_for(screen="drill", phase="listen")
    keys.tab_to("#stop")
    keys.press("Enter")
    drill.wait_for(screen="finished")
