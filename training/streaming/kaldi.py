"""Kaldi's binary files: reading the parameters of an nnet3 model, and writing one.

The format is that of kaldi/src/base/io-funcs and matrix/: tokens end in a space, numbers follow a byte with their size,
arrays follow a token with their type. All little-endian.
"""

import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_COMPONENT = re.compile(rb"<ComponentName> (\S+) <(\w+)> (.*?)</\2> ", re.DOTALL)
_HEADER = b"\0B"


@dataclass(frozen=True)
class Component:
    """A component of an nnet3 network, as its bytes."""

    content: bytes

    def array(self, field: str) -> np.ndarray:
        """A vector (n,) or a matrix (rows, columns), float32."""
        kind, at = self._after(field, 3)
        shape = [self._int(at + 5 * axis) for axis in range(1 + (kind == b"FM "))]
        values = np.frombuffer(self.content, "<f4", int(np.prod(shape)), at + 5 * len(shape))
        return values.reshape(shape).copy()

    def number(self, field: str) -> float:
        _, at = self._after(field, 1)
        return struct.unpack_from("<f", self.content, at)[0]

    def offsets(self) -> list[int]:
        """The moments that a time-delay layer sees, in frames."""
        _, at = self._after("TimeOffsets", 0)
        return np.frombuffer(self.content, "<i4", self._int(at), at + 5).tolist()

    def _after(self, field: str, size: int) -> tuple[bytes, int]:
        """The `size` bytes that follow the name of a field, and where they end."""
        token = f"<{field}> ".encode()
        at = self.content.index(token) + len(token)
        return self.content[at : at + size], at + size

    def _int(self, at: int) -> int:
        return struct.unpack_from("<i", self.content, at + 1)[0]


def read_components(path: Path) -> dict[str, Component]:
    """The components of an nnet3 model by name."""
    return {name.decode(): Component(content) for name, _, content in _COMPONENT.findall(path.read_bytes())}


def tokens(*names: str) -> bytes:
    return "".join(f"{name} " for name in names).encode()


def integer(value: int) -> bytes:
    return b"\4" + struct.pack("<i", value)


def real(value: float) -> bytes:
    return b"\4" + struct.pack("<f", value)


def double(value: float) -> bytes:
    return b"\x08" + struct.pack("<d", value)


def integers(values: Iterable[int]) -> bytes:
    values = np.asarray(list(values), "<i4")
    return integer(len(values)) + values.tobytes()


def vector(values: Sequence[float] | np.ndarray) -> bytes:
    return b"FV " + integer(len(values)) + np.asarray(values, "<f4").tobytes()


def matrix(values: np.ndarray) -> bytes:
    rows, columns = values.shape
    return b"FM " + integer(rows) + integer(columns) + np.ascontiguousarray(values, "<f4").tobytes()


def rounded_matrix(values: np.ndarray) -> bytes:
    """With 8 bits for each number, in equal steps from the least to the greatest: a quarter of the size."""
    low, span, steps = _steps(values)
    return b"CM3 " + struct.pack("<ffii", low, span, *values.shape) + steps.tobytes()


def rounded(values: np.ndarray) -> np.ndarray:
    """What is read again of a `rounded_matrix`."""
    low, span, steps = _steps(values)
    return (low + span / 255 * steps).astype(np.float32)


def _steps(values: np.ndarray) -> tuple[float, float, np.ndarray]:
    low = float(values.min())
    span = max(float(values.max()) - low, 1e-9)
    return low, span, np.round((values - low) / span * 255).astype(np.uint8)


class Nnet:
    """An nnet3 network under construction: each method adds a node behind others and returns its name.

    Weights are of shape (outputs, offsets x inputs): a node sees its source at so many frames from its own.
    """

    def __init__(self, inputs: int) -> None:
        self._nodes = [f"input-node name=input dim={inputs}"]
        self._components: list[bytes] = []

    def affine(
        self, source: str, offsets: Sequence[int], weights: np.ndarray, bias: np.ndarray | None, exact: bool = False
    ) -> str:
        """Weighted sums, the weights of 8 bits unless `exact`."""
        bias = np.zeros(len(weights)) if bias is None else bias
        seen = ", ".join(f"Offset({source}, {offset})" if offset else source for offset in offsets)
        written = matrix(weights) if exact else rounded_matrix(weights)
        content = tokens("<LinearParams>") + written + tokens("<BiasParams>") + vector(bias)
        return self._add(f"Append({seen})" if len(offsets) > 1 else seen, "FixedAffineComponent", content)

    def rectified(self, source: str, size: int) -> str:
        return self._add(source, "RectifiedLinearComponent", _nonlinearity(size))

    def log_softmax(self, source: str, size: int) -> str:
        return self._add(source, "LogSoftmaxComponent", _nonlinearity(size))

    def scaled(self, source: str, scale: np.ndarray, shift: np.ndarray) -> str:
        scaled = self._add(source, "FixedScaleComponent", tokens("<Scales>") + vector(scale))
        return self._add(scaled, "FixedBiasComponent", tokens("<Bias>") + vector(shift))

    def sum(self, first: str, second: str, share: float, size: int) -> str:
        """`share` of the first and all of the second."""
        content = tokens("<Dim>") + integer(size) + tokens("<BackpropScale>") + real(1)
        return self._add(f"Sum(Scale({share}, {first}), {second})", "NoOpComponent", content)

    def _add(self, source: str, kind: str, content: bytes) -> str:
        name = f"n{len(self._components)}"
        self._nodes.append(f"component-node name={name} component={name} input={source}")
        self._components.append(tokens("<ComponentName>", name, f"<{kind}>") + content + tokens(f"</{kind}>"))
        return name

    def write(self, path: Path, output: str, pdfs: Sequence[int]) -> None:
        """An acoustic model: this network, and phones of one state each, of which phone i has the score pdfs[i - 1]."""
        nodes = "\n".join([*self._nodes, f"output-node name=output input={output} objective=linear"])
        path.write_bytes(
            b"".join(
                [
                    _HEADER,
                    _transitions(pdfs),
                    tokens("<Nnet3>"),
                    f"\n{nodes}\n\n".encode(),
                    tokens("<NumComponents>"),
                    integer(len(self._components)),
                    *self._components,
                    tokens("</Nnet3>"),
                    tokens("<LeftContext>"),
                    integer(0),
                    tokens("<RightContext>"),
                    integer(0),
                    tokens("<Priors>"),
                    vector([]),
                ]
            )
        )


def _nonlinearity(size: int) -> bytes:
    return b"".join(
        [
            tokens("<Dim>"),
            integer(size),
            tokens("<ValueAvg>"),
            vector([]),
            tokens("<DerivAvg>"),
            vector([]),
            tokens("<Count>"),
            double(0),
        ]
    )


def _transitions(pdfs: Sequence[int]) -> bytes:
    """Hidden Markov models of one state that goes on (transition 2p - 1 of phone p) or begins (2p)."""
    count = len(pdfs)
    half = integer(0) + real(0.5) + integer(1) + real(0.5)
    topology = [integers(range(1, count + 1)), integers([-1] + [0] * count), integer(1), integer(2)]
    states = [integer(0), integer(2), half, integer(-1), integer(0)]
    tuples = [integer(phone) + integer(0) + integer(pdf) * 2 for phone, pdf in enumerate(pdfs, 1)]
    return b"".join(
        [
            tokens("<TransitionModel>", "<Topology>"),
            *topology,
            *states,
            tokens("</Topology>", "<Tuples>"),
            integer(count),
            *tuples,
            tokens("</Tuples>", "<LogProbs>"),
            vector([0.0] + [np.log(0.5)] * (2 * count)),
            tokens("</LogProbs>", "</TransitionModel>"),
        ]
    )
