"""What the chaos of the cluster benchmark counts."""

import asyncio
from collections import Counter
from pathlib import Path

import psutil
import pytest

from bench import cluster
from bench.cluster import Tally, drill, drills_of, told
from bench.load import server_process, workers_of
from tests.support.server import running_server


@pytest.mark.gateway
def test_a_drill_whose_line_is_cut_counts_as_whole(silent_prompts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "QUESTIONS", 6)
    tally = Tally()
    with running_server("--prompts", str(silent_prompts)) as url:
        assert workers_of(url) == [server_process(url)]
        asyncio.run(drill(url, 0.5, 1, tally))
        assert drills_of(psutil.Process(), url) == []
    # A line that is cut at the last answer comes back to the result, and not to a question.
    assert tally.drops > 0 and len(tally.resumed_s) in (tally.drops, tally.drops - 1)
    assert (tally.drills, tally.astray, tally.taken_back, tally.stalled, tally.gone) == (1, 0, 0, 0, 0)
    assert tally.notices == Counter() and "answers lost or counted twice: 0" in told(tally, "sqlite")
