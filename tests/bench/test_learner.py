"""The learner made of recordings sends the same as the page while a prompt plays."""

import asyncio
from typing import Any

import numpy as np
import pytest

from bench.early import enough_tables
from bench.learner import CHUNK_MS, RATE, Learner, voice_bounds

PROMPT_MS = 480
SAY = {"id": 7, "gap_ms": 0, "duration_ms": PROMPT_MS, "show": {"left": 7, "right": 8}}
QUIET_MS = 100  # before the voice in the recording
VOICE = np.concatenate([np.zeros(QUIET_MS * RATE // 1000), np.full(RATE // 5, 9000)]).astype(np.int16)


class Wire:
    """Replaces a socket. `sent`: (event, arguments) in their order; the test plays the server."""

    def __init__(self, learner: Learner, is_full_duplex: bool) -> None:
        self.sent: list[tuple[str, Any]] = []
        self._receivers = learner.socket.handlers["/"]
        learner.socket.emit = self._emit
        learner.is_full_duplex = is_full_duplex

    async def _emit(self, name: str, arguments: Any) -> None:
        self.sent.append((name, arguments))

    def tell(self, name: str, payload: dict[str, Any]) -> None:
        self._receivers[name](payload)

    def names(self) -> list[str]:
        return [name for name, _ in self.sent]

    def sound(self) -> np.ndarray:
        return np.frombuffer(b"".join(arguments[2] for name, arguments in self.sent if name == "audio"), "<i2")


async def answered(
    wire: Wire, learner: Learner, onset_ms: int, verdict_after_ms: int, interrupt_after_ms: int = 0
) -> None:
    """Return the answer to SAY, with the server's messages meanwhile."""

    async def server() -> None:
        if interrupt_after_ms:
            await asyncio.sleep(interrupt_after_ms / 1000)
            wire.tell("interrupt", {"say": SAY["id"]})
        await asyncio.sleep((verdict_after_ms - interrupt_after_ms) / 1000)
        wire.tell("verdict", {"verdict": "correct"})

    await asyncio.gather(server(), learner.answer(7, 8, VOICE, SAY, onset_ms))


@pytest.mark.parametrize("onset_ms", [-240, 0, 120])
def test_the_voice_begins_at_its_onset_from_the_end_of_the_prompt(onset_ms: int) -> None:
    learner = Learner()
    wire = Wire(learner, is_full_duplex=True)
    asyncio.run(answered(wire, learner, onset_ms, verdict_after_ms=900))
    voice_begins_ms = np.flatnonzero(wire.sound() == 9000)[0] * 1000 // RATE
    assert voice_begins_ms == PROMPT_MS + onset_ms
    told = [name for name in wire.names() if name != "audio"]
    assert told == ["playing", "played"]
    assert abs(wire.names().index("played") * CHUNK_MS - PROMPT_MS) <= 2 * CHUNK_MS, "the room was sent meanwhile"
    assert not learner.turns[0].interrupted


def test_an_interrupted_prompt_is_never_played() -> None:
    learner = Learner()
    wire = Wire(learner, is_full_duplex=True)
    asyncio.run(answered(wire, learner, onset_ms=-300, verdict_after_ms=900, interrupt_after_ms=350))
    assert "played" not in wire.names()
    assert learner.turns[0].interrupted
    assert len(wire.sound()) * 1000 / RATE > 600, "the answer goes on"


def test_half_duplex_sends_nothing_while_the_prompt_plays() -> None:
    learner = Learner()
    wire = Wire(learner, is_full_duplex=False)
    asyncio.run(answered(wire, learner, onset_ms=60, verdict_after_ms=1000))
    assert wire.names()[0] == "played"
    assert "playing" not in wire.names()
    assert [arguments[0] for name, arguments in wire.sent if name == "audio"][:3] == [0, 1, 2]


def test_the_bounds_of_a_voice_are_found_in_the_rooms_noise() -> None:
    noisy = VOICE + np.random.default_rng(0).normal(0, 20, len(VOICE)).astype(np.int16)
    begins, ends = voice_bounds(np.concatenate([noisy, np.zeros(800, np.int16)]))
    assert abs(begins - QUIET_MS * RATE // 1000) <= RATE // 100
    assert abs(ends - len(VOICE)) <= RATE // 100


def test_tables_are_chosen_whose_answers_were_recorded() -> None:
    everything = {number: [VOICE] for number in range(101)}
    assert enough_tables(everything, 20) == [7, 9]
    assert enough_tables({number: [VOICE] for number in range(3, 31, 3)}, 10) == [3]
