"""The three language files, and the loader's complaints about a bad one."""

import re
from pathlib import Path

import pytest

from server.drill.modes import MODES
from server.languages import FOLDER, LanguageError, available, load_language
from server.languages.number_words import NUMBERS
from server.live.protocol import ErrorCode
from server.settings import ROOT
from server.understanding.text import words_of

# Numbers on which word lists disagree or that sound alike; from Unicode's spell-out data.
SPOKEN = {
    "mr": {
        7: "सात",
        60: "साठ",
        49: "एकोणपन्नास",
        56: "छप्पन्न",
        100: "शंभर",
        101: "एकशे एक",
        110: "एकशे दहा",
        256: "दोनशे छप्पन्न",
        400: "चारशे",
    },
    "hi": {
        7: "सात",
        60: "साठ",
        50: "पचास",
        85: "पचासी",
        79: "उनासी",
        89: "नवासी",
        34: "चौंतीस",
        44: "चौवालीस",
        100: "एक सौ",
        150: "एक सौ पचास",
        399: "तीन सौ निन्यानबे",
    },
    "en": {
        15: "fifteen",
        50: "fifty",
        56: "fifty six",
        100: "one hundred",
        156: "one hundred and fifty six",
        300: "three hundred",
    },
}


def test_the_three_languages_are_there() -> None:
    assert available() == ["en", "hi", "mr"]


@pytest.mark.parametrize("code", available())
def test_a_language_is_whole(code: str) -> None:
    language = load_language(code)
    assert set(language.numbers) == set(NUMBERS)
    for number, word in SPOKEN[code].items():
        assert words_of(language.numbers[number][0]) == words_of(word)
    assert set(language.pictures) == {path.stem for path in (ROOT / "client" / "pictures").iterdir()}


@pytest.mark.parametrize(
    ("code", "number", "form"),
    [
        ("en", 105, "a hundred five"),
        ("en", 100, "hundred"),
        ("en", 399, "three hundred ninety nine"),
        ("hi", 156, "सौ छप्पन"),
        ("hi", 250, "ढाई सौ"),
        ("mr", 100, "एकशे"),
        ("mr", 110, "दाहोदरसे"),
        ("mr", 56, "पन्नास सहा"),
        ("mr", 256, "दोनशे पन्नास सहा"),
    ],
)
def test_other_ways_to_say_a_number_are_known(code: str, number: int, form: str) -> None:
    assert form in load_language(code).numbers[number][1:]


@pytest.mark.parametrize("code", available())
def test_above_a_hundred_only_what_tables_hold_has_a_recording(code: str) -> None:
    texts = load_language(code).clip_texts()
    assert {"number-100", "number-300"} <= texts.keys() and "number-101" not in texts


@pytest.mark.parametrize("code", available())
def test_texts_have_the_same_placeholders_everywhere(code: str) -> None:
    def placeholders(texts: dict[str, str]) -> dict[str, set[str]]:
        return {key: {part.split("}")[0] for part in text.split("{")[1:]} for key, text in texts.items()}

    language, english = load_language(code), load_language("en")
    assert placeholders(dict(language.ui)) == placeholders(dict(english.ui))
    assert placeholders(dict(language.teacher)) == placeholders(dict(english.teacher))


@pytest.mark.parametrize("code", available())
def test_every_text_of_the_teachers_pages_is_there(code: str) -> None:
    pages = FOLDER.parent / "web" / "teacher"
    sources = "".join(
        path.read_text("utf-8") for path in [*pages.glob("*.py"), *pages.glob("templates/teacher/*.html")]
    )
    said = set(re.findall(r"""say\(["'](\w+)["'][,)]""", sources))
    assert {"seconds", "report_of", "heat_map"} <= said <= set(load_language(code).teacher)


def test_devanagari_spellings_fold_together() -> None:
    assert words_of("चौऱ्याहत्तर") == words_of("चौर्‍याहत्तर")
    assert words_of("सड़सठ") == words_of("सडसठ") == words_of("सड\u093cसठ")
    assert words_of("पाँच") == words_of("पांच")


def broken(folder: Path, old: str, new: str) -> Path:
    text = (FOLDER / "en.toml").read_text("utf-8")
    assert old in text
    (folder / "en.toml").write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('7 = ["seven"]', "", "[numbers] lacks 7"),
        ('8 = ["eight"]', '8 = ["seven"]', "'seven' names both 7 and 8"),
        ('praise = ["Very good!", ', 'praise = ["Very good!"] #', "[prompts] praise needs 5 wordings"),
        ("greeting = ", "welcome = ", "[prompts] lacks greeting"),
        ('digits = "latn"', 'digits = "roman"', "digits must be"),
        ('stop = ["stop"', 'halt = ["stop"', "unknown commands ['halt']"),
        ('name = "English"', "", "lacks 'name'"),
        ("[numbers]", "[numbers", "cannot be read"),
        ('3 = ["three hundred"]', "", "[composition.hundreds] lacks 3"),
        ('3 = ["three hundred"]', '3 = ["two hundred"]', "'two hundred' names both 200 and 300"),
        ("hundreds_then = ", "hundreds_then = [] #", "[composition] hundreds_then needs a form"),
        ("before = []", 'before = ["what I said was"]', "[appeal_around] needs both"),
        ("{hundred} and", "{hunderd} and", "lacks 'hunderd'"),
        ("too_fast = ", "too_slow = ", "en.toml: [errors] lacks too_fast, which mr.toml has"),
        ('listening = "I', 'lisening = "I', "en.toml: [ui] lacks listening, which mr.toml has"),
        ("heat_map = ", "hot_map = ", "[teacher] lacks heat_map"),
        ("peacock = ", "pecock = ", "[pictures] lacks peacock"),
        ("[network]", "[net]", "lacks 'network'"),
        ("[tables.left]", '[tables.facts]\n2-11 = "two"\n\n[tables.left]', "[tables.facts] does not know 2-11"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(LanguageError) as refused:
        load_language("en", broken(tmp_path, old, new))
    assert complaint in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LanguageError, match="xx.toml"):
        load_language("xx", tmp_path)


@pytest.mark.parametrize("code", available())
def test_every_way_to_practise_has_a_name(code: str) -> None:
    assert {f"drill_{name}" for name in MODES} <= set(load_language(code).ui)


@pytest.mark.parametrize("code", available())
def test_every_error_that_the_server_can_send_has_words(code: str) -> None:
    assert set(ErrorCode) <= set(load_language(code).errors)


def test_a_line_may_be_chanted_otherwise() -> None:
    texts = load_language("mr").clip_texts()
    assert (texts["fact-2-1"], texts["fact-2-2"]) == ("बे एके बे.", "बे दुणे चार.")
