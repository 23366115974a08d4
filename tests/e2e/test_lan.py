"""A tablet in a classroom learns to trust the computer there, and then gets its microphone."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect

from server.lan.authority import Pair
from server.lan.certificates import AUTHORITY_FILE
from server.languages import load_language
from tests.support.lan import LanServer, forged, running_lan_server
from tests.support.programs import NotInstalled, do_without, find_program

from .conftest import Launch, OpenPage
from .test_access import DEVICES, complaints
from .test_spoken_drill import write_answers

pytestmark = pytest.mark.browser
SAID = 25
SIZES = ((360, 640), (640, 360), (768, 1024), (1280, 800))
# A name that is not local to the tablet, and one that it may find in the room.
ELSEWHERE, IN_THE_ROOM = "classroom.test", "classroom.local"


@pytest.fixture(scope="module")
def lan(tmp_path_factory: pytest.TempPathFactory, silent_prompts: Path) -> Iterator[LanServer]:
    with running_lan_server(tmp_path_factory.mktemp("data"), "--prompts", str(silent_prompts)) as server:
        yield server


@pytest.fixture(scope="module")
def trusting(lan: LanServer, launch_browser: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Run the browser of a visitor who has followed the guide and who says the same again and again."""
    home = tmp_path_factory.mktemp("home")
    trust(home, lan.authority)
    spoken = home / "answers.wav"
    write_answers(spoken, "en", [SAID])
    browser = launch_browser(
        f"--use-file-for-fake-audio-capture={spoken}",
        f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1, MAP {IN_THE_ROOM} 127.0.0.1",
        home=home,
    )
    yield browser
    browser.close()


def trust(home: Path, authority: bytes) -> None:
    """Do what the guide says for Linux: add the authority to those that Chromium trusts."""
    try:
        program = find_program("certutil", package="libnss3-tools")
    except NotInstalled as missing:
        do_without(missing)
    database, file = home / ".pki" / "nssdb", home / "paadas-ca.crt"
    database.mkdir(parents=True)
    file.write_bytes(authority)
    certutil = [program, "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-n", "Paadas", "-t", "C,,", "-i", file], check=True)


def test_a_tablet_that_trusts_the_authority_is_heard(lan: LanServer, trusting: Browser, open_page: OpenPage) -> None:
    """By Chromium's own microphone, which only secure pages get."""
    drill = open_page("en", lan.practice, by=trusting)
    drill.open([5])
    assert drill.page.evaluate("isSecureContext")
    drill.start()
    until_s = time.monotonic() + 150
    while SAID not in [verdict["heard"] for verdict in drill.payloads("verdict")]:
        assert time.monotonic() < until_s, drill.payloads("verdict")
        drill.page.wait_for_timeout(50)


def test_a_device_without_the_certificate_is_warned(lan: LanServer, browser: Browser) -> None:
    with browser.new_context() as context, pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto(lan.practice)


def test_from_the_forgotten_s_to_the_practice_page(lan: LanServer, trusting: Browser, open_page: OpenPage) -> None:
    drill = open_page("mr", lan.practice.replace("https", "http"), by=trusting)
    page, words = drill.page, load_language("mr").network
    page.goto(drill.url)
    assert page.url == f"{lan.guide}/"
    expect(page.get_by_role("heading", name=words["title"])).to_be_visible()
    steps = page.locator("details[open] li")
    expect(steps).to_have_count(3)
    expect(steps.nth(1)).to_have_text(words["computer_install"])
    page.locator("summary").get_by_text(words["ipad"]).click()
    expect(page.get_by_text(words["ipad_trust"])).to_be_visible()
    with page.expect_download() as download:
        page.locator("details[open] a").click()
    assert download.value.suggested_filename == "paadas-ca.crt"
    assert Path(download.value.path()).read_bytes() == lan.authority
    page.get_by_role("link", name=load_language("hi").name).click()
    page.get_by_role("link", name=load_language("hi").network["open"]).click()
    expect(page).to_have_url(f"{lan.practice}/")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_the_guide_fits_every_screen(lan: LanServer, open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page("hi", lan.guide).page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(lan.guide)
    for summary in page.locator("details:not([open]) summary").all():
        summary.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for target in page.locator(":is(a, summary):visible").all():
        box = target.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44


def test_axe_finds_nothing_on_the_guide(lan: LanServer, open_page: OpenPage) -> None:
    page = open_page("mr", lan.guide).page
    page.goto(lan.guide)
    found = {}
    for device in ("light", "dark"):
        page.emulate_media(**DEVICES[device])
        found[device] = complaints(page)
    assert found == {"light": [], "dark": []}


def test_without_https_the_child_is_told_why_and_practises_by_touch(
    server: str, trusting: Browser, open_page: OpenPage
) -> None:
    drill = open_page("mr", server.replace("127.0.0.1", IN_THE_ROOM), by=trusting)
    drill.open([4])
    drill.start()
    assert drill.notice() == drill.language.errors["insecure_page"]
    drill.wait_for(phase="tail|listen")
    left, right = drill.question
    drill.press(left * right)
    expect(drill.page.locator("#score")).to_have_text(drill.score(1, 1))


def test_a_stolen_authority_cannot_impersonate_other_sites(lan: LanServer, trusting: Browser, tmp_path: Path) -> None:
    """The browser itself checks what the authority may vouch for."""
    authority = Pair.from_pem((lan.data / "lan" / AUTHORITY_FILE).read_bytes())
    with answering(serving(forged(authority, "localhost"), tmp_path)) as port, trusting.new_context() as context:
        context.new_page().goto(f"https://localhost:{port}")
    with (
        answering(serving(forged(authority, ELSEWHERE), tmp_path)) as port,
        trusting.new_context() as context,
        pytest.raises(Error, match="ERR_CERT"),
    ):
        context.new_page().goto(f"https://{ELSEWHERE}:{port}")


def serving(server: Pair, folder: Path) -> ssl.SSLContext:
    (folder / "server.pem").write_bytes(server.to_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@contextmanager
def answering(context: ssl.SSLContext) -> Iterator[int]:
    """Run a little server with that certificate."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as line:
                    line.recv(4096)
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            except OSError:
                continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)  # closing alone does not wake accept()
