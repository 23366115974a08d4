"""Writes a trained network as the server's `numbers.onnx`: matrix products in 8 bits, other weights in 16."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from server.engines.mel import MELS

from .model import Meaning, NumbersNetwork
from .views import WINDOW_FRAMES

# Smaller tensors save nothing worth a rounding error.
_WORTH_HALVING = 20_000


class _Server(nn.Module):
    """The network without what only the training needs, its logits divided by their temperatures."""

    def __init__(self, network: NumbersNetwork, temperatures: Meaning) -> None:
        super().__init__()
        self.network, self.temperatures = network, temperatures

    def forward(self, mel: Tensor) -> tuple[Tensor, ...]:
        return tuple(logits / float(t) for logits, t in zip(self.network(mel)[0], self.temperatures))


def export(network: NumbersNetwork, temperatures: Meaning, path: Path) -> None:
    """`temperatures`: one number for each kind of logits."""
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        with torch.no_grad():
            torch.onnx.export(
                _Server(network, temperatures).eval(), (torch.zeros(1, MELS, WINDOW_FRAMES),), str(whole),
                input_names=["mel"], output_names=list(Meaning._fields), dynamic_axes={"mel": {2: "frames"}},
                opset_version=17, dynamo=False,
            )
        quantize_dynamic(
            whole, small, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"],
        )
        onnx.save(_halved(onnx.load(str(small))), str(path))


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Large float tensors kept as float16; onnxruntime widens them once, when it loads the network."""
    for tensor in list(model.graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _WORTH_HALVING:
            continue
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{tensor.name}_half")
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(half)
        model.graph.node.insert(0, helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    return model
