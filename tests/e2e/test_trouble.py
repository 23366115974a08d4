"""Trouble during a drill is told in the child's language and overcome without losing the score."""

from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.server import free_port, running_server

from .conftest import OpenPage
from .drill_page import DrillPage
from .proxy import line_to

pytestmark = pytest.mark.browser
# Meanwhile nothing of the page runs except the audio thread.
STAND_STILL = "{ const until = performance.now() + 4000; while (performance.now() < until); }"


def answer_one(drill: DrillPage) -> None:
    """Answer a question by touch."""
    drill.wait_for(phase="tail|listen")
    verdicts = len(drill.payloads("verdict"))
    left, right = drill.question
    drill.press(left * right)
    expect(drill.page.locator("#score")).to_have_text(drill.score(verdicts + 1, verdicts + 1))


def practise_silently(drill: DrillPage, table: int) -> None:
    """Begin, and answer the first question by touch; the second one is then open."""
    drill.give_child(lambda left, right: None)
    drill.open([table])
    drill.start()
    answer_one(drill)
    drill.wait_for(phase="listen")


def test_an_unplugged_microphone(open_page: OpenPage) -> None:
    drill = open_page("mr")
    answers = 1

    def answer(left: int, right: int) -> int | None:
        given = [verdict for verdict in drill.payloads("verdict") if verdict["verdict"] == "correct"]
        return left * right if len(given) < answers else None

    drill.give_child(answer)
    drill.open([2])
    drill.start()
    expect(drill.page.locator("#score")).to_have_text(drill.score(1, 1))
    drill.wait_for(phase="listen")
    drill.page.evaluate("child.unplug()")
    assert drill.notice() == drill.language.errors["microphone_lost"]
    expect(drill.page.locator("#retry")).to_be_visible()
    drill.page.evaluate("child.plugIn()")
    expect(drill.page.locator(".notice:visible")).to_have_count(0)
    answers = 2
    drill.page.get_by_role("button", name=drill.language.ui["repeat"]).click()
    expect(drill.page.locator("#score")).to_have_text(drill.score(2, 2))


def test_a_cut_line_resumes_with_its_score(open_page: OpenPage, server: str) -> None:
    with line_to(server) as line:
        drill = open_page("hi", line.url, may_complain=True)
        practise_silently(drill, 4)
        question, progress = drill.question, drill.text("progress")
        line.cut()
        assert drill.notice() == drill.language.errors["connection_lost"]
        line.mend()
        expect(drill.page.locator(".notice:visible")).to_have_count(0)
        expect(drill.page.locator("#drill .caption")).to_contain_text(drill.language.prompts["resumed"][0])
        drill.wait_for(phase="listen")
        assert (drill.question, drill.text("progress")) == (question, progress)
        assert drill.text("score") == drill.score(1, 1)
        answer_one(drill)


def test_a_server_that_was_killed(open_page: OpenPage, silent_prompts: Path, tmp_path: Path) -> None:
    """If it has kept its data the same question comes again; otherwise a new drill begins by itself, hands-free."""
    prompts, port = ("--prompts", str(silent_prompts)), free_port()
    options = (*prompts, "--data", str(tmp_path))
    with ExitStack() as first:
        url = first.enter_context(running_server(*options, port=port))
        drill = open_page("en", url, may_complain=True)
        practise_silently(drill, 6)
        question = drill.question
        first.close()
        assert drill.notice() == drill.language.errors["connection_lost"]
        with running_server(*options, port=port):
            expect(drill.page.locator(".notice:visible")).to_have_count(0)
            drill.wait_for(phase="listen")
            assert (drill.question, drill.text("progress")) == (question, "Question 2 of 10")
            assert drill.text("score") == drill.score(1, 1)
            left, right = drill.question
            drill.press(left * right)
            expect(drill.page.locator("#score")).to_have_text(drill.score(2, 2))
        assert drill.notice() == drill.language.errors["connection_lost"]
        with running_server(*prompts, port=port):
            expect(drill.page.locator(".notice:visible")).to_have_count(0)
            expect(drill.page.locator("#progress")).to_have_text("Question 1 of 10")
            drill.wait_for(phase="listen")
            assert drill.text("score") == drill.score(0, 0)
            left, right = drill.question
            drill.press(left * right)
            expect(drill.page.locator("#score")).to_have_text(drill.score(1, 1))


def test_a_full_server(open_page: OpenPage, silent_prompts: Path) -> None:
    with running_server("--prompts", str(silent_prompts), "--max-sessions", "1") as url:
        first, second = open_page("mr", url), open_page("mr", url)
        for drill in (first, second):
            drill.give_child(lambda left, right: None)
            drill.open([6])
        first.start()
        first.wait_for(phase="listen")
        second.start()
        second.wait_for(screen="drill", status="waiting")
        assert first.page.locator("body").get_attribute("data-screen") == "drill"
        first.page.get_by_role("button", name=first.language.ui["stop"], exact=True).click()
        second.wait_for(phase="listen")


def test_a_second_tab_takes_the_drill_over(open_page: OpenPage) -> None:
    first = open_page("en")
    practise_silently(first, 8)
    asked = first.question
    with first.page.expect_popup() as opened:  # it inherits the first tab's session, and so the drill's token
        first.page.evaluate("window.open(location.href)")
    second = DrillPage(opened.value, first.url, "en")
    second.give_child(lambda left, right: None)
    second.page.reload()
    second.start()
    second.wait_for(phase="listen")
    assert second.text("score") == second.score(1, 1)
    assert second.question == asked
    assert first.notice() == first.language.errors["taken_over"]
    first.wait_for(screen="start")
    assert second.troubles == []


def test_two_drills_in_one_browser_do_not_hear_each_other(open_page: OpenPage) -> None:
    """Not the same drill, but the same microphone and loudspeaker."""
    first = open_page("mr")
    practise_silently(first, 8)
    second = DrillPage(first.page.context.new_page(), first.url, "mr")
    second.give_child(lambda left, right: None)
    second.open([3])
    second.start()
    assert first.notice() == first.language.errors["taken_over"]
    first.wait_for(screen="start")
    second.wait_for(phase="listen")
    first.start()
    first.wait_for(phase="listen")
    assert first.text("score") == first.score(1, 1)
    second.wait_for(screen="start")
    assert second.troubles == []


def test_a_device_that_slept(open_page: OpenPage, server: str) -> None:
    """The page stands still and the connection dies; then it goes on where it was."""
    with line_to(server) as line:
        drill = open_page("hi", line.url, may_complain=True)
        practise_silently(drill, 4)
        question, progress = drill.question, drill.text("progress")
        drill.page.evaluate(f"setTimeout(() => {STAND_STILL})")
        line.cut()
        line.mend()
        expect(drill.page.locator("#drill .caption")).to_contain_text(drill.language.prompts["resumed"][0])
        drill.wait_for(phase="listen")
        assert (drill.question, drill.text("progress"), drill.text("score")) == (question, progress, drill.score(1, 1))
        expect(drill.page.locator(".notice:visible")).to_have_count(0)
        answer_one(drill)


def test_what_was_said_to_a_page_that_stood_still_is_not_sent_later(open_page: OpenPage) -> None:
    drill = open_page("en")
    drill.give_child(lambda left, right: None)
    drill.open([5])
    drill.start()
    drill.wait_for(phase="listen")
    drill.wait_until(lambda: len(drill.sent_audio) >= 10)
    drill.page.evaluate(STAND_STILL)
    before = len(drill.sent_audio)
    drill.wait_until(lambda: len(drill.sent_audio) >= before + 20)
    steps = [(later[0] - sooner[0], later[1] - sooner[1]) for sooner, later in pairwise(drill.sent_audio)]
    missing, gap_ms = max(steps)
    assert missing > 5 and gap_ms > 60 * (missing - 1), "the numbers tell the server what is missing"
    drill.wait_for(phase="listen|speech|ending")
