"""Below the prefix of a real proxy: drill, loudspeaker and microphone, voices, and the page that waits."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.nginx import running_nginx
from tests.support.programs import NotInstalled, do_without
from tests.support.server import free_port, running_server

from .booth import Booth
from .conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """The address below the prefix, and the port at which the server is to be."""
    port = free_port()
    try:
        with running_nginx(tmp_path, "prefix.conf", f"127.0.0.1:{port}") as url:
            yield f"{url}/paadas", port
    except NotInstalled as missing:
        do_without(missing)


def test_a_drill_and_what_is_around_it(
    open_page: OpenPage, proxy: tuple[str, int], silent_prompts: Path, tmp_path: Path
) -> None:
    url, port = proxy
    options = ("--behind-proxy", "--prompts", str(silent_prompts), "--data", str(tmp_path / "data"))
    with ExitStack() as awake:
        awake.enter_context(running_server(*options, port=port))
        drill = open_page("en", url, worker=True)
        booth = Booth(open_page("en", url), tmp_path / "data")
        drill.give_child(lambda left, right: left * right)
        drill.open([7])
        drill.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        drill.start()
        drill.wait_until(lambda: len(drill.payloads("verdict")) >= 2)
        assert {verdict["verdict"] for verdict in drill.payloads("verdict")} == {"correct"}
        booth.enter()
        assert {cookie["path"] for cookie in booth.page.context.cookies()} == {"/paadas/teacher"}
        booth.begin("Asha")
        booth.page.locator("#example").click()
        drill.page.goto(f"{url}/kiosk")
        expect(drill.page.locator("#kiosk")).to_be_visible()
        for each in (drill, booth):
            each.page.close()

    sleeper = open_page("en", url, may_complain=True, worker=True)
    with ExitStack() as awake:
        awake.enter_context(running_server(*options, port=port))
        sleeper.page.goto(f"{url}/")
        sleeper.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        awake.close()
        sleeper.page.reload()
        expect(sleeper.page.get_by_role("heading")).to_have_text(sleeper.language.ui["waiting_title"])
        assert sleeper.page.evaluate("document.querySelector('img').naturalWidth") > 0
        with running_server(*options, port=port):
            expect(sleeper.page.locator("#start")).to_be_visible()
