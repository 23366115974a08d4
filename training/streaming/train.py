"""The training: CTC over the labels of what each view says."""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from ..corpus import Clip
from .labels import BLANK, Labels
from .network import Network
from .views import Composer, batch

_BATCH = 16
# Views are drawn by the dozen batches and sorted by length, so that little is computed on padding.
_POOL = 12
# What the part of the network that is never trained makes of a batch is kept, and used this often on the average.
_USES = 4
_BODY_RATE, _HEAD_RATE = 3e-4, 2e-3
_WARM_UP = 100
_STEEPEST = 3.0

Lesson = tuple[torch.Tensor, list[tuple[int, ...]]]


def train(network: Network, clips: list[Clip], labels: Labels, total_s: float, head_only: bool) -> None:
    """Train a network for so long. What a new head would teach the body is noise, so it comes first, alone."""
    network.train()
    network.body.tuned.requires_grad_(not head_only)
    optimiser = torch.optim.AdamW(
        [
            {"params": network.body.tuned.parameters(), "peak": _BODY_RATE},
            {"params": network.head.parameters(), "peak": _HEAD_RATE},
        ],
        weight_decay=0.01,
    )
    begin = time.monotonic()
    progress = tqdm(lessons(network, clips, labels), unit="batch", desc="head" if head_only else "all")
    for step, (seen, spelt) in enumerate(progress):
        share = (time.monotonic() - begin) / total_s
        if share >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * learning_rate(step, share)
        loss = ctc_loss(network.above(seen.float()), spelt)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), _STEEPEST)
        optimiser.step()
        progress.set_postfix(done=f"{share:.0%}", loss=f"{loss.item():.3f}")
    network.eval()


def lessons(network: Network, clips: list[Clip], labels: Labels) -> Iterator[Lesson]:
    """Batches for ever, each as the lower part of the network sees it, with the labels of its views."""
    rng = np.random.default_rng()
    composer = Composer(clips, labels, seed=int(rng.integers(1 << 30)))
    kept: list[Lesson] = []
    while True:
        pool = sorted((composer.draw() for _ in range(_BATCH * _POOL)), key=lambda view: len(view.samples))
        for at in rng.permutation(_POOL):
            views = pool[at * _BATCH : (at + 1) * _BATCH]
            kept.append((network.below(batch(views, rng)).half(), [view.labels for view in views]))
            yield kept[-1]
            for _ in range(_USES - 1):
                yield kept[int(rng.integers(len(kept)))]


def learning_rate(step: int, share: float) -> float:
    """1 at most: rises over the first steps, then falls along a cosine. `share`: how much of the time has gone."""
    return min(1, (step + 1) / _WARM_UP) * (0.5 * (1 + math.cos(math.pi * share)) + 0.01)


def ctc_loss(scores: torch.Tensor, spelt: list[tuple[int, ...]]) -> torch.Tensor:
    """Mean of the views' losses, each for one label. `scores`: (views, frames, labels)."""
    beliefs = scores.log_softmax(-1).transpose(0, 1)
    sizes = torch.tensor([len(view) for view in spelt])
    return functional.ctc_loss(
        beliefs,
        torch.tensor([label for view in spelt for label in view]),
        torch.full((len(spelt),), len(beliefs)),
        sizes,
        BLANK,
        zero_infinity=True,
    )


def save(network: Network, labels: Labels, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"names": labels.names, "weights": network.state_dict()}, path)


def restore(labels: Labels, path: Path) -> Network:
    """Raises ValueError where the words have changed since the training."""
    state = torch.load(path, weights_only=True)
    if tuple(state["names"]) != labels.names:
        raise ValueError(f"{path} was trained for other words: remove it")
    network = Network(len(labels.names))
    network.load_state_dict(state["weights"])
    return network.eval()
