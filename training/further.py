"""Trains the network that is served further: `python -m training.further [--share S]`. Goes on where it was stopped.

Further training on synthetic voices hears more in noise, and people a little worse. The mean of the weights before and
after it keeps the best of both (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022). Then:
`python -m training.calibrate --checkpoint training/build/further-mean.pt`. For yet another round, remove what this one
has left in training/build (further*.pt).
"""

from dataclasses import replace

import torch

from .corpus import FOLDER
from .model import NumbersNetwork
from .shipped import shipped
from .train import Stage, save_weights, told, train, trained

FURTHER = Stage("further", 78, 1.0, 3, 3e-5, 8e-4)
# Of 300 English digits that people said, the network before heard 298, that after 295; the mean with two fifths of
# what came after hears 297, and in quiet and babble nearly as much as that.
AFTER_SHARE = 0.4
BEFORE, MEAN = (FOLDER / f"{FURTHER.name}-{part}.pt" for part in ("before", "mean"))


def mean(before: NumbersNetwork, after: NumbersNetwork, after_share: float) -> NumbersNetwork:
    """`before`, changed in place: each weight so far on its way to that of `after`."""
    ends = after.state_dict()
    before.load_state_dict(
        {name: torch.lerp(weight, ends[name], after_share) for name, weight in before.state_dict().items()}
    )
    return before


def main() -> None:
    clips, share = told("further", __doc__.splitlines()[0])
    if not BEFORE.exists():
        save_weights(BEFORE, *shipped())
    train(clips, replace(FURTHER, minutes=FURTHER.minutes * share), *trained(BEFORE))
    after, alphabet = trained(FURTHER.checkpoint)
    save_weights(MEAN, mean(trained(BEFORE)[0], after, AFTER_SHARE), alphabet)
    print(f"{MEAN}: now python -m training.calibrate --checkpoint {MEAN}")


if __name__ == "__main__":
    main()
