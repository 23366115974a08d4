"""What several numbers in one breath may mean: "five six" is 56 digit by digit, or 5 and then, corrected, 6."""

from collections.abc import Sequence

LAST_AFTER_PAUSE = 0.45
"""Probability of the last number after a pause, or if it is unknown whether there was one: it may be a correction."""
LAST = 0.07
"""The same without a pause. Too little to be judged right (`JudgingSettings.correct_at`)."""
KNOWN = 0.89
"""All that is known of several numbers. Too little to be judged wrong, even said again (`JudgingSettings.again_at`)."""


def meant(said: Sequence[int], paused: bool, largest: int) -> dict[int, float]:
    """Return the numbers that several numbers said in turn may mean, with their probabilities.

    Probability that is missing from 1 is unknown: the last of two complete numbers may be no correction. No meaning is
    larger than `largest`.
    """
    joined = digit_by_digit(said, largest)
    if joined is None and len(set(said)) == 1:
        return {said[-1]: 1.0}
    last = LAST_AFTER_PAUSE if paused or _is_chanted(said) else LAST
    meanings = {said[-1]: last}
    if joined is not None:
        meanings[joined] = KNOWN - last
    return meanings


def _is_chanted(said: Sequence[int]) -> bool:
    """Whether the last number answers the others: "two threes, six", or "six, twenty-four" with an operand lost."""
    if len(said) == 3:
        return said[0] * said[1] == said[2]
    return 0 < said[0] < 10 <= said[-1] and said[-1] % said[0] == 0


def digit_by_digit(said: Sequence[int], largest: int) -> int | None:
    """Join digits: 56 for 5 and 6. The last two may be said as one number ("one fifty-six"). None if impossible."""
    if not said[0] or any(number > 9 for number in said[:-1]) or said[-1] > 99:
        return None
    joined = int("".join(map(str, said)))
    return joined if joined <= largest else None
