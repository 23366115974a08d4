"""The beginnings of answers."""

import pytest

from server.languages import load_language


@pytest.mark.parametrize(
    ("language", "answer", "begun", "rest"),
    [
        ("en", 36, 30, 6),
        ("en", 36, 3, 6),
        ("en", 105, 100, 5),
        ("en", 256, 200, 56),
        ("en", 56, 5, 6),
        ("en", 50, 5, 0),
        ("en", 156, 1, 56),
        ("en", 108, 1, 8),
        ("hi", 56, 5, 6),
        ("hi", 105, 100, 5),
        ("hi", 105, 1, 105),
        ("hi", 205, 200, 5),
        ("mr", 56, 5, 6),
        ("mr", 56, 50, 6),
        ("mr", 105, 100, 5),
        ("mr", 356, 300, 56),
    ],
)
def test_an_answer_begins_as_the_language_says_it_or_with_its_first_digit(
    language: str, answer: int, begun: int, rest: int
) -> None:
    assert rest in load_language(language).lexicon.beginnings(answer)[begun]


@pytest.mark.parametrize(
    ("language", "answer", "other"),
    [
        ("en", 36, 6),
        ("en", 36, 20),
        ("en", 30, 30),
        ("en", 13, 3),
        ("hi", 36, 30),
        ("hi", 36, 6),
        ("mr", 36, 6),
        ("mr", 105, 5),
        ("hi", 6, 6),
    ],
)
def test_other_numbers_are_no_beginnings(language: str, answer: int, other: int) -> None:
    assert other not in load_language(language).lexicon.beginnings(answer)
