"""The losses of the training: the meaning of an utterance as the server asks for it, and its sounds."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from server.asr.numbers.vocabulary import ALSO_ACCEPTED, CLASSES, LANGUAGES, NONE

from .model import Meaning
from .views import Target

# A little label smoothing keeps the logits small; calibration restores the confidence.
_SMOOTHING = 0.05
_SOUNDS_SHARE = 0.45
_HUNDREDS_SHARE = 0.5
_APPEAL_SHARE = 0.3
# The weight of hearing nothing in the words of a language that is not practised.
_STRANGER_SHARE = 0.25


def listeners() -> list[tuple[int, ...]]:
    """Return, for each practised language, the blocks of outputs that are used: its own first."""
    return [tuple(LANGUAGES.index(code) for code in (language, *ALSO_ACCEPTED[language])) for language in LANGUAGES]


def meaning_loss(meaning: Meaning, targets: Sequence[Target]) -> Tensor:
    """Return the mean loss over the utterances, each for all listeners who understand it."""
    hundreds = torch.tensor([target.hundreds for target in targets])
    block = torch.tensor([LANGUAGES.index(target.language) if target.language else -1 for target in targets])
    device = meaning.last.device
    hundreds, block = hundreds.to(device), block.to(device)
    rows = torch.arange(len(targets), device=device)
    total = _last_loss(meaning.last, targets, block)
    numbers = (hundreds >= 0) & (block >= 0)
    if numbers.any():
        own = meaning.hundreds[rows, block.clamp(min=0)]
        loss = F.cross_entropy(own[numbers], hundreds[numbers], reduction="sum")
        total = total + _HUNDREDS_SHARE * loss / len(targets)
    appeals = torch.zeros_like(meaning.appeal)
    for row, target in enumerate(targets):
        if target.appeal:
            appeals[row, block[row]] = 1
    # In a language that is not spoken, the objection does not count.
    heard = (block[:, None] == torch.arange(len(LANGUAGES), device=device)) | (block[:, None] < 0)
    appeal = F.binary_cross_entropy_with_logits(meaning.appeal, appeals, reduction="none")
    return total + _APPEAL_SHARE * (appeal * heard).sum() / heard.sum().clamp(min=1)


def _last_loss(last: Tensor, targets: Sequence[Target], block: Tensor) -> Tensor:
    losses, weights = [], []
    wanted = torch.tensor([target.last for target in targets], device=last.device)
    for blocks in listeners():
        logits = last[:, list(blocks)].reshape(len(targets), -1)
        logs = logits.log_softmax(-1)
        nothing = torch.logsumexp(logs[:, NONE::CLASSES], dim=1)
        place = torch.zeros_like(block)
        understood = torch.zeros_like(block, dtype=torch.bool)
        for position, which in enumerate(blocks):
            place = torch.where(block == which, position, place)
            understood |= block == which
        at = place * CLASSES + wanted
        named = (1 - _SMOOTHING) * logs.gather(1, at[:, None])[:, 0] + _SMOOTHING * logs.mean(-1)
        hears = understood & (wanted != NONE)
        losses.append(-torch.where(hears, named, nothing))
        # Hindi and Marathi share half their numbers, so neither is silence to the other. English shares none.
        stranger = torch.tensor(_STRANGER_SHARE if blocks == (0,) else 0.0, device=last.device)
        weights.append(torch.where(understood | (block < 0), 1.0, stranger))
    loss, weight = torch.stack(losses), torch.stack(weights)
    # The listeners share one network, so their losses are averaged.
    return (loss * weight).sum(0).div(weight.sum(0)).mean()


def sounds_loss(logs: Tensor, sounds: Sequence[Sequence[int]]) -> Tensor:
    """Return the CTC loss (Graves et al. 2006) over the utterances whose sounds are known."""
    known = [row for row, own in enumerate(sounds) if own]
    if not known:
        return logs.sum() * 0
    labels = torch.tensor([sound for row in known for sound in sounds[row]])
    lengths = torch.tensor([len(sounds[row]) for row in known])
    frames = torch.full((len(known),), logs.shape[1])
    loss = F.ctc_loss(logs[known].transpose(0, 1), labels.to(logs.device), frames, lengths, zero_infinity=True)
    return _SOUNDS_SHARE * loss
