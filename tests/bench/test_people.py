"""The counts of the benchmark with people's recordings."""

from bench.learner import Turn
from bench.people import Drill


def turns_with(*verdicts: tuple[int, int, str | None]) -> list[Turn]:
    return [Turn(left, right, 0.0, {"verdict": verdict} if verdict else None) for left, right, verdict in verdicts]


def test_a_turn_is_beyond_the_schedule_where_the_one_before_was_not_understood() -> None:
    drill = Drill(
        turns_with(
            (2, 3, "unsure"),
            (2, 3, None),
            (2, 3, "correct"),
            (2, 4, "wrong"),
            (2, 5, "unsure"),
            (2, 4, "correct"),
            (2, 3, "correct"),
            (2, 5, "correct"),
        )
    )
    assert drill.beyond_schedule == {(2, 3): 2, (2, 4): 0, (2, 5): 1}
