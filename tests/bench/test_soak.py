"""The counts of the soak benchmark."""

import asyncio
from pathlib import Path

import pytest

from bench.load import server_process
from bench.soak import Footprint, drift_mb, run
from tests.support.server import running_server


def test_what_is_learnt_at_the_first_visits_is_no_drift() -> None:
    def seen(*mb: float) -> list[Footprint]:
        return [Footprint(100 * number, each, 14, 4) for number, each in enumerate(mb, start=1)]

    assert drift_mb(seen(200, 210, 214, 214, 214, 214)) == pytest.approx(0)
    assert drift_mb(seen(200, 210, 214, 215, 216, 217)) == pytest.approx(10)


@pytest.mark.gateway
def test_visitors_come_and_go(silent_prompts: Path) -> None:
    with running_server("--prompts", str(silent_prompts), "--session-ttl-s", "1") as url:
        first, last = asyncio.run(run(url, server_process(url), visitors=8, rounds=2))
    assert (first.visitors, last.visitors) == (4, 8)
    assert first.mb > 50 and first.threads >= 1
    # No connection is left.
    assert last.files <= first.files + 2
