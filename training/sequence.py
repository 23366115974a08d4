"""Factored output or sequence? `python -m training.sequence` reads the held-out voices' numbers both ways, each alone.

One network, the same clips: once by `last` and `hundreds` as the server does, once by the sounds that its CTC head
hears, as the number from 0 to 400 whose spelling they suit best. The training gives the sounds a small share of the
loss only, so that this way has the weaker teacher; but it needs no example of a number to know it.
"""

import argparse

import numpy as np
import torch
from tqdm import tqdm

from server.asr.numbers.ctc import log_likelihoods
from server.asr.numbers.decoding import decode
from server.asr.numbers.vocabulary import LARGEST_NUMBER
from server.languages import load_language

from .conditions import numbers_of
from .corpus import held_out
from .sounds import spellings
from .train import LAST, trained
from .views import plain


def by_sounds(logs: np.ndarray, spelt: list[tuple[int, list[int]]]) -> int:
    """The number whose sounds are likeliest, given log-probabilities of shape (moments, sounds)."""
    return spelt[int(log_likelihoods(logs, [own for _, own in spelt]).argmax())][0]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.sequence", description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=300, help="of each language")
    options = parser.parse_args()
    (network, alphabet), (clips, _) = trained(LAST), held_out()
    for code, words in spellings(alphabet).items():
        language = load_language(code)
        spelt = [(number, form) for number in range(LARGEST_NUMBER + 1) for form in words[number]]
        factored = sequence = 0
        own = numbers_of(clips, language, LARGEST_NUMBER)[: options.clips]
        for clip in tqdm(own, desc=code, unit="clip", leave=False):
            with torch.no_grad():
                meaning, logs = network(torch.from_numpy(plain(clip).mel)[None])
            last, hundreds, appeal = (logits[0].numpy() for logits in meaning)
            numbers = decode(last, hundreds, appeal, code).numbers
            said = int(clip.phrase.says)
            factored += max(numbers, key=numbers.__getitem__) == said
            sequence += by_sounds(logs[0].numpy(), spelt) == said
        print(f"{code}: of {len(own)} numbers up to {LARGEST_NUMBER}, factored {factored}, by their sounds {sequence}")


if __name__ == "__main__":
    main()
