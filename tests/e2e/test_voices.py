"""A voice is recorded in the browser, and a child hears it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Request, expect

from server.voices.packs import Packs
from tests.support.server import running_server

from .booth import Booth, tour_of_voices
from .conftest import OpenPage
from .test_access import DEVICES, complaints

pytestmark = pytest.mark.browser


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def fresh_server(data: Path, silent_prompts: Path) -> Iterator[str]:
    """Run a server without any visitor so far."""
    with running_server("--prompts", str(silent_prompts), "--data", str(data)) as url:
        yield url


@pytest.mark.parametrize("language", ["mr", "en"])
def test_a_voice_is_recorded_and_heard_in_a_drill(
    open_page: OpenPage, fresh_server: str, data: Path, language: str
) -> None:
    drill = open_page(language, url=fresh_server)
    page, texts = drill.page, drill.language.clip_texts()
    booth = Booth(drill, data)
    booth.enter()
    booth.begin("आई")
    expect(page.locator("#prompt")).to_have_text(texts["praise-1"])
    # One key, again and again: it records, and goes on.
    booth.record(20)
    assert booth.said() == booth.say("voice_good")
    expect(page.locator("#next")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#prompt")).to_have_text(texts["praise-2"])
    expect(page.locator("#record")).to_be_focused()
    booth.record(30)
    for clip_id, number in (("question-2-1", 21), ("question-2-2", 22)):
        booth.choose(clip_id)
        booth.record(number)
    count = booth.say("voice_recorded", n=drill.number(4), all=drill.number(len(texts)))
    expect(page.locator("#recorded")).to_have_text(count)
    with page.expect_response("**/voices/**/question-2-2-*.wav") as heard:
        page.get_by_role("button", name=booth.say("voice_hear"), exact=True).click()
    assert heard.value.ok

    (pack,) = Packs(data / "voices").of(language)
    assert (pack.name, set(pack.clips)) == ("आई", {"praise-1", "praise-2", "question-2-1", "question-2-2"})
    own = {f"/voices/{language}/{pack.id}/{clip.file}": clip_id for clip_id, clip in pack.clips.items()}
    files = {path for path in data.rglob("*") if path.suffix == ".wav"}

    drill.open([2])
    drill.set(voice=pack.id)
    page.locator("#drills").select_option("recitation")  # its first questions are those that were recorded
    played: list[str] = []

    def noted(request: Request) -> None:
        played.append(request.url.removeprefix(fresh_server))

    page.on("requestfinished", noted)
    drill.start()
    for right in (1, 2, 3):
        expect(page.locator("#right")).to_have_text(drill.number(right))
        drill.wait_for(phase="tail|listen")
        say = drill.payloads("say")[-1]
        clip_id = f"question-2-{right}"
        # Recorded prompts are named by their own addresses, all others by the standard voice's.
        assert own.get(say["clips"][-1], clip_id) == clip_id
        assert (say["clips"][-1] in own) == (clip_id in own.values())
        verdicts = len(drill.payloads("verdict"))
        drill.press(2 * right)
        expect(page.locator("#score")).to_have_text(drill.score(verdicts + 1, verdicts + 1))
    assert set(own) <= set(played)
    # This device remembers the choice, and nothing else was recorded.
    page.reload()
    page.locator("#open-settings").click()
    expect(page.locator(f"#settings input[name=voice][value='{pack.id}']")).to_be_checked()
    assert {path for path in data.rglob("*") if path.suffix == ".wav"} == files


def test_hints_and_another_try(open_page: OpenPage, fresh_server: str, data: Path) -> None:
    drill = open_page("en", url=fresh_server)
    page, booth = drill.page, Booth(drill, data)
    booth.enter()
    booth.begin("Aai")
    booth.choose("number-18")
    booth.record(56)
    assert booth.said() == booth.say("voice_hint_not_the_number_heard", heard=56)
    expect(page.locator("#record")).to_have_text(booth.say("voice_again"))
    expect(page.locator("#record")).to_be_focused()
    booth.record(18)
    assert booth.said() == booth.say("voice_good")
    page.get_by_role("button", name=booth.say("voice_discard")).click()
    expect(page.locator("#said")).to_have_text(booth.say("voice_gone"))
    expect(page.locator("#recorded")).to_have_text(
        booth.say("voice_recorded", n=0, all=len(drill.language.clip_texts()))
    )


def test_no_microphone_no_server(open_page: OpenPage, data: Path, silent_prompts: Path) -> None:
    with running_server("--prompts", str(silent_prompts), "--data", str(data)) as url:
        drill = open_page("mr", url=url, may_complain=True)
        page, booth = drill.page, Booth(drill, data)
        booth.enter()
        booth.begin("आई")
        page.evaluate("""() => {
            navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); };
        }""")
        page.keyboard.press("Space")
        expect(page.locator("#said")).to_have_text(booth.say("voice_microphone_denied"))
        page.keyboard.press("Space")  # a new attempt shows the trouble again
        expect(page.locator("#said")).to_have_text(booth.say("voice_microphone_denied"))
        expect(page.locator("#record")).to_be_enabled()
        page.reload()
        booth.record(20)
        assert booth.said() == booth.say("voice_good")
        page.keyboard.press("Space")
    booth.record(30)
    assert booth.said() == booth.say("voice_offline")


def test_a_voice_is_deleted_with_all_that_is_of_it(open_page: OpenPage, fresh_server: str, data: Path) -> None:
    drill = open_page("hi", url=fresh_server)
    page, booth = drill.page, Booth(drill, data)
    booth.enter()
    booth.begin("दादी")
    booth.record(20)
    page.get_by_role("link", name=booth.say("delete"), exact=True).click()
    page.get_by_role("button", name=booth.say("delete_for_good")).click()
    expect(page.get_by_role("status")).to_have_text(booth.say("voice_deleted", name="दादी"))
    assert not [path for path in data.rglob("*") if path.suffix == ".wav"]
    drill.open([2])
    page.locator("#open-settings").click()
    expect(page.locator("#voices")).to_be_hidden()


def test_axe_finds_nothing(open_page: OpenPage, fresh_server: str, data: Path) -> None:
    drill = open_page("mr", url=fresh_server, may_complain=True)
    found = {}
    for moment in tour_of_voices(Booth(drill, data)):
        for name, device in DEVICES.items():
            drill.page.emulate_media(**device, reduced_motion="reduce")
            found[moment, name] = complaints(drill.page)
    assert {place: what for place, what in found.items() if what} == {}
