"""What children say and mean, in each language."""

import pytest

from server.languages import load_language
from server.understanding.lexicon import Spoken
from server.understanding.parse import Answer, parse_answer
from server.understanding.text import digits_value, words_of

ENGLISH = [
    ("fifty-six", 56),
    ("Fifty six.", 56),
    ("um fifty um six", 56),
    ("it's fifty six", 56),
    ("the answer is 56", 56),
    ("fifty and six", 56),
    ("forty-eight, no, fifty-six", 56),
    ("forty eight fifty six", 56),
    ("one hundred", 100),
    ("a hundred", 100),
    ("seven eights are fifty-six", 56),
    ("seven times eight is fifty six", 56),
    ("seven eights fifty six", 56),
    ("56", 56),
    ("५६", 56),
    ("no, fifty-six", 56),
    ("seven eights", None),
    ("seven times eight equals", None),
    ("banana", None),
    ("", None),
    ("fifty, no", None),
    ("fifty [unk]", 50),
    ("twenty twenty four", 24),
    ("seven", 7),
    ("eight", 8),
    ("zero", 0),
    ("one hundred and fifty-six", 156),
    ("two hundred six", 206),
    ("one hundred, um, and five", 105),
    ("four hundred", 400),
    ("two, a hundred", 100),
    ("a hundred, no, fifty", 50),
]
MARATHI = [
    ("छप्पन्न", 56),
    ("पन्नास सहा", 56),
    ("सात आठे छप्पन्न", 56),
    ("सात आठे", None),
    ("अठ्ठेचाळीस नाही छप्पन्न", 56),
    ("fifty six", 56),
    ("शंभर", 100),
    ("एकशे", 100),
    ("तेहेतीस", 33),
    ("चौऱ्याहत्तर", 74),
    ("चौर्‍याहत्तर", 74),
    ("५६", 56),
    ("56", 56),
    ("पाणी", None),
    ("साठ", 60),
    ("सात", 7),
    ("एकोणपन्नास", 49),
    ("वीस एक", 21),
    ("बे एके बे", 2),
    ("एक्क्यांशी", 81),
    ("पावणे दोनशे", 175),
    ("एक मिनिट", None),
    ("थांब जरा", None),
]
HINDI = [
    ("छप्पन", 56),
    ("सात अट्ठे छप्पन", 56),
    ("सात अट्ठे", None),
    ("अड़तालीस नहीं छप्पन", 56),
    ("अडतालीस", 48),
    ("पाँच", 5),
    ("पांच", 5),
    ("छः", 6),
    ("छह", 6),
    ("छे", 6),
    ("साठ", 60),
    ("सात", 7),
    ("पचपन", 55),
    ("fifty six", 56),
    ("सौ", 100),
    ("निन्यानवे", 99),
    ("५६", 56),
    ("चवालीस", 44),
    ("पानी", None),
    ("सवा दो सौ", 225),
    ("छप्पन है ना", 56),
    ("ना, छप्पन", 56),
    ("एक मिनट", None),
    ("रुको ज़रा", None),
]
CASES = [("en", *case) for case in ENGLISH] + [("mr", *case) for case in MARATHI] + [("hi", *case) for case in HINDI]


@pytest.mark.parametrize(("language", "said", "meant"), CASES)
def test_the_number_that_was_meant(language: str, said: str, meant: int | None) -> None:
    answer = parse_answer(words_of(said), load_language(language).lexicon, question=(7, 8))
    assert (answer.number, answer.command) == (meant, None)


@pytest.mark.parametrize("language", ["en", "mr", "hi"])
def test_every_spoken_form_of_every_number_is_understood(language: str) -> None:
    loaded = load_language(language)
    for number, forms in loaded.numbers.items():
        for form in forms:
            assert parse_answer(words_of(form), loaded.lexicon).number == number, form


@pytest.mark.parametrize("language", ["en", "mr", "hi"])
def test_a_chanted_fact_is_its_answer_and_a_chanted_question_is_none(language: str) -> None:
    loaded = load_language(language)
    for left in range(1, 11):
        for right in range(1, 11):
            texts = loaded.clip_texts()
            said = words_of(texts[f"fact-{left}-{right}"])
            assert parse_answer(said, loaded.lexicon, (left, right)).number == left * right, said
            echo = words_of(texts[f"question-{left}-{right}"])
            assert parse_answer(echo, loaded.lexicon, (left, right)) == Answer(), echo


@pytest.mark.parametrize("language", ["en", "mr", "hi"])
@pytest.mark.parametrize("command", [Spoken.REPEAT, Spoken.SKIP, Spoken.STOP, Spoken.START, Spoken.APPEAL])
def test_every_command_phrase_is_its_command(language: str, command: Spoken) -> None:
    lexicon = load_language(language).lexicon
    phrases = [phrase for phrase, meaning in lexicon.phrases.items() if meaning is command]
    assert phrases
    for phrase in phrases:
        assert parse_answer(phrase, lexicon, (7, 8)).command is command


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "no, I said fifty-six"),
        ("hi", "मैंने कहा छप्पन"),
        ("mr", "मी म्हटलं छप्पन्न"),
        ("hi", "मैंने छप्पन कहा था"),
        ("hi", "नहीं, मैंने तो छप्पन बोला"),
        ("mr", "मी छप्पन्न म्हणालो होतो"),
        ("mr", "नाही, मी पन्नास सहा सांगितलं"),
    ],
)
def test_an_appeal_keeps_its_number(language: str, said: str) -> None:
    assert parse_answer(words_of(said), load_language(language).lexicon, (7, 8)) == Answer(56, Spoken.APPEAL)


@pytest.mark.parametrize("language", ["hi", "mr"])
def test_the_page_words_an_objection_as_it_is_understood(language: str) -> None:
    loaded = load_language(language)
    shown = loaded.ui["appeal"].format(number=loaded.numbers[56][0])
    assert parse_answer(words_of(shown), loaded.lexicon) == Answer(56, Spoken.APPEAL)


@pytest.mark.parametrize(
    ("language", "said", "in_turn"),
    [
        ("en", "five six", (5, 6)),
        ("en", "one oh eight", (1, 0, 8)),
        ("en", "one um zero eight", (1, 0, 8)),
        ("en", "forty eight fifty six", (48, 56)),
        ("en", "forty-eight, no, fifty-six", ()),
        ("en", "fifty six", ()),
        ("en", "twenty twenty four", ()),
        ("en", "fifty six fifty six", ()),
        ("en", "one hundred and five", ()),
        ("en", "stop five", ()),
        ("en", "five stop six", ()),
        ("en", "one two three", (1, 2, 3)),
        ("hi", "पांच छह", (5, 6)),
        ("hi", "सौ पाँच", ()),
        ("hi", "अड़तालीस छप्पन", (48, 56)),
        ("hi", "five six", (5, 6)),
        ("mr", "पाच सहा", (5, 6)),
        ("mr", "पन्नास सहा", ()),
        ("mr", "अठ्ठेचाळीस छप्पन्न", (48, 56)),
        ("mr", "सात आठे छप्पन्न", ()),
        ("hi", "सात अट्ठे छप्पन", ()),
    ],
)
def test_numbers_that_are_said_in_turn(language: str, said: str, in_turn: tuple[int, ...]) -> None:
    assert parse_answer(words_of(said), load_language(language).lexicon, (7, 8)).in_turn == in_turn


def test_an_answer_after_a_command_is_an_answer() -> None:
    assert parse_answer(words_of("I don't know, fifty six"), load_language("en").lexicon) == Answer(56)


@pytest.mark.parametrize(
    ("said", "extendable"),
    [
        ("fifty", True),
        ("fifty six", False),
        ("six", False),
        ("twenty no fifty", True),
        ("two", False),
        ("one", True),
        ("one hundred", False),
    ],
)
def test_what_may_go_on(said: str, extendable: bool) -> None:
    assert parse_answer(words_of(said), load_language("en").answering(100).lexicon).extendable is extendable


def test_where_answers_are_larger_more_may_go_on() -> None:
    lexicon = load_language("en").answering(144).lexicon
    extendable = [
        said
        for said in ("one hundred", "two", "six", "two hundred and ten")
        if parse_answer(words_of(said), lexicon).extendable
    ]
    assert extendable == ["one hundred", "two"]


def test_digits_are_read_in_both_scripts_and_no_further() -> None:
    assert [digits_value(word) for word in ("56", "५६", "x", "12345", "²")] == [56, 56, None, None, None]
