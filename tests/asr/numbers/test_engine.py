"""The numbers network on the project's own prompts. They show that it works, not how well: the training heard voices of
the same synthesiser. `training.evaluate` measures it on recordings of people."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from server.asr.errors import EngineError
from server.asr.numbers.engine import MODEL, NumbersEngine
from server.asr.numbers.vocabulary import LANGUAGES, LARGEST_NUMBER
from server.languages import load_language
from server.understanding.hypothesis import Hypothesis
from server.understanding.interpretation import interpret
from server.understanding.lexicon import Spoken
from tests.support.recordings import PROMPTS, number_samples, word_samples

pytestmark = pytest.mark.engine

PAUSE = np.zeros(8000, np.int16)


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()


def spoken(language: str, *numbers: int) -> bytes:
    """Return the numbers one after the other, half a second apart."""
    if not list(PROMPTS.glob(f"{language}/*/number-100.*")):
        pytest.skip(f"no recordings in {PROMPTS / language}")
    return b"".join(part.tobytes() for number in numbers for part in (number_samples(language, number), PAUSE))


def understand(engine: NumbersEngine, language: str, *chunks: bytes) -> Hypothesis:
    recogniser = engine.lease(language)
    recogniser.start()
    for chunk in chunks:
        recogniser.feed(chunk)
    hypothesis = recogniser.finish()
    engine.release(language, recogniser)
    return hypothesis


def best(hypothesis: Hypothesis) -> int:
    return max(hypothesis.numbers, key=hypothesis.numbers.__getitem__)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hears_the_answers_of_the_tables(engine: NumbersEngine, language: str) -> None:
    answers = sorted({left * right for left in range(1, 11) for right in range(1, 11)})
    heard = [best(understand(engine, language, spoken(language, answer))) for answer in answers]
    assert sum(map(int.__eq__, heard, answers)) >= 0.85 * len(answers)


@pytest.mark.parametrize("language", ["hi", "mr"])
def test_hears_english_inside_an_indian_language(engine: NumbersEngine, language: str) -> None:
    heard = [best(understand(engine, language, spoken("en", number))) for number in range(1, 11)]
    assert sum(map(int.__eq__, heard, range(1, 11))) >= 8


@pytest.mark.parametrize(
    ("language", "calls", "others"),
    [
        ("en", ["start", "begin", "go"], ["repeat", "banana", "fifty six"]),
        ("hi", ["शुरू", "शुरू करो", "शुरू करें", "चालू करो", "चलो"], ["नमस्ते", "केला", "छप्पन"]),
        ("mr", ["सुरू", "सुरू कर", "सुरू करू या", "चालू कर"], ["नमस्कार", "केळं", "छप्पन"]),
    ],
)
def test_hears_the_start_command(engine: NumbersEngine, language: str, calls: list[str], others: list[str]) -> None:
    def command(text: str) -> Spoken | None:
        heard = understand(engine, language, word_samples(language, text).tobytes() + PAUSE.tobytes())
        return interpret(heard, load_language(language).lexicon).command

    assert [command(text) for text in calls] == [Spoken.START] * len(calls)
    assert Spoken.START not in [command(text) for text in others]


@pytest.mark.parametrize(
    ("language", "command", "texts"),
    [
        ("en", Spoken.REPEAT, ["what was it"]),
        ("hi", Spoken.REPEAT, ["क्या कहा", "दोबारा बोलो", "नहीं सुना"]),
        ("hi", Spoken.SKIP, ["पता नहीं", "मालूम नहीं"]),
        ("hi", Spoken.STOP, ["बस हो गया"]),
        ("mr", Spoken.REPEAT, ["परत सांग"]),
        ("mr", Spoken.SKIP, ["पुढे"]),
        ("mr", Spoken.STOP, ["पुरे"]),
    ],
)
def test_hears_commands_by_their_sounds(
    engine: NumbersEngine, language: str, command: Spoken, texts: list[str]
) -> None:
    """The meaning misses these commands, because the network was trained on few of them or none."""
    heard = [understand(engine, language, word_samples(language, text).tobytes() + PAUSE.tobytes()) for text in texts]
    assert [interpret(one, load_language(language).lexicon).command for one in heard] == [command] * len(texts)


@pytest.mark.parametrize(
    ("language", "text", "command", "number"),
    [
        ("hi", "मैंने छप्पन कहा था", Spoken.APPEAL, 56),
        ("hi", "नहीं मैंने चौवन कहा", Spoken.APPEAL, 54),
        ("mr", "नाही मी चोपन्न म्हणाले", Spoken.APPEAL, 54),
        ("mr", "मी त्रेसष्ट म्हटलं", Spoken.APPEAL, 63),
        ("mr", "मी एकवीस म्हटलं", Spoken.APPEAL, 21),
        ("hi", "सात अट्ठे छप्पन", None, 56),
        ("mr", "सात आठे छप्पन्न", None, 56),
    ],
)
def test_hears_an_objection_around_its_number(
    engine: NumbersEngine, language: str, text: str, command: Spoken | None, number: int
) -> None:
    heard = understand(engine, language, word_samples(language, text).tobytes() + PAUSE.tobytes())
    interpretation = interpret(heard, load_language(language).lexicon)
    assert (interpretation.command, interpretation.best[0]) == (command, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_is_no_command(engine: NumbersEngine, language: str) -> None:
    heard = [understand(engine, language, spoken(language, number)) for number in range(1, 101)]
    assert not any(interpret(one, load_language(language).lexicon).command for one in heard)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_number_wins(engine: NumbersEngine, language: str) -> None:
    assert best(understand(engine, language, spoken(language, 48, 56))) == 56


def test_the_cut_into_chunks_makes_no_difference(engine: NumbersEngine) -> None:
    audio = spoken("en", 42)
    whole = understand(engine, "en", audio)
    assert understand(engine, "en", *(audio[start : start + 1000] for start in range(0, len(audio), 1000))) == whole


def test_threads_share_the_network(engine: NumbersEngine) -> None:
    clips = [spoken("mr", number) for number in range(10, 50, 5)]
    alone = [understand(engine, "mr", clip) for clip in clips]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda clip: understand(engine, "mr", clip), clips)) == alone


def test_belief_grows_with_the_audio_and_start_forgets(engine: NumbersEngine) -> None:
    audio = spoken("en", 42)
    recogniser = engine.lease("en")
    recogniser.start()
    assert recogniser.partial() == Hypothesis()
    recogniser.feed(audio)
    assert best(recogniser.partial()) == best(recogniser.finish()) == 42
    recogniser.start()
    assert recogniser.finish() == Hypothesis()


def test_noise_is_no_answer(engine: NumbersEngine) -> None:
    noise = np.random.default_rng(0).normal(0, 1000, 16_000).astype("<i2").tobytes()
    heard = understand(engine, "en", noise)
    assert set(heard.numbers) == set(range(LARGEST_NUMBER + 1))
    assert sum(heard.numbers.values()) + sum(heard.commands.values()) < 1
    assert max(*heard.numbers.values(), *heard.commands.values(), heard.appeal) < 0.5


@pytest.mark.parametrize("size", [0, 2, 638, 640, 200_000, 400_000])
def test_any_length_is_taken(engine: NumbersEngine, size: int) -> None:
    noise = np.random.default_rng(0).normal(0, 3000, size // 2).astype("<i2").tobytes()
    for audio in (bytes(size), noise):
        heard = understand(engine, "hi", audio)
        shares = [*heard.numbers.values(), *heard.commands.values()]
        assert all(0 <= share < 0.5 for share in (*shares, heard.appeal)), "nothing was said"
        assert 0 <= sum(shares) <= 1 + 1e-6


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no numbers network") as caught:
        NumbersEngine(tmp_path / "none.onnx")
    assert caught.value.code == "model_missing"


@pytest.mark.parametrize("size", [0, 1000, 5_000_000])
def test_a_truncated_model_says_so(tmp_path: Path, size: int) -> None:
    path = tmp_path / "numbers.onnx"
    path.write_bytes(MODEL.read_bytes()[:size])
    with pytest.raises(EngineError, match="fetch it again") as caught:
        NumbersEngine(path)
    assert caught.value.code == "model_broken"


def test_only_its_own_languages(engine: NumbersEngine) -> None:
    assert engine.speaks("mr") and not engine.speaks("ko")
    with pytest.raises(EngineError):
        engine.lease("ko")
