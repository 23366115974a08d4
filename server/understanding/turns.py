"""What several numbers in one breath may mean: "five six" is 56 digit by digit, or 5 and then, corrected, 6."""

from collections.abc import Sequence

# What the last number has of the probability: after a pause, or where it is not known whether there was one, and
# without a pause. It is never surely another number than the expected one, and without a pause not likely enough to be
# right (`JudgingSettings`).
LAST_AFTER_PAUSE = 0.45
LAST = 0.15


def meant(said: Sequence[int], paused: bool, largest: int) -> dict[int, float]:
    """The numbers that may be meant by several that are `said` in turn, with their probabilities.

    What is missing from 1 is that nothing is known: of two complete numbers the first does not count, and the last may
    be no correction. No number above `largest` is meant.
    """
    joined = digit_by_digit(said, largest)
    if joined is None and len(set(said)) == 1:
        return {said[-1]: 1.0}
    last = LAST_AFTER_PAUSE if paused or _is_chanted(said) else LAST
    meanings = {said[-1]: last}
    if joined is not None:
        meanings[joined] = 1 - last
    return meanings


def _is_chanted(said: Sequence[int]) -> bool:
    """Whether the last number answers the others: "two threes, six", or "six, twenty-four" with an operand missed."""
    if len(said) == 3:
        return said[0] * said[1] == said[2]
    return 0 < said[0] < 10 <= said[-1] and said[-1] % said[0] == 0


def digit_by_digit(said: Sequence[int], largest: int) -> int | None:
    """56 for 5 and 6; the last two digits may be said as one number ("one fifty-six")."""
    if not said[0] or any(number > 9 for number in said[:-1]) or said[-1] > 99:
        return None
    joined = int("".join(map(str, said)))
    return joined if joined <= largest else None
