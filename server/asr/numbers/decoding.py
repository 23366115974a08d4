"""Turn the outputs of the numbers network into a hypothesis."""

import numpy as np

from ...understanding.hypothesis import Hypothesis
from .vocabulary import ALSO_ACCEPTED, COMMANDS, LANGUAGES, LARGEST_NUMBER, NONE, REMAINDERS


def decode(last: np.ndarray, hundreds: np.ndarray, appeal: np.ndarray, language: str) -> Hypothesis:
    """Return the hypothesis for a listener to `language`, from logits of shape (3, 107), (3, 5) and (3,).

    The logits have a row for each of LANGUAGES. The accepted languages compete for `last`. Each has its own opinion of
    the hundreds and of an appeal. A language's appeal counts by its share of what was heard; the share of "none of
    these" goes to the practised language, because silence tells no language.
    """
    heard = [LANGUAGES.index(code) for code in (language, *ALSO_ACCEPTED[language])]
    lasts = _softmax(last[heard].ravel()).reshape(len(heard), -1)
    above = np.stack([_softmax(row) for row in hundreds[heard]])
    # Rows are hundreds, columns remainders: read row by row, the numbers from 0 to 499. Those above 400 are dropped.
    numbers = (above.T @ lasts[:, :REMAINDERS]).ravel()[: LARGEST_NUMBER + 1]
    said, appeals = lasts[1:, :NONE].sum(axis=1), _sigmoid(appeal[heard])
    commands = lasts[:, REMAINDERS : REMAINDERS + len(COMMANDS)].sum(axis=0)
    obeyed = {command: p for command, p in zip(COMMANDS.values(), commands.tolist(), strict=True) if command}
    return Hypothesis(
        numbers=dict(enumerate(numbers.tolist())),
        commands=obeyed,
        none=max(0.0, 1.0 - float(numbers.sum()) - sum(obeyed.values())),
        appeal=float(said @ appeals[1:] + (1 - said.sum()) * appeals[0]),
    )


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(logits / 2)) / 2
