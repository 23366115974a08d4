"""The drill by touch, and corrections by touch."""

import pytest
from playwright.sync_api import expect

from .conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["mr", "hi", "en"])
def test_without_a_microphone_the_keypad_answers(open_page: OpenPage, language: str) -> None:
    drill = open_page(language, microphone=False)
    drill.open([7])
    drill.start()
    assert drill.notice() == drill.language.errors["permission_denied"]
    for number in range(1, 11):
        expect(drill.page.locator("#progress")).to_have_text(
            drill.language.ui["progress"].format(number=drill.number(number), count=drill.number(10))
        )
        drill.wait_for(phase="tail|listen")
        left, right = drill.question
        drill.press(left * right)
    drill.wait_for(screen="finished")
    assert drill.text("finished-score") == drill.score(10, 10)
    assert drill.page.title() == drill.language.ui["title"]
    assert drill.page.evaluate("document.documentElement.lang") == language


def test_i_said_it_right(open_page: OpenPage) -> None:
    """One tap takes back a wrong verdict on a spoken answer, with its score."""
    drill = open_page("mr")

    def wrong_once(left: int, right: int) -> int | None:
        return None if any(verdict["verdict"] == "wrong" for verdict in drill.payloads("verdict")) else 36

    drill.give_child(wrong_once)
    drill.open([5])
    drill.start()
    appeal = drill.page.locator("#appeal")
    expect(appeal).to_be_visible()
    wrong = drill.payloads("verdict")[-1]
    answer = wrong["left"] * wrong["right"]
    assert wrong["heard"] == 36
    assert drill.text("verdict-word") == drill.language.ui["wrong"]
    assert appeal.inner_text() == drill.language.ui["appeal"].format(number=drill.number(answer))
    assert drill.text("score") == drill.score(0, 1)
    appeal.click()
    expect(drill.page.locator("#score")).to_have_text(drill.score(1, 1))
    expect(appeal).to_be_hidden()
    assert drill.text("verdict-word") == drill.language.ui["correct"]


def test_help_and_an_early_end(open_page: OpenPage) -> None:
    drill = open_page("hi")
    drill.give_child(lambda left, right: None)
    drill.open([9])
    drill.start()
    drill.wait_for(phase="listen")
    first = drill.question
    drill.page.get_by_role("button", name=drill.language.ui["repeat"]).click()
    expect(drill.page.locator("#drill .caption")).to_have_text(
        drill.language.clip_texts()[f"question-{first[0]}-{first[1]}"]
    )
    drill.wait_for(phase="listen")
    assert drill.question == first
    drill.page.get_by_role("button", name=drill.language.ui["skip"]).click()
    expect(drill.page.locator("#right")).not_to_have_text(drill.number(first[1]))
    drill.wait_for(phase="listen")
    drill.page.get_by_role("button", name=drill.language.ui["stop"]).click()
    drill.wait_for(screen="finished")
    assert drill.text("finished-score") == drill.score(0, 0)
    drill.page.get_by_role("button", name=drill.language.ui["again"]).click()
    drill.wait_for(screen="drill", phase="listen")


def test_choices_are_kept_and_captions_follow_the_language(open_page: OpenPage) -> None:
    drill = open_page("en")
    drill.give_child(lambda left, right: None)
    drill.open([3, 4])
    for language in ("hi", "mr"):
        drill.choose(language, [3, 4])
        drill.start()
        drill.wait_for(phase="listen")
        left, right = drill.question
        assert drill.text("left") == drill.number(left)
        assert (
            drill.page.locator("#drill .caption")
            .inner_text()
            .endswith(drill.language.clip_texts()[f"question-{left}-{right}"])
        )
        assert drill.text("status") == drill.language.ui["listening"]
        drill.page.reload()
        expect(drill.page.locator("html")).to_have_attribute("lang", language)
        expect(drill.page).to_have_title(drill.language.ui["title"])
        expect(drill.page.locator("#tables input:checked")).to_have_count(2)
