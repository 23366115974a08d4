"""A server that sleeps: a returning visitor sees the waiting page, and then goes on."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.server import free_port, running_server

from .conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("path", "first_screen"), [("/", "#start"), ("/kiosk", "#kiosk")])
def test_a_reload_waits_for_a_sleeping_server(
    open_page: OpenPage, silent_prompts: Path, path: str, first_screen: str
) -> None:
    options, port = ("--prompts", str(silent_prompts)), free_port()
    with ExitStack() as first:
        url = first.enter_context(running_server(*options, port=port))
        drill = open_page("hi", url, may_complain=True, worker=True)
        page, ui = drill.page, drill.language.ui
        page.goto(url + path)
        expect(page.locator(first_screen)).to_be_visible()
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        first.close()
        page.reload()
        expect(page.get_by_role("heading")).to_have_text(ui["waiting_title"])
        expect(page.get_by_role("status")).to_contain_text(ui["waiting_text"])
        expect(page.locator("html")).to_have_attribute("lang", "hi")
        assert page.evaluate("document.querySelector('img').naturalWidth") > 0
        with running_server(*options, port=port):
            expect(page.locator(first_screen)).to_be_visible()


def test_nothing_personal_is_kept_in_the_browser(open_page: OpenPage, server: str) -> None:
    drill = open_page("mr", server, worker=True)
    page = drill.page
    page.goto(server)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.locator("#start")).to_be_visible()
    page.goto(f"{server}/teacher")
    expect(page.locator("h1")).to_be_visible()
    page.goto(f"{server}/kiosk")
    expect(page.locator("#kiosk")).to_be_visible()
    kept = page.evaluate("""
        caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
          .then((all) => all.flat().map(({ url }) => new URL(url).pathname))
    """)
    assert "/waiting.html" in kept and "/client/kiosk.js" in kept
    assert all(path.startswith(("/client/", "/vendor/")) or path in ("/waiting.html", "/waiting.json") for path in kept)
