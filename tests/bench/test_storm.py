"""What the storm benchmark tells."""

import signal

from bench.storm import Stay, told


def test_the_first_question_after_the_signal_counts_and_a_drill_that_did_not_go_on_is_named() -> None:
    back = Stay(asked_s=[1.0, 9.0, 12.5, 18.0], verdicts=[(8.0, 100.0), (14.0, 300.0), (60.0, 900.0)], begun_s=[0.5])
    anew = Stay(asked_s=[2.0, 14.0], begun_s=[0.5, 13.9])
    lost = Stay(asked_s=[2.0], begun_s=[0.5])
    line = told(signal.SIGKILL, 10.0, [back, anew, lost])
    assert line.startswith("SIGKILL to all workers of 3 drills: asked again p50 3250, ")
    assert "last 4000 ms; not again: 1; new: 1; verdicts p95 100 ms before, 300 ms in the first 30 s (1)" in line
