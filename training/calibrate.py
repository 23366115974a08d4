"""Makes the network's probabilities mean what they say: `python -m training.calibrate` writes the server's model.

The temperatures (Guo et al., "On calibration of modern neural networks", 2017) and the offsets of "none of these" and
of the commands (Alexandari et al., "Maximum likelihood with bias-corrected calibration", 2020) are those of least
cross-entropy on the held-out voices that do not measure, half of them as they are and half in all the noise of the
training, mixed as a drill has them.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from server.engines.numbers import MODEL
from server.engines.vocabulary import CLASSES, LANGUAGES, NONE, REMAINDERS

from .corpus import held_out
from .export import export
from .losses import listeners
from .model import Meaning, NumbersNetwork
from .train import LAST, trained
from .views import Composer, Target, View, batch, plain

# Who is asked a question mostly answers it: of the voices that the detector lets through, so many say neither a number
# nor a command, and so many a command. The training has more of both, to learn what they are; without an offset it
# took a short "four" for "no". Guesses: no drill of children has been counted.
NONE_SHARE = 0.05
COMMANDS_SHARE = 0.02
_TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(2), 25))
_OFFSETS = np.linspace(-1, 4, 11)
_COMMANDS = slice(REMAINDERS, NONE)


class Calibration(NamedTuple):
    """`temperatures`: one for each kind of logits; the offsets: what is taken from those of "none" and of the commands,
    once divided."""

    temperatures: Meaning
    none_offset: float
    commands_offset: float


def meanings(network: NumbersNetwork, views: Iterable[View]) -> tuple[Meaning, list[Target]]:
    """The logits for the views, and what they mean, the shortest first."""
    views = sorted(views, key=lambda view: view.mel.shape[1])
    parts = []
    with torch.no_grad():
        for at in range(0, len(views), 16):
            parts.append(network(torch.from_numpy(batch(views[at:at + 16])))[0])
    return Meaning(*(torch.cat(logits) for logits in zip(*parts))), [view.target for view in views]


def calibration(meaning: Meaning, targets: Sequence[Target], rng: np.random.Generator) -> Calibration:
    """Fitted in what the speaker's own language hears."""
    rows = _as_in_a_drill(targets, rng)
    own = torch.tensor([LANGUAGES.index(targets[row].language) for row in rows])
    numbers = torch.tensor([targets[row].hundreds >= 0 for row in rows])
    hundreds = torch.tensor([max(0, targets[row].hundreds) for row in rows])
    appeals = torch.tensor([float(targets[row].appeal) for row in rows])
    wanted = torch.tensor([targets[row].last for row in rows])
    heard = _as_heard(meaning.last, targets, rows)
    last, none_offset, commands_offset = min(
        product(_TEMPERATURES, _OFFSETS, _OFFSETS),
        key=lambda found: float(F.nll_loss(_classes(heard / found[0], *found[1:]), wanted)),
    )
    return Calibration(
        Meaning(
            float(last),
            _best(lambda t: F.cross_entropy(meaning.hundreds[rows, own][numbers] / t, hundreds[numbers])),
            _best(lambda t: F.binary_cross_entropy_with_logits(meaning.appeal[rows, own] / t, appeals)),
        ),
        float(none_offset), float(commands_offset),
    )


def calibrated(network: NumbersNetwork, found: Calibration) -> NumbersNetwork:
    """The network whose logits are those of `network`, calibrated; it is changed in place."""
    for layer, temperature in zip((network.head.last, network.head.hundreds, network.head.appeal), found.temperatures):
        layer.weight.data /= temperature
        layer.bias.data /= temperature
    biases = network.head.last.bias.data.view(-1, CLASSES)
    biases[:, NONE] -= found.none_offset
    biases[:, _COMMANDS] -= found.commands_offset
    return network


def _as_in_a_drill(targets: Sequence[Target], rng: np.random.Generator) -> list[int]:
    """The rows whose language is ours, of those that say no number only as many as a drill has."""
    def few(others: list[int], share: float) -> list[int]:
        count = round(len(numbers) * share / (1 - NONE_SHARE - COMMANDS_SHARE))
        return [others[at] for at in rng.permutation(len(others))[:count]]

    ours = [row for row, target in enumerate(targets) if target.language]
    numbers = [row for row in ours if targets[row].last < REMAINDERS]
    commands = [row for row in ours if REMAINDERS <= targets[row].last < NONE]
    nothing = [row for row in ours if targets[row].last == NONE]
    return numbers + few(commands, COMMANDS_SHARE) + few(nothing, NONE_SHARE)


def _as_heard(last: Tensor, targets: Sequence[Target], rows: Sequence[int]) -> Tensor:
    """Logits (rows, blocks, 107) as the listener of each row's language has them; blocks that he lacks are -inf."""
    blocks = dict(zip(LANGUAGES, listeners()))
    heard = torch.full((len(rows), max(map(len, blocks.values())), CLASSES), -torch.inf)
    for at, row in enumerate(rows):
        own = blocks[targets[row].language]
        heard[at, :len(own)] = last[row, list(own)]
    return heard


def _classes(logits: Tensor, none_offset: float, commands_offset: float) -> Tensor:
    """Log-probabilities of the classes, whichever language says them."""
    logits = logits.clone()
    logits[..., NONE] -= none_offset
    logits[..., _COMMANDS] -= commands_offset
    return torch.logsumexp(logits.flatten(1).log_softmax(-1).view(logits.shape), dim=1)


def _best(loss: Callable[[float], torch.Tensor]) -> float:
    return float(min(_TEMPERATURES, key=lambda t: float(loss(float(t)))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=MODEL)
    options = parser.parse_args()
    network, alphabet = trained(LAST)
    _, clips = held_out()
    composer = Composer(clips, seed=11)
    views = [composer.draw() for _ in clips] + [plain(clip) for clip in clips]
    found = calibration(*meanings(network, views), np.random.default_rng(11))
    told = ", ".join(f"{name} {value:.2f}" for name, value in found.temperatures._asdict().items())
    print(f"temperatures: {told}; none {-found.none_offset:+.1f}, commands {-found.commands_offset:+.1f}")
    export(calibrated(network, found), alphabet, options.output)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
