"""The phrases of the corpus's speakers, and their variety."""

import numpy as np
import pytest

from server.asr.numbers.vocabulary import COMMANDS, LANGUAGES
from server.languages import load_language
from server.understanding.parse import parse_answer
from server.understanding.text import words_of
from training.accents import accented
from training.ipa import to_ipa
from training.phrases import Phrase, chatter, hundreds, orders, phrases
from training.words import FOREIGN, LEADS, OTHERS, TAILS, YES, blended, others

MEANINGS = {*COMMANDS, "appeal", "lead", "tail", "other"}


def said(code: str, count: int = 600) -> list[Phrase]:
    return phrases(load_language(code), np.random.default_rng(3), count, numbers_share=0.5)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_label_is_what_the_words_say(code: str) -> None:
    language = load_language(code)
    for phrase in said(code):
        assert phrase.language == code
        if not phrase.says.isdigit():
            assert phrase.says in MEANINGS
            continue
        heard = parse_answer(words_of(phrase.text), language.lexicon)
        assert heard.number == int(phrase.says), phrase


@pytest.mark.parametrize("code", LANGUAGES)
def test_all_kinds_are_said_and_half_are_numbers_of_the_tables(code: str) -> None:
    spoken = said(code)
    assert {phrase.says for phrase in spoken if not phrase.says.isdigit()} == MEANINGS
    small = [phrase for phrase in spoken if phrase.says.isdigit() and int(phrase.says) <= 100]
    assert 0.5 <= len(small) / len(spoken) < 0.6
    assert len({phrase.says for phrase in small}) > 90


def test_commands_are_spelt_as_in_the_language_file() -> None:
    skips = {phrase.text for phrase in said("hi", 3000) if phrase.says == "skip"}
    assert {"छोड़ो", "छोड़ दो"} <= skips and not any("छोड" in text and "छोड़" not in text for text in skips)


def test_the_same_seed_says_the_same() -> None:
    assert said("mr", 20) == said("mr", 20)


@pytest.mark.parametrize("code", LANGUAGES)
def test_speakers_of_commands_name_no_product(code: str) -> None:
    given = orders(load_language(code), np.random.default_rng(3), 200)
    assert {order.says for order in given} == {*COMMANDS, "appeal", "lead"}
    assert {order.language for order in given} == {code}


@pytest.mark.parametrize("code", LANGUAGES)
def test_speakers_of_hundreds_say_full_ones_and_numbers_above(code: str) -> None:
    language = load_language(code)
    spoken = hundreds(language, np.random.default_rng(3))
    for phrase in spoken:
        assert phrase.says == "appeal" or phrase.text in language.numbers[int(phrase.says)]
    numbers = [int(phrase.says) for phrase in spoken if phrase.says.isdigit()]
    assert {100, 200, 300, 400} <= set(numbers)
    assert sum(number > 100 and number % 100 > 0 for number in numbers) >= 5


@pytest.mark.parametrize("code", LANGUAGES)
def test_chatter_is_varied_and_names_no_number(code: str) -> None:
    language = load_language(code)
    said = chatter(language, np.random.default_rng(3), 300)
    assert {(phrase.language, phrase.says) for phrase in said} == {(code, "other")}
    assert len({phrase.text for phrase in said}) > 200
    for phrase in said:
        answer = parse_answer(words_of(phrase.text), language.lexicon)
        assert (answer.number, answer.command) == (None, None), phrase
        assert code == "en" or to_ipa(phrase.text, code)


@pytest.mark.parametrize(
    ("one", "other", "blend"),
    [("window", "table", "wible"), ("sun", "river", "sunver"), ("कमल", "तितली", "कमतली"), ("घोडा", "झोप", "घोप")],
)
def test_half_of_one_word_and_half_of_another(one: str, other: str, blend: str) -> None:
    assert blended(one, other) == blend


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_no_answer_names_no_number(code: str) -> None:
    language = load_language(code)
    for text in [*others(code), *LEADS[code], *TAILS[code], *YES[code]]:
        assert parse_answer(words_of(text), language.lexicon).number is None, text


@pytest.mark.parametrize("code", LANGUAGES)
def test_other_words_are_no_commands(code: str) -> None:
    language = load_language(code)
    spoken = {words_of(text) for text in (*others(code), *LEADS[code], *TAILS[code])}
    commands = {words for words, meaning in language.lexicon.phrases.items() if meaning in COMMANDS.values()}
    assert not spoken & commands


def test_far_languages_are_none_of_ours() -> None:
    assert not set(FOREIGN) & {*LANGUAGES, *OTHERS}


def test_accents_waver_but_stay_near_the_word() -> None:
    rng = np.random.default_rng(1)
    spoken = {accented("ʦəvvˈeːʧaːɭiːs", "mr", "indian", rng) for _ in range(50)}
    assert len(spoken) > 5
    assert all(word.replace("ˈ", "").startswith(("ʦə", "ʧə", "ʦʌ", "ʧʌ")) for word in spoken)


def test_native_english_is_not_changed() -> None:
    rng = np.random.default_rng(1)
    assert accented("θɹˈiː", "en", "", rng) == "θɹˈiː"
    indian = {accented("θɹˈiː", "en", "indian", rng) for _ in range(40)}
    assert "tʰɾˈiː" in indian and not any("ʈ" in word for word in indian), "dental, where a t is retroflex"
    assert "fˈɔːʈi" in {accented("fˈɔːTi", "en", "indian", rng) for _ in range(40)}, "without an American flap"
    learnt = {accented("θɹˈiː", "en", "learnt", rng) for _ in range(100)}
    assert {"s", "t", "f", "θ"} == {word[0] for word in learnt} and any("ʁ" in word for word in learnt)
