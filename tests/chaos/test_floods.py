"""One visitor attacks; the drill beside it and new visitors go on. `python -m bench.flood` measures it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bench.flood import ATTACKS, Outcome, attacking, endure
from bench.learner import Learner
from bench.load import server_process
from tests.live.playing import run, started, tap
from tests.support.raw import RawWebSocket, frame

pytestmark = [pytest.mark.gateway, pytest.mark.slow]

# Without limits each of these delays others by 12 s and more, or ends the server. The machine may be busy.
WORST_MS = 10_000
SECONDS = 1.5


@pytest.mark.parametrize("name", ATTACKS)
def test_the_others_go_on_beside_a_flood(eventlet_url: str, name: str) -> None:
    check(endure(name, eventlet_url, SECONDS))


@pytest.mark.parametrize("name", ["events", "pings", "idle", "fragments"])
def test_with_real_threads_as_well(threading_url: str, name: str) -> None:
    check(endure(name, threading_url, SECONDS))


def check(outcome: Outcome) -> None:
    assert not outcome.lost
    assert outcome.worst_ms < WORST_MS


@contextmanager
def strangers(url: str, count: int) -> Iterator[list[RawWebSocket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing_later(RawWebSocket(url, "127.0.0.77"))) for _ in range(count)]


@contextmanager
def closing_later(socket: RawWebSocket) -> Iterator[RawWebSocket]:
    try:
        yield socket
    finally:
        socket.close()


def test_a_stranger_takes_little_memory(url: str) -> None:
    """Twenty connections send as much as allowed of messages that never end, and read nothing."""
    process = server_process(url)
    with strangers(url, 20) as warm:
        assert all(each.status == 101 for each in warm)
    before = process.memory_info().rss
    with strangers(url, 20) as those:
        for each in those:
            each.connect_socket_io()
            for _ in range(30):
                each.send('42["x"]')
            each.send_raw(frame("4", final=False) + frame(bytes(60_000), 0, final=False))
        assert process.memory_info().rss - before < 20 * 1e6


def test_a_class_behind_one_address_begins_while_its_address_is_flooded(eventlet_url: str) -> None:
    """The stranger sits behind the same address (127.0.0.1 stands for the school's)."""

    async def scenario() -> None:
        learners: list[Learner] = []
        for _ in range(30):
            learner, _ = await started(eventlet_url)
            learners.append(learner)
        for learner in learners:
            assert (await tap(learner))["verdict"] == "correct"
            await learner.socket.disconnect()

    with attacking("idle", eventlet_url, Outcome(), source="127.0.0.1"):
        run(scenario())
