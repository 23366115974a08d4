"""Continue the training of the served network: `python -m training.further [--share S]`. Resumes an interrupted run.

Further training on synthetic voices hears more in noise, and people a little worse. The mean of the weights before and
after keeps the best of both (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022). Then run
`python -m training.calibrate --checkpoint training/build/further-mean.pt`. For another round, first remove
training/build/further*.pt.
"""

from dataclasses import replace

import torch

from .corpus import FOLDER
from .model import NumbersNetwork
from .shipped import shipped
from .train import Stage, save_weights, told, train, trained

FURTHER = Stage("further", 78, 1.0, 3, 3e-5, 8e-4)
# The share of the weights after the training: with it most of both is kept (docs/experiments.md).
AFTER_SHARE = 0.4
BEFORE, MEAN = (FOLDER / f"{FURTHER.name}-{part}.pt" for part in ("before", "mean"))


def mean(before: NumbersNetwork, after: NumbersNetwork, after_share: float) -> NumbersNetwork:
    """Move each weight of `before`, in place, by this share towards that of `after`."""
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
