"""The numbers network: Whisper's encoder, and a head that tells the meaning of an utterance. Needs PyTorch."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from server.asr.numbers.vocabulary import CLASSES, HUNDREDS, LANGUAGES

from .whisper import WIDTH, Encoder, pretrained

_HEAD_WIDTH = 160
_LOOKS = 6


class Meaning(NamedTuple):
    """Logits; see server.asr.numbers.vocabulary."""

    last: Tensor
    """Shape (batch, 3, 107)."""
    hundreds: Tensor
    """Shape (batch, 3, 5)."""
    appeal: Tensor
    """Shape (batch, 3)."""


class Convolution(nn.Module):
    """A convolution along time with a residual."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(_HEAD_WIDTH)
        self.convolution = nn.Conv1d(_HEAD_WIDTH, _HEAD_WIDTH, 5, padding=2 * dilation, dilation=dilation)
        self.dropout = nn.Dropout(0.15)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.dropout(F.gelu(self.convolution(self.norm(x).transpose(1, 2)).transpose(1, 2)))


class Head(nn.Module):
    """From frames of the encoder (batch, time, 768) to Meaning, and to log-probabilities of sounds."""

    def __init__(self, sounds: int) -> None:
        super().__init__()
        # Standardises the encoder's outputs, some of which are a hundred times as large as the rest.
        self.register_buffer("mean", torch.zeros(2 * WIDTH))
        self.register_buffer("deviation", torch.ones(2 * WIDTH))
        self.enter = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(2 * WIDTH, _HEAD_WIDTH), nn.LayerNorm(_HEAD_WIDTH), nn.GELU()
        )
        self.steps = nn.Sequential(Convolution(1), Convolution(1), Convolution(3))
        self.looks = nn.Linear(_HEAD_WIDTH, _LOOKS)
        self.dropout = nn.Dropout(0.15)
        blocks = len(LANGUAGES)
        self.last = nn.Linear(_LOOKS * _HEAD_WIDTH, blocks * CLASSES)
        self.hundreds = nn.Linear(_LOOKS * _HEAD_WIDTH, blocks * HUNDREDS)
        self.appeal = nn.Linear(_LOOKS * _HEAD_WIDTH, blocks)
        self.sounds = nn.Linear(_HEAD_WIDTH, sounds)

    @property
    def is_standardised(self) -> bool:
        return bool(self.mean.any())

    def forward(self, frames: Tensor) -> tuple[Meaning, Tensor]:
        x = self.enter(((frames - self.mean) / self.deviation).clamp(-6, 6))
        batch, time, width = x.shape
        # Two positions of 20 ms are one of 40 ms.
        x = self.steps(x.reshape(batch, time // 2, 2, width).mean(2))
        # Each look weights the moments differently: one may find the ten, another the unit.
        pooled = self.dropout((self.looks(x).softmax(1).transpose(1, 2) @ x).reshape(batch, -1))
        blocks = len(LANGUAGES)
        meaning = Meaning(
            self.last(pooled).view(batch, blocks, CLASSES),
            self.hundreds(pooled).view(batch, blocks, HUNDREDS),
            self.appeal(pooled),
        )
        return meaning, self.sounds(x).log_softmax(-1)


class NumbersNetwork(nn.Module):
    """The whole network: log-mel (batch, 80, frames) in, frames a multiple of four and at most 352."""

    def __init__(self, sounds: int) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.head = Head(sounds)

    @classmethod
    def untrained(cls, sounds: int) -> "NumbersNetwork":
        """Return a network with Whisper's weights in the encoder and random ones in the head."""
        network = cls(sounds)
        network.encoder = pretrained()
        return network

    def forward(self, mel: Tensor) -> tuple[Meaning, Tensor]:
        return self.head(self.encoder(mel))
