"""An answer in virtual time: its surroundings, and the same verdict from the real server."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from bench.learner import Learner
from server.asr.numbers.engine import NumbersEngine
from server.drill.judging import Verdict
from server.languages import load_language
from tests.support.recordings import RATE, number_samples
from tests.support.server import running_server
from training.live import CHUNK_SAMPLES, FAINT, ROOMS, RememberingEngine, Room, ask, question_for, stream


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return RememberingEngine()


@pytest.mark.parametrize("number", [0, 1, 56, 97, 300, 399])
def test_every_number_can_be_asked_for(number: int) -> None:
    assert question_for(number).answer == number


def test_around_a_clip_there_is_the_room() -> None:
    clip = np.concatenate([np.full(RATE // 2, 20), 5000 * np.sin(np.arange(RATE // 2))]).astype(np.int16)
    around = {room: stream(clip, room) for room in ROOMS}
    assert all(len(samples) % CHUNK_SAMPLES == 0 for samples in around.values())
    loudness = {room: float(np.std(samples[:RATE].astype(float))) for room, samples in around.items()}
    assert loudness[Room.GATE] == 0
    assert loudness[Room.FAINT] == pytest.approx(FAINT, rel=0.1)
    assert loudness[Room.OWN] == pytest.approx(20, rel=0.1)


@pytest.mark.engine
def test_silence_does_not_open_the_ear(engine: NumbersEngine) -> None:
    reply = ask(np.zeros(RATE, np.int16), 56, engine, load_language("en"))
    assert (reply.verdict, reply.interpretation) == (Verdict.UNSURE, None)


@pytest.mark.engine
@pytest.mark.parametrize("room", ROOMS)
def test_a_right_answer_is_right_and_another_wrong_in_every_room(engine: NumbersEngine, room: Room) -> None:
    answer = number_samples("mr", 56)
    assert ask(answer, 56, engine, load_language("mr"), room).verdict is Verdict.CORRECT
    assert ask(answer, 63, engine, load_language("mr"), room).verdict is Verdict.WRONG


@pytest.mark.engine
@pytest.mark.gateway
@pytest.mark.parametrize("language", ["en", "hi", "mr"])
def test_the_real_server_comes_to_the_same_verdict(engine: NumbersEngine, silent_prompts: Path, language: str) -> None:
    """Clear answers, cut ones, and loud noise over them: the server and virtual time agree on each verdict."""
    rng = np.random.default_rng(4)
    spoken = [number_samples(language, number) for number in (6, 16, 24, 8, 40, 56)]
    hissing = [np.clip(clip + rng.normal(0, 2500, len(clip)), -32768, 32767).astype(np.int16) for clip in spoken[:3]]
    clips = [*spoken, *(clip[: len(clip) * 2 // 3] for clip in spoken[:3]), *hissing]

    async def played(url: str, clip: np.ndarray, seed: int) -> tuple[int, str]:
        learner = Learner()
        await learner.connect(url)
        await learner.start(language=language, tables=[2, 8], seed=seed)
        _, say, _ = await learner.expect("say")
        await learner.socket.emit("played", {"say": say["id"]})
        pcm = stream(clip, Room.FAINT)
        async for _ in learner.stream(pcm):
            if any(name == "verdict" for name, _ in learner.events):
                break
        _, verdict, _ = await learner.expect("verdict")
        await learner.socket.disconnect()
        return say["show"]["left"] * say["show"]["right"], verdict["verdict"]

    async def scenario(url: str) -> list[tuple[int, str]]:
        return await asyncio.gather(*(played(url, clip, seed) for seed, clip in enumerate(clips)))

    with running_server("--prompts", str(silent_prompts)) as url:
        live = asyncio.run(scenario(url))
    virtual = [
        str(ask(clip, number, engine, load_language(language)).verdict)
        for clip, (number, _) in zip(clips, live, strict=True)
    ]
    assert [verdict for _, verdict in live] == virtual
    assert len(set(virtual)) > 1, "the clips must get different verdicts"
