"""The encoder's convolutions are matrix products, and the served products never overflow."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import torch.nn.functional as F  # noqa: E402

from server.asr.numbers.engine import MODEL  # noqa: E402
from training.whisper import Convolution  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("stride", [1, 2])
def test_a_convolution_is_one(stride: int) -> None:
    torch.manual_seed(stride)
    x, weight, bias = torch.randn(2, 5, 12), torch.randn(7, 5, 3), torch.randn(7)
    convolution = Convolution(5, 7, stride)
    convolution.load_state_dict({"weight": weight.transpose(1, 2).flatten(1), "bias": bias})
    with torch.no_grad():
        found = convolution(x.transpose(1, 2)).transpose(1, 2)
    assert torch.allclose(found, F.conv1d(x, weight, bias, stride, padding=1), atol=1e-5)


def test_two_products_fit_into_16_bits() -> None:
    """Processors without VNNI add them; an activation is at most 255."""
    weights = [
        onnx.numpy_helper.to_array(tensor).astype(int)
        for tensor in onnx.load(str(MODEL)).graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) == 2
    ]
    assert len(weights) > 20
    assert max(2 * 255 * np.abs(weight).max() for weight in weights) < 1 << 15
