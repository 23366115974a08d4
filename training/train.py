"""Train the numbers network on the corpus: `python -m training.train [--share S]`. Resumes an interrupted run."""

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, IterableDataset
from tqdm import tqdm

from server.asr.numbers.vocabulary import LANGUAGES

from .corpus import FOLDER, Clip, load
from .losses import meaning_loss, sounds_loss
from .model import Meaning, NumbersNetwork
from .sounds import Alphabet
from .views import Composer, Target, batch
from .whisper import pretrained

BATCH = 32
# Views are drawn a dozen batches at a time and sorted by length: little is computed on padding.
_POOL = 8
_WARM_UP = 200
_AVERAGED_OVER = 0.998


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the training."""

    name: str
    """Names its checkpoint."""
    minutes: float
    """Its length."""
    kept_share: float
    """The share of the encoder's tuning so far that the stage starts with."""
    tuned_layers: int
    """The number of the encoder's top layers that learn."""
    encoder_rate: float
    """Their learning rate."""
    head_rate: float
    """The head's learning rate."""

    @property
    def checkpoint(self) -> Path:
        return FOLDER / f"{self.name}.pt"


# Tuned on synthetic voices alone, the encoder forgets some of what it knew of people. So it is twice moved back towards
# its published weights (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022), and each time the head learns
# again (docs/experiments.md).
STAGES = (
    Stage("tuning", 52, 1.0, 3, 2e-4, 1.5e-3),
    Stage("settling", 35, 0.5, 2, 2e-5, 1e-3),
    Stage("finishing", 13, 0.6, 0, 0.0, 5e-4),
)
LAST = STAGES[-1].checkpoint


class Views(IterableDataset):
    """Endless batches: (mel, targets, labels of their sounds)."""

    def __init__(self, clips: list[Clip], alphabet: Alphabet, seed: Sequence[int]) -> None:
        self._clips, self._alphabet, self._seed = clips, alphabet, seed

    def __iter__(self) -> Iterator[tuple[torch.Tensor, list[Target], list[list[int]]]]:
        worker = torch.utils.data.get_worker_info()
        composer = Composer(self._clips, [*self._seed, worker.id if worker else 0])
        rng = np.random.default_rng(self._seed)
        while True:
            pool = sorted((composer.draw() for _ in range(BATCH * _POOL)), key=lambda view: view.mel.shape[1])
            for at in rng.permutation(_POOL):
                views = pool[at * BATCH : (at + 1) * BATCH]
                targets = [view.target for view in views]
                labels = [self._alphabet.labels(target.language, target.texts) for target in targets]
                yield torch.from_numpy(batch(views)), targets, labels


@dataclass
class Progress:
    """The state of a training. The share of its time that has passed sets the learning rate."""

    step: int = 0
    spent_s: float = 0.0


def learning_rate(progress: Progress, total_s: float) -> float:
    """Return the factor of the rates, at most 1: it rises over the first steps, then falls along a cosine."""
    share = min(progress.spent_s / total_s, 1)
    return min(1, (progress.step + 1) / _WARM_UP) * (0.5 * (1 + math.cos(math.pi * share)) + 0.01)


def moved_back(network: NumbersNetwork, kept_share: float) -> NumbersNetwork:
    """Return the network with its encoder between the published weights (0) and its own (1)."""
    published = pretrained().state_dict()
    network.encoder.load_state_dict(
        {
            name: kept_share * tuned + (1 - kept_share) * published[name]
            for name, tuned in network.encoder.state_dict().items()
        }
    )
    return network


# Prefixes the names in an averaged model.
_PREFIX = "module."


def trained(checkpoint: Path) -> tuple[NumbersNetwork, Alphabet]:
    """Load the network with the running mean of its weights, better than the last ones, and its alphabet of sounds."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    alphabet = Alphabet(state["sounds"])
    network = NumbersNetwork(alphabet.size)
    network.load_state_dict(
        {name.removeprefix(_PREFIX): value for name, value in state["averaged"].items() if name.startswith(_PREFIX)}
    )
    return network.eval(), alphabet


def save_weights(checkpoint: Path, network: NumbersNetwork, alphabet: Alphabet) -> None:
    """Save weights for `trained`. A training cannot resume from them."""
    averaged = {f"{_PREFIX}{name}": weight for name, weight in network.state_dict().items()}
    _save(checkpoint, {"averaged": averaged, "sounds": alphabet.sounds})


def _save(checkpoint: Path, state: dict[str, Any]) -> None:
    """Save a checkpoint. It is renamed when it is whole: an interrupted run leaves no half file."""
    partial = checkpoint.with_suffix(".partial")
    torch.save(state, partial)
    partial.rename(checkpoint)


def train(clips: list[Clip], stage: Stage, beginning: NumbersNetwork, alphabet: Alphabet) -> None:
    """Train `beginning` for the length of the stage, from its checkpoint on if there is one."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(1)
    checkpoint, total_s = stage.checkpoint, stage.minutes * 60
    network = beginning.to(device)
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(_AVERAGED_OVER), use_buffers=True)
    encoder = network.encoder.tuned(stage.tuned_layers)
    head = list(network.head.parameters())
    optimiser = torch.optim.AdamW([{"params": encoder}, {"params": head}], weight_decay=0.01)
    progress = Progress()
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=device)
        network.load_state_dict(state["network"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        progress = Progress(state["step"], state["spent_s"])
    # The seed differs by stage and after each stop: no view is seen twice.
    views = Views(clips, alphabet, seed=[*stage.name.encode(), progress.step])
    # Without a GPU, another process would only take cores from the network's threads, which wait for each other.
    batches = iter(DataLoader(views, batch_size=None, num_workers=2 if device == "cuda" else 0))
    if not network.head.is_standardised:
        standardise(network, batches, device)
    began, spent_before, saved = time.monotonic(), progress.spent_s, time.monotonic()
    bar = tqdm(total=round(total_s), initial=round(progress.spent_s), unit="s", desc=stage.name)
    loss_mean = right_mean = 0.0
    while progress.spent_s < total_s:
        mel, targets, labels = next(batches)
        for group, peak in zip(optimiser.param_groups, (stage.encoder_rate, stage.head_rate), strict=True):
            group["lr"] = peak * learning_rate(progress, total_s)
        network.train()
        with half_precision(device):
            meaning, sounds = network(mel.to(device))
        meaning = Meaning(*(logits.float() for logits in meaning))
        loss = meaning_loss(meaning, targets) + sounds_loss(sounds.float(), labels)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder, 1.0)
        torch.nn.utils.clip_grad_norm_(head, 2.0)
        optimiser.step()
        averaged.update_parameters(network)
        progress.step += 1
        progress.spent_s = spent_before + time.monotonic() - began
        loss_mean += 0.02 * (loss.item() - loss_mean)
        right_mean += 0.02 * (share_right(meaning.last.detach(), targets) - right_mean)
        bar.n = min(round(progress.spent_s), bar.total)
        bar.set_postfix(step=progress.step, loss=f"{loss_mean:.3f}", right=f"{right_mean:.3f}", refresh=False)
        bar.update(0)
        if time.monotonic() - saved > 300 or progress.spent_s >= total_s:
            saved = time.monotonic()
            _save(
                checkpoint,
                {
                    "network": network.state_dict(),
                    "averaged": averaged.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "step": progress.step,
                    "spent_s": progress.spent_s,
                    "sounds": alphabet.sounds,
                },
            )
    bar.close()


def half_precision(device: str) -> torch.autocast:
    """Multiply in bfloat16 if the processor supports it, at twice the speed; weights and losses stay float32."""
    known = device == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.autocast(device, torch.bfloat16, enabled=known)


def standardise(network: NumbersNetwork, batches: Iterator[Any], device: str) -> None:
    """Set the head's mean and deviation from the outputs of the untouched encoder."""
    with torch.no_grad():
        frames = torch.cat([network.encoder(next(batches)[0].to(device)).flatten(0, 1) for _ in range(16)])
    network.head.mean.copy_(frames.mean(0))
    network.head.deviation.copy_(frames.std(0) + 1e-3)


def share_right(last: torch.Tensor, targets: list[Target]) -> float:
    """Return the share of utterances in our languages that are read right modulo 100 in their own block."""
    own = [(row, target) for row, target in enumerate(targets) if target.language]
    right = sum(int(last[row, LANGUAGES.index(target.language)].argmax()) == target.last for row, target in own)
    return right / max(1, len(own))


def told(module: str, description: str) -> tuple[list[Clip], float]:
    """Parse a training's command line. Returns the clips, and the share of its time that it may take."""
    parser = argparse.ArgumentParser(prog=f"python -m training.{module}", description=description)
    parser.add_argument("--share", type=float, default=1, help="of the time that the stages take, for a quick try")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clips = load(FOLDER / "corpus")
    if not clips:
        parser.error("there is no corpus: python -m training.speakers")
    print(f"{len(clips)} clips")
    return clips, options.share


def main() -> None:
    clips, share = told("train", __doc__.splitlines()[0])
    alphabet = Alphabet()
    network = NumbersNetwork.untrained(alphabet.size)
    for stage in STAGES:
        shorter = replace(stage, minutes=stage.minutes * share)
        train(clips, shorter, moved_back(network, stage.kept_share), alphabet)
        network, alphabet = trained(stage.checkpoint)


if __name__ == "__main__":
    main()
