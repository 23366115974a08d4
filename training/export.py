"""Write a trained network as the server's `numbers.onnx`: weights of matrix products in 7 bits, others in 16.

Processors without VNNI add two products of 8 bits in 16, which overflow. Weights of 7 bits never do, so no detour is
needed, which would take a seventh longer.
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from server.asr.numbers.features import MELS

from .model import Meaning, NumbersNetwork
from .sounds import Alphabet, spellings
from .views import WINDOW_FRAMES

# Halving a smaller tensor saves too little for a rounding error.
_WORTH_HALVING = 20_000


class _Server(nn.Module):
    """The network with the server's inputs and outputs."""

    def __init__(self, network: NumbersNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, mel: Tensor) -> tuple[Tensor, ...]:
        meaning, sounds = self.network(mel)
        return *meaning, sounds


def export(network: NumbersNetwork, alphabet: Alphabet, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        with torch.no_grad():
            torch.onnx.export(
                _Server(network).eval(),
                (torch.zeros(1, MELS, WINDOW_FRAMES),),
                str(whole),
                input_names=["mel"],
                output_names=[*Meaning._fields, "sounds"],
                dynamic_axes={"mel": {2: "frames"}, "sounds": {1: "moments"}},
                opset_version=17,
                dynamo=False,
            )
        quantize_dynamic(
            whole,
            small,
            per_channel=True,
            weight_type=QuantType.QInt8,
            reduce_range=True,
            op_types_to_quantize=["MatMul", "Gemm"],
        )
        save(_halved(onnx.load(str(small))), alphabet, path)


def save(model: onnx.ModelProto, alphabet: Alphabet, path: Path) -> None:
    """Write the model with the words of today's language files, spelt in `alphabet`."""
    helper.set_model_props(model, {"spellings": json.dumps(spellings(alphabet), separators=(",", ":"))})
    onnx.save(model, str(path))


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float tensors as float16; onnxruntime widens them once, on loading."""
    for tensor in list(model.graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _WORTH_HALVING:
            continue
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{tensor.name}_half")
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(half)
        model.graph.node.insert(0, helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    return model
