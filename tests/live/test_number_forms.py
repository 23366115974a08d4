"""Numbers as children say them: each way that the language files list, in two voices, through a live session.

The network's meaning was taught the usual names. What it does not know is told by its sounds, or asked for again.
"""

import tomllib
from collections.abc import Iterator

import pytest

from server.asr.numbers.engine import NumbersEngine
from server.asr.numbers.vocabulary import LANGUAGES
from server.drill.judging import Verdict
from server.languages import FOLDER, load_language
from server.languages.number_words import by_number
from tests.support.recordings import words_samples
from training.live import ask
from training.sounds import Alphabet

pytestmark = [pytest.mark.engine, pytest.mark.slow]

VOICES = ("f3", "m3")
# Said by putting other numbers one after the other; no list has them.
PUT_TOGETHER = {
    "en": {
        "five six": 56,
        "seven two": 72,
        "four oh": 40,
        "one oh five": 105,
        "one nought eight": 108,
        "one twenty": 120,
        "two fifty six": 256,
        "a hundred": 100,
        "one hundred and five": 105,
        "hundred and five": 105,
        "hundred five": 105,
        "four hundred": 400,
    },
    "hi": {
        "पाँच छह": 56,
        "सात दो": 72,
        "चार शून्य": 40,
        "एक शून्य आठ": 108,
        "एक ज़ीरो आठ": 108,
        "सौ पाँच": 105,
        "एक सौ और पाँच": 105,
        "five six": 56,
        "fifty six": 56,
    },
    "mr": {
        "पाच सहा": 56,
        "सात दोन": 72,
        "एक शून्य आठ": 108,
        "पन्नास सहा": 56,
        "साठ आठ": 68,
        "दोनशे पन्नास सहा": 256,
        "शंभर पाच": 105,
        "fifty six": 56,
    },
}
# What has to be said again. Whoever makes the network hear one of these takes it off the list.
NOT_UNDERSTOOD = {
    ("en", "f3"): set(),
    ("en", "m3"): {"five six"},
    ("hi", "f3"): {"तेइस", "सैतीस", "पौन सौ", "डेढ़ सौ", "ढाई सौ", "साढ़े तीन सौ", "एक शून्य आठ", "एक ज़ीरो आठ"},
    ("hi", "m3"): {"पौन सौ", "डेढ़ सौ", "ढाई सौ", "अढ़ाई सौ", "पाँच छह", "five six", "एक शून्य आठ", "एक ज़ीरो आठ"},
    ("mr", "f3"): {"झिरो", "बे", "श्यांशी", "पाऊणशे", "सव्वा शे", "दीडशे", "अडीचशे", "पावणेचारशे", "साठ आठ"},
    ("mr", "m3"): {"झिरो", "झीरो", "श्यांशी", "दीडशे", "अडीचशे", "साठ आठ"},
}


def listed(code: str) -> Iterator[tuple[str, int]]:
    """The other ways to say a number that sound unlike those before them."""
    alphabet = Alphabet()
    language = load_language(code)
    for number, forms in by_number(tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))["numbers"]).items():
        assert set(forms) <= set(language.numbers[number])
        sounding = {tuple(alphabet.labels(code, [form])): form for form in reversed(forms)}
        yield from ((form, number) for form in sounding.values() if form != forms[0])


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_way_to_say_a_number_is_understood_or_asked_for_again(
    engine: NumbersEngine, code: str, voice: str
) -> None:
    language, ways = load_language(code), {**dict(listed(code)), **PUT_TOGETHER[code]}
    said = zip(ways.items(), words_samples(code, list(ways), voice), strict=True)
    verdicts = {form: ask(samples, number, engine, language).verdict for (form, number), samples in said}
    assert Verdict.WRONG not in verdicts.values()
    assert {form for form, verdict in verdicts.items() if verdict is Verdict.UNSURE} == NOT_UNDERSTOOD[code, voice]


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()
