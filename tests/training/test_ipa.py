"""Devanagari to phonemes: words whose spelling hides their sound."""

import unicodedata

import pytest

from server.languages import load_language
from training.ipa import UnknownWord, devanagari_word, english_word, to_ipa, with_viramas

MARATHI = {
    "एकोणपन्नास": "eːkˈoːɳpənnaːs",  # the inner schwa falls at the seam
    "एकोणऐंशी": "eːkoːɳˈəɪnʃiː",  # ... before a vowel too
    "त्र्याहत्तर": "tɾjaːhˈʌttəɾ",
    "चौऱ्याऐंशी": "ʦəʊɾjaːˈəɪnʃiː",
    "सव्वीस": "səʋʋˈiːs",
    "सतरा": "sˈʌtɾaː",
    "पंचवीस": "pˈʌnʦʋiːs",
    "पंच्याऐंशी": "pənʧjaːˈəɪnʃiː",
    "पाच": "pˈaːʦ",
    "चार": "ʧˈaːɾ",
    "चव्वेचाळीस": "ʦəʋʋeːʧaːɭˈiːs",
    "चोवीस": "ʦoːʋˈiːs",
    "छप्पन्न": "ʧʰˈʌppənn",
    "नऊ": "nəˈuː",  # the schwa of the first syllable stays
    "शून्य": "ʃˈuːnjə",  # nj cannot end a word
    "शंभर": "ʃˈʌmbʰəɾ",
    "चुकलं": "ʦˈʊkləː",
    "जवळजवळ": "ʣəʋˈʌɭʣəʋəɭ",
    "थोडक्यात": "tʰˈoːɖkjaːt",
}
HINDI = {
    "उनतालीस": "ʊntaːlˈiːs",
    "पन्द्रह": "pˈʌndɾəh",
    "ग्यारह": "ɡjˈaːɾəh",
    "छियासठ": "ʧʰɪjˈaːsəʈʰ",
    "अड़सठ": "ˈʌɽsəʈʰ",
    "सतहत्तर": "səthˈʌttəɾ",
    "चौरानबे": "ʧɔːɾˈaːnbeː",
    "पचपन": "pˈʌʧpən",
    "बावन": "bˈaːʋən",
    "शून्य": "ʃˈuːnjə",
    "पाँच": "pˈãːnʧ",
    "चौंसठ": "ʧˈɔ̃ːsəʈʰ",
    "पंचानबे": "pənʧˈaːnbeː",
    "छह": "ʧʰˈɛː",
    "नमस्ते": "nəmˈʌsteː",
    "नहीं": "nəhˈĩː",
    "दबाकर": "dəbˈaːkəɾ",
}


@pytest.mark.parametrize("word, phonemes", MARATHI.items())
def test_marathi(word: str, phonemes: str) -> None:
    assert devanagari_word(word, "mr") == unicodedata.normalize("NFD", phonemes)


@pytest.mark.parametrize("word, phonemes", HINDI.items())
def test_hindi(word: str, phonemes: str) -> None:
    assert devanagari_word(word, "hi") == unicodedata.normalize("NFD", phonemes)


def test_nukta_may_be_written_either_way() -> None:
    assert devanagari_word("अ\u095cसठ", "hi") == devanagari_word("अड\u093cसठ", "hi")


def test_sentence_keeps_punctuation_and_small_words_unstressed() -> None:
    assert to_ipa("फिर से, सात अट्ठे छप्पन।", "hi") == "pʰˈɪɾ seː, sˈaːt ˈʌʈʈʰeː ʧʰˈʌppən."


def test_english_word_that_is_not_listed_is_named() -> None:
    with pytest.raises(UnknownWord, match="zebra"):
        english_word("zebra")


def test_letter_of_another_script_is_named() -> None:
    with pytest.raises(UnknownWord, match="x"):
        devanagari_word("x", "mr")


@pytest.mark.parametrize("code", ["en", "hi", "mr"])
def test_everything_that_a_language_says_can_be_pronounced(code: str) -> None:
    for text in load_language(code).clip_texts().values():
        assert to_ipa(text, code)


@pytest.mark.parametrize("code", ["en", "hi", "mr"])
def test_no_two_numbers_sound_the_same(code: str) -> None:
    numbers = load_language(code).numbers
    assert len({to_ipa(forms[0], code) for forms in numbers.values()}) == len(numbers)


@pytest.mark.parametrize(
    ("word", "language", "spelt"),
    [
        ("सदतीस", "mr", "सद्तीस"),
        ("छप्पन्न", "mr", "छप्पन्न"),
        ("एकसष्ट", "mr", "एक्सष्ट"),
        ("सात", "hi", "सात"),
        ("इकसठ", "hi", "इक्सठ"),
    ],
)
def test_silent_schwas_are_marked_for_voices_that_read_letters(word: str, language: str, spelt: str) -> None:
    assert with_viramas(word, language) == unicodedata.normalize("NFD", spelt)
