"""The counts of the load benchmark, also when connections break."""

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from bench import load
from bench.load import COLUMNS, Pupil, Use, line, row
from tests.support.recordings import number_samples
from tests.support.server import free_port, running_server

USE = Use(lag_p99_ms=5.0, server_cores=0.5, own_cores=0.2, server_mb=200.0, more_mb=1.0)


def says_right(left: int, right: int) -> np.ndarray:
    return number_samples("en", left * right)


def cells(pupils: list[Pupil]) -> dict[str, str]:
    return dict(zip(COLUMNS, row(pupils, USE), strict=True))


@pytest.mark.gateway
def test_a_dropped_connection_is_lost_and_the_learner_goes_on(
    silent_prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "CYCLE_S", 2.0)

    async def scenario(url: str) -> list[Pupil]:
        pupils = [Pupil(), Pupil()]
        end_s = time.monotonic() + 8

        async def cut() -> None:
            """Cut the connection in the middle of the first question, as a lost network does."""
            await asyncio.sleep(1)
            await pupils[0].socket.eio.ws.close()

        plays = (pupil.practise_until(url, end_s, says_right, language="en", tables=[7], seed=1) for pupil in pupils)
        await asyncio.gather(cut(), *plays)
        return pupils

    with running_server("--prompts", str(silent_prompts)) as url:
        dropped, steady = asyncio.run(scenario(url))
    assert (dropped.lost, steady.lost) == ({"connection": 1}, {})
    assert len(dropped.turns) >= 1 and len(steady.turns) >= 2
    table = cells([dropped, steady])
    assert table["answers"] == str(len(dropped.turns) + len(steady.turns))
    assert (table["learners"], table["lost"], table["errors"]) == ("2", "connection 1", "-")
    assert table["verdicts"] == f"correct {table['answers']}"
    assert float(table["p95 ms"]) > 0


def test_a_server_that_is_not_there_gives_a_row_all_the_same() -> None:
    pupil = Pupil()
    asyncio.run(pupil.practise_until(f"http://127.0.0.1:{free_port()}", time.monotonic() + 1.5, says_right))
    table = cells([pupil])
    assert pupil.lost["connection"] >= 1
    assert (table["answers"], table["p95 ms"], table["verdicts"]) == ("0", "-", "-")
    assert len(line(row([pupil], USE))) > 60
