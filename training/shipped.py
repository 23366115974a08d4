"""Read the server's `numbers.onnx` back into a network that can be trained.

`python -m training.shipped` respells the words of today's language files in it, without training: a new command, or a
new way to say a number, is then recognised by its sounds.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, numpy_helper

from server.asr.numbers.engine import MODEL
from server.asr.numbers.rescoring import read_spellings

from .export import save
from .model import NumbersNetwork
from .sounds import Alphabet, spellings

_PREFIX, _HALF = "network.", "_half"


def shipped(path: Path = MODEL) -> tuple[NumbersNetwork, Alphabet]:
    """Return the served network, with rounded weights and its calibration, and its alphabet of sounds.

    Raises ValueError if it does not fit today's code, or its sounds are not those of today's language files.
    """
    model, alphabet = onnx.load(str(path)), Alphabet()
    network = NumbersNetwork(alphabet.size)
    weights = {name: torch.from_numpy(array.copy()) for name, array in _weights(model)}
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"{path} is not of today's making: {error}") from error
    told, today = {entry.key: entry.value for entry in model.metadata_props}, spellings(alphabet)
    for code, words in read_spellings(told["spellings"]).items():
        numbers = {word: forms for word, forms in words.items() if isinstance(word, int)}
        if any(form not in today[code][number] for number, forms in numbers.items() for form in forms):
            raise ValueError(f"{path} spells the numbers otherwise than today's language files: its sounds are others")
    return network.eval(), alphabet


def _weights(model: ModelProto) -> Iterator[tuple[str, np.ndarray]]:
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for name, array in arrays.items():
        if name.startswith(_PREFIX) and array.dtype in (np.float32, np.float16) and not name.endswith("_scale"):
            yield name.removeprefix(_PREFIX).removesuffix(_HALF), array.astype(np.float32)
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            stem = node.input[1].removesuffix("_quantized")
            # Symmetric, a scale for each column.
            yield f"{_module(node.name)}.weight", (arrays[node.input[1]] * arrays[f"{stem}_scale"]).T


def _module(node: str) -> str:
    """Return the module of a product: "/network/head/enter/enter.1/MatMul_quant" -> "head.enter.1"."""
    parts = node.split("/")[2:-1]
    # A part of a sequence repeats the sequence's name.
    inners = [*parts[1:], ""]
    return ".".join(part for part, inner in zip(parts, inners, strict=True) if not inner.startswith(f"{part}."))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training.shipped", description="Spells the words of today's language files in the network."
    )
    parser.add_argument("--model", type=Path, default=MODEL, help="the network, which is overwritten")
    path = parser.parse_args().model
    _, alphabet = shipped(path)
    save(onnx.load(str(path)), alphabet, path)


if __name__ == "__main__":
    main()
