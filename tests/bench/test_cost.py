"""The cost of a drill, in calls of expensive functions: a real drill in virtual time."""

import pytest

from bench.cost import Drill, Stopwatch, watched
from server.dialogue.messages import Judged
from server.drill.judging import Verdict

pytestmark = pytest.mark.engine

MINUTES = 0.7
CHUNKS = MINUTES * 60 / 0.06


@pytest.mark.parametrize(("echo_db", "examined"), [(None, 3.0), (-20.0, 7.0)])
def test_an_answer_costs_little_more_than_one_run_of_the_network(echo_db: float | None, examined: float) -> None:
    """A chunk costs one call of each stage, also while prompts play and come back."""
    drill, stopwatch = Drill("en", echo_db, seed=0), Stopwatch()
    with watched(stopwatch):
        drill.practise(MINUTES, stopwatch)
    verdicts = [effect.attempt.verdict for effect in drill.effects if isinstance(effect, Judged)]
    assert len(verdicts) >= 6 and set(verdicts) == {Verdict.CORRECT}
    calls = stopwatch.calls
    assert calls["network"] <= 1.6 * len(verdicts)
    assert calls["echo guard examines"] <= examined * len(verdicts)
    assert calls["another tablet"] == 0, "nobody else speaks"
    for stage in ("high-pass", "voice detector", "echo guard hears", "intake"):
        assert calls[stage] == pytest.approx(CHUNKS, abs=1)
