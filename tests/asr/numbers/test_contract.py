"""The contract between the engine and a numbers network: a tiny network of the same shape, and others."""

import json
from pathlib import Path

import numpy as np
import pytest

from server.asr.errors import EngineError
from server.asr.numbers.engine import NumbersEngine
from server.asr.numbers.features import MELS
from server.asr.numbers.vocabulary import CLASSES, HUNDREDS, LANGUAGES, LARGEST_NUMBER
from server.audio import SAMPLE_BYTES, SAMPLE_RATE
from server.understanding.hypothesis import Hypothesis

onnx = pytest.importorskip("onnx")

OUTPUTS = {"last": CLASSES, "hundreds": HUNDREDS, "appeal": 1}


def save_network(path: Path, outputs: dict[str, int]) -> Path:
    """Save a network that weights the mean of each mel at random, with these outputs for each language."""
    random = np.random.default_rng(0)
    nodes = [onnx.helper.make_node("ReduceMean", ["mel"], ["mean"], axes=[2], keepdims=0)]
    constants, results = [], []
    for name, size in outputs.items():
        shape = (1, len(LANGUAGES), size) if size > 1 else (1, len(LANGUAGES))
        weights = random.normal(0, 1, (MELS, len(LANGUAGES) * size)).astype(np.float32)
        constants += [
            onnx.numpy_helper.from_array(weights, f"{name}_weights"),
            onnx.numpy_helper.from_array(np.array(shape), f"{name}_shape"),
        ]
        nodes += [
            onnx.helper.make_node("MatMul", ["mean", f"{name}_weights"], [f"{name}_flat"]),
            onnx.helper.make_node("Reshape", [f"{name}_flat", f"{name}_shape"], [name]),
        ]
        results.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
    nodes += [
        onnx.helper.make_node("Transpose", ["mel"], ["moments"], perm=[0, 2, 1]),
        onnx.helper.make_node("LogSoftmax", ["moments"], ["sounds"], axis=2),
    ]
    results.append(onnx.helper.make_tensor_value_info("sounds", onnx.TensorProto.FLOAT, (1, "frames", MELS)))
    mel = onnx.helper.make_tensor_value_info("mel", onnx.TensorProto.FLOAT, (1, MELS, "frames"))
    graph = onnx.helper.make_graph(nodes, "tiny", [mel], results, constants)
    opset = onnx.helper.make_opsetid("", 17)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)
    forms = {number: [[number % 70 + 1, number // 70 + 1]] for number in range(LARGEST_NUMBER + 1)}
    onnx.helper.set_model_props(model, {"spellings": json.dumps(dict.fromkeys(LANGUAGES, forms))})
    onnx.save(model, str(path))
    return path


class Watched:
    """A session that records how many frames it was given."""

    def __init__(self, session: object) -> None:
        self._session = session
        self.frames: list[int] = []

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert inputs["mel"].shape[:2] == (1, MELS)
        self.frames.append(inputs["mel"].shape[2])
        return self._session.run(outputs, inputs)  # type: ignore[attr-defined]


@pytest.fixture
def engine(tmp_path: Path) -> NumbersEngine:
    engine = NumbersEngine(save_network(tmp_path / "tiny.onnx", OUTPUTS))
    engine._session = Watched(engine._session)
    return engine


def word(ms: int) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 3000, SAMPLE_RATE * ms // 1000)


def quiet(ms: int) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 3, SAMPLE_RATE * ms // 1000)


def understand(engine: NumbersEngine, *parts: np.ndarray) -> Hypothesis:
    recogniser = engine.lease("mr")
    recogniser.start()
    recogniser.feed(np.concatenate(parts).astype("<i2").tobytes())
    return recogniser.finish()


def test_a_hypothesis_comes_out(engine: NumbersEngine) -> None:
    heard = understand(engine, quiet(300), word(500), quiet(300))
    assert set(heard.numbers) == set(range(LARGEST_NUMBER + 1))
    assert 0.5 < sum(heard.numbers.values()) + sum(heard.commands.values()) < 1
    assert 0 < heard.appeal < 1


@pytest.mark.parametrize("ms", [100, 333, 1000, 3315, 3320, 3325, 9000])
def test_the_network_gets_multiples_of_four_frames_and_no_more_than_it_can_take(engine: NumbersEngine, ms: int) -> None:
    understand(engine, word(ms))
    (frames,) = engine._session.frames
    assert frames % 4 == 0
    assert min(ms / 10 + 20, 352) <= frames <= min(ms / 10 + 24, 352)


def test_pauses_inside_an_answer_are_heard_and_those_around_it_are_not(engine: NumbersEngine) -> None:
    understand(engine, quiet(2000), word(300), quiet(700), word(300), quiet(2000))
    assert engine._session.frames == [pytest.approx((300 + 700 + 300 + 2 * 200 + 2 * 100) / 10, abs=6)]


@pytest.mark.parametrize(
    "silence", [np.zeros(0), np.zeros(SAMPLE_RATE), quiet(1000)[:300]], ids=["none", "digital", "a moment"]
)
def test_silence_is_taken_at_no_more_than_one_run(engine: NumbersEngine, silence: np.ndarray) -> None:
    assert sum(understand(engine, silence).numbers.values()) < 1
    assert len(engine._session.frames) <= 1


def test_without_news_it_is_not_asked_again(engine: NumbersEngine) -> None:
    recogniser = engine.lease("en")
    recogniser.feed(bytes(SAMPLE_BYTES * SAMPLE_RATE))
    assert recogniser.partial() is recogniser.partial()
    assert recogniser.finish() == recogniser.finish()
    assert len(engine._session.frames) <= 1


@pytest.mark.parametrize(
    "outputs",
    [{"cls": 102}, {"last": CLASSES}, {**OUTPUTS, "last": 102}, {**OUTPUTS, "hundreds": 4}, {**OUTPUTS, "appeal": 2}],
    ids=["the first network's", "incomplete", "fewer classes", "fewer hundreds", "another appeal"],
)
def test_another_network_is_refused(tmp_path: Path, outputs: dict[str, int]) -> None:
    with pytest.raises(EngineError, match="another network") as caught:
        NumbersEngine(save_network(tmp_path / "other.onnx", outputs))
    assert caught.value.code == "model_broken"
