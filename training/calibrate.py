"""Calibrate the network's probabilities and write the server's model: `python -m training.calibrate`.

The temperatures (Guo et al., "On calibration of modern neural networks", 2017) and the offsets of "none of these" and
of the commands (Alexandari et al., "Maximum likelihood with bias-corrected calibration", 2020) are those of least
cross-entropy on the held-out voices that calibrate, half of them clean and half in all the noise of the training,
mixed as in a drill.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from server.asr.numbers.engine import MODEL
from server.asr.numbers.vocabulary import CLASSES, LANGUAGES, NONE, REMAINDERS
from server.dialogue.turn import CALIBRATED_SHARE

from .corpus import held_out
from .export import export
from .losses import listeners
from .model import Meaning, NumbersNetwork
from .train import LAST, trained
from .views import Composer, Target, View, batch, plain

# The shares, among the utterances that the detector passes, of those that are neither number nor command, and of
# commands. Estimates: no drill of children has been counted; a child mostly answers, but a classroom talks. Without the
# commands' offset, a short "four" was taken for "no" (docs/experiments.md).
NONE_SHARE = 1 - CALIBRATED_SHARE
COMMANDS_SHARE = 0.02
_TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(2), 25))
_OFFSETS = np.linspace(-1, 4, 11)


class Calibration(NamedTuple):
    """The values that calibrate the logits."""

    temperatures: Meaning
    """One for each kind of logits."""
    none_offset: float
    """Subtracted from the divided logit of "none of these"."""
    commands_offset: float
    """Subtracted from the divided logits of the commands."""


def meanings(network: NumbersNetwork, views: Iterable[View]) -> tuple[Meaning, list[Target]]:
    """Return the logits for the views and what the views mean, the shortest first."""
    views = sorted(views, key=lambda view: view.mel.shape[1])
    parts = []
    with torch.no_grad():
        for at in range(0, len(views), 16):
            parts.append(network(torch.from_numpy(batch(views[at : at + 16])))[0])
    return Meaning(*(torch.cat(logits) for logits in zip(*parts, strict=True))), [view.target for view in views]


def calibration(meaning: Meaning, targets: Sequence[Target]) -> Calibration:
    """Fit the calibration to what a listener of the speaker's own language hears."""
    rows, kinds, weights = _as_in_a_drill(targets)
    own = torch.tensor([LANGUAGES.index(targets[row].language) for row in rows])
    hundreds = torch.tensor([max(0, targets[row].hundreds) for row in rows])
    appeals = torch.tensor([float(targets[row].appeal) for row in rows])
    wanted = torch.tensor([targets[row].last for row in rows])
    heard = _as_heard(meaning.last, targets, rows)
    numbers, above, appeal = kinds == 0, meaning.hundreds[rows, own], meaning.appeal[rows, own]
    _, last, none_offset, commands_offset = min(
        found for temperature in _TEMPERATURES for found in _tries(heard, wanted, kinds, weights, float(temperature))
    )
    return Calibration(
        Meaning(
            last,
            _best(lambda t: F.cross_entropy(above[numbers] / t, hundreds[numbers])),
            _best(lambda t: F.binary_cross_entropy_with_logits(appeal / t, appeals, weights, reduction="sum")),
        ),
        none_offset,
        commands_offset,
    )


def _tries(
    heard: Tensor, wanted: Tensor, kinds: Tensor, weights: Tensor, temperature: float
) -> Iterator[tuple[float, float, float, float]]:
    """Yield the cross-entropy of the classes, in any language, with the temperature and offsets that give it."""
    logits = heard / temperature
    said = logits[torch.arange(len(wanted)), :, wanted].logsumexp(1)
    parts = logits.split([REMAINDERS, NONE - REMAINDERS, CLASSES - NONE], dim=-1)
    sums = torch.stack([part.flatten(1).logsumexp(1) for part in parts], dim=1)
    for none_offset, commands_offset in product(_OFFSETS, _OFFSETS):
        offsets = torch.tensor([0, commands_offset, none_offset], dtype=torch.float32)
        losses = (sums - offsets).logsumexp(1) - (said - offsets[kinds])
        yield float(losses @ weights), temperature, float(none_offset), float(commands_offset)


def calibrated(network: NumbersNetwork, found: Calibration) -> NumbersNetwork:
    """Calibrate `network` in place and return it."""
    layers = (network.head.last, network.head.hundreds, network.head.appeal)
    for layer, temperature in zip(layers, found.temperatures, strict=True):
        layer.weight.data /= temperature
        layer.bias.data /= temperature
    biases = network.head.last.bias.data.view(-1, CLASSES)
    biases[:, NONE] -= found.none_offset
    biases[:, REMAINDERS:NONE] -= found.commands_offset
    return network


def _as_in_a_drill(targets: Sequence[Target]) -> tuple[list[int], Tensor, Tensor]:
    """Return the rows in our languages, what they say (0 a number, 1 a command, 2 nothing) and their weights.

    The weights make the kinds as frequent as in a drill.
    """
    rows = [row for row, target in enumerate(targets) if target.language]
    last = torch.tensor([targets[row].last for row in rows])
    kinds = (last >= REMAINDERS).long() + (last == NONE)
    shares = torch.tensor([1 - NONE_SHARE - COMMANDS_SHARE, COMMANDS_SHARE, NONE_SHARE])
    return rows, kinds, (shares / kinds.bincount(minlength=3))[kinds]


def _as_heard(last: Tensor, targets: Sequence[Target], rows: Sequence[int]) -> Tensor:
    """Return logits (rows, blocks, 107) as a listener of each row's language has them; missing blocks are -inf."""
    blocks = dict(zip(LANGUAGES, listeners(), strict=True))
    heard = torch.full((len(rows), max(map(len, blocks.values())), CLASSES), -torch.inf)
    for at, row in enumerate(rows):
        own = blocks[targets[row].language]
        heard[at, : len(own)] = last[row, list(own)]
    return heard


def _best(loss: Callable[[float], Tensor]) -> float:
    return float(min(_TEMPERATURES, key=lambda t: float(loss(float(t)))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=LAST, help="the weights (default: of the last stage)")
    parser.add_argument("--output", type=Path, default=MODEL)
    options = parser.parse_args()
    network, alphabet = trained(options.checkpoint)
    _, clips = held_out()
    composer = Composer(clips, seed=11)
    views = [composer.draw() for _ in clips] + [plain(clip) for clip in clips]
    found = calibration(*meanings(network, views))
    told = ", ".join(f"{name} {value:.2f}" for name, value in found.temperatures._asdict().items())
    print(f"temperatures: {told}; none {-found.none_offset:+.1f}, commands {-found.commands_offset:+.1f}")
    export(calibrated(network, found), alphabet, options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
