"""From the teacher's first visit to a child with a picture."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import WebSocket, expect

from tests.support.server import running_server, teacher_code

from .conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture
def fresh_server(silent_prompts: Path, tmp_path: Path) -> Iterator[str]:
    """Run a server without any visitor so far."""
    with running_server("--prompts", str(silent_prompts), "--data", str(tmp_path)) as url:
        yield url


def test_a_child_is_added_by_the_teacher_and_found_by_its_picture(
    open_page: OpenPage, fresh_server: str, tmp_path: Path
) -> None:
    drill = open_page("mr", url=fresh_server, microphone=False)
    page, texts, ui = drill.page, drill.language.teacher, drill.language.ui
    page.goto(f"{drill.url}/teacher")
    page.locator("[name=code]").fill(teacher_code(tmp_path))
    page.locator("[name=passphrase]").fill("हत्तीच्या पाठीवर")
    page.locator("[name=again]").fill("हत्तीच्या पाठीवर")
    page.get_by_role("button", name=texts["set_passphrase"]).click()
    page.get_by_role("link", name=texts["add_learner"]).click()
    page.locator("[name=nickname]").fill("आशा")
    page.locator("[name=picture][value=peacock]").check()
    page.get_by_role("button", name=texts["save"]).click()
    expect(page.get_by_role("status")).to_have_text(texts["learner_added"].format(name="आशा"))

    drill.open([7])
    who = page.locator("#who")
    expect(who).to_have_text(ui["guest"])
    who.click()
    page.get_by_role("button", name="आशा").click()
    expect(who).to_have_text("आशा")
    page.reload()
    expect(who).to_have_text("आशा")

    sent: list[str | bytes] = []

    def listen_in(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))

    page.on("websocket", listen_in)
    drill.start()
    drill.wait_for(phase="tail|listen")
    (known,) = page.request.get(f"{drill.url}/learners.json").json()["learners"]
    start = next(
        json.loads(frame[frame.index("[") :])[1] for frame in sent if isinstance(frame, str) and '"start"' in frame
    )
    assert start["learner"] == known["id"]

    other = open_page("mr", url=fresh_server, microphone=False)
    other.open([7])
    expect(other.page.locator("#who")).to_have_text(ui["guest"])
