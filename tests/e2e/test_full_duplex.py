"""The page's side of full duplex. The test plays the server on the wire: its acknowledgement says "full" or "half", and
it sends interrupts at will.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute

from server.languages import available, load_language
from tests.support.prompts import make_silent_prompts
from tests.support.server import running_server

from .conftest import OpenPage
from .drill_page import DrillPage
from .tablet import nobody_comes

pytestmark = pytest.mark.browser
CLIP_MS = 2500


class Wire:
    """The wire between page and server. `says`: from the server. `sent`: from the page. `chunks`: counts its sound."""

    def __init__(self, drill: DrillPage, duplex: str | None) -> None:
        self._drill = drill
        self._duplex = duplex
        self._page: WebSocketRoute | None = None
        self.says: list[dict[str, Any]] = []
        self.sent: list[tuple[str, dict[str, object]]] = []
        self.chunks = 0
        drill.page.route_web_socket("**/socket.io/**", self._join)

    def _join(self, page: WebSocketRoute) -> None:
        self._page, server = page, page.connect_to_server()
        page.on_message(lambda frame: self._from_page(frame, server))
        server.on_message(lambda frame: page.send(self._from_server(frame)))

    def _from_page(self, frame: str | bytes, server: WebSocketRoute) -> None:
        self.chunks += isinstance(frame, bytes)
        if isinstance(frame, str) and frame.startswith("42["):
            name, payload = json.loads(frame[2:])
            self.sent.append((name, payload))
            if name == "playing":
                return  # the server's reaction does not matter here
        server.send(frame)

    def _from_server(self, frame: str | bytes) -> str | bytes:
        if isinstance(frame, str) and frame.startswith('42["say"'):
            self.says.append(json.loads(frame[2:])[1])
        if not isinstance(frame, str) or not frame.startswith("43"):
            return frame
        number, _, answer = frame.partition("[")  # an acknowledgement: 43, its number, [answer]
        [ack] = json.loads("[" + answer)
        ack.pop("duplex", None)
        return number + json.dumps([ack | ({"duplex": self._duplex} if self._duplex else {})])

    def tell(self, event: str, **payload: object) -> None:
        """Send an event to the page as if from the server."""
        assert self._page is not None
        self._page.send("42" + json.dumps([event, payload]))

    def said(self, name: str) -> list[object]:
        """Return the says about which the page has sent this event."""
        return [payload["say"] for each, payload in self.sent if each == name]

    def chunks_in(self, ms: int) -> int:
        before = self.chunks
        self._drill.page.wait_for_timeout(ms)
        return self.chunks - before


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server whose prompts take some time."""
    prompts = tmp_path_factory.mktemp("prompts")
    for code in available():
        make_silent_prompts(prompts, load_language(code), CLIP_MS)
    with running_server("--prompts", str(prompts)) as url:
        yield url


def speaking(open_page: OpenPage, url: str, duplex: str | None) -> tuple[DrillPage, Wire]:
    """Start a drill whose first prompt plays."""
    drill = open_page("en", url)
    wire = Wire(drill, duplex)
    drill.give_child(lambda left, right: None)
    drill.open([7])
    drill.start()
    drill.wait_for(status="speaking")
    drill.wait_until(lambda: wire.says, limit_s=10)
    return drill, wire


def test_the_child_is_heard_while_a_prompt_plays_and_an_interrupt_ends_it(open_page: OpenPage, slow: str) -> None:
    drill, wire = speaking(open_page, slow, "full")
    drill.wait_until(lambda: wire.said("playing"), limit_s=10)
    assert wire.chunks_in(600) > 5
    caption = drill.page.locator(".caption:visible")
    say, words = wire.says[-1]["id"], caption.inner_text()
    wire.tell("interrupt", say=say + 1)
    wire.tell("phase", name="prompt")
    assert wire.chunks_in(300) > 2
    drill.wait_for(status="speaking")
    wire.tell("interrupt", say=say)
    wire.tell("phase", name="speech")
    drill.wait_for(status="listening")
    assert words and caption.inner_text() == words
    assert wire.chunks_in(wire.says[-1]["duration_ms"]) > 20  # until it would have ended by itself
    assert wire.said("playing") == [say]
    assert wire.said("played") == []


def test_the_sound_ends_with_the_drill(open_page: OpenPage, slow: str) -> None:
    drill, wire = speaking(open_page, slow, "full")
    drill.page.locator("#stop").click()
    drill.wait_for(screen="finished")
    assert wire.chunks_in(600) == 0


@pytest.mark.parametrize("duplex", ["half", None])
def test_half_duplex_is_as_it_ever_was(open_page: OpenPage, slow: str, duplex: str | None) -> None:
    drill, wire = speaking(open_page, slow, duplex)
    assert wire.chunks_in(1500) == 0
    drill.wait_until(lambda: wire.said("played"), limit_s=20)
    assert wire.said("playing") == []
    assert wire.chunks_in(600) > 5


def test_an_invitation_is_full_duplex_too(open_page: OpenPage, slow: str) -> None:
    drill = open_page("mr", slow)
    wire = Wire(drill, "full")
    drill.page.clock.install()
    drill.give_child(lambda left, right: None)
    drill.page.goto(f"{slow}/kiosk")
    drill.wait_for(place="tiles")
    nobody_comes(drill)
    drill.wait_until(lambda: wire.said("playing"), limit_s=20)
    assert wire.chunks_in(600) > 5
    assert wire.said("played") == []
