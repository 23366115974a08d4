"""One browser and one server with silent prompts for all tests; a fresh visitor for each page, watched for errors."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.programs import NotInstalled
from tests.support.server import running_server

from .chromium import launch
from .drill_page import DrillPage

LIMIT_MS = 20_000

Launch = Callable[..., Browser]
OpenPage = Callable[..., DrillPage]


# Package scope, not session: while Playwright is open, no other test can run an asyncio loop.
@pytest.fixture(scope="package")
def launch_browser() -> Iterator[Launch]:
    """Start a browser with further flags; all are closed at the end."""
    expect.set_options(timeout=LIMIT_MS)
    with sync_playwright() as playwright:
        yield lambda *flags, **how: launch(playwright, *flags, **how)


@pytest.fixture(scope="package")
def browser(launch_browser: Launch) -> Iterator[Browser]:
    try:
        browser = launch_browser()
    except NotInstalled as missing:
        pytest.fail(str(missing), pytrace=False)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def server(silent_prompts: Path) -> Iterator[str]:
    with running_server("--prompts", str(silent_prompts)) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[OpenPage]:
    """Open pages, each for a visitor of its own. An error on a page fails the test, unless it `may_complain`."""
    visits = []

    def make(
        language: str,
        url: str = server,
        by: Browser = browser,
        microphone: bool = True,
        may_complain: bool = False,
        worker: bool = False,
    ) -> DrillPage:
        context = by.new_context(
            locale=f"{language}-IN",
            permissions=["microphone"] if microphone else [],
            service_workers="allow" if worker else "block",
        )
        context.set_default_timeout(LIMIT_MS)
        page = DrillPage(context.new_page(), url, language)
        visits.append((context, page, may_complain))
        return page

    yield make
    for context, _, _ in visits:
        context.close()
    assert [page.troubles for _, page, may_complain in visits if page.troubles and not may_complain] == []
