"""The wire protocol, spoken by real Socket.IO clients with a real server, in both async modes."""

import asyncio
from typing import Any

import pytest

from bench.learner import CHUNK_SAMPLES, Learner

from .playing import run, started, tap, tap_after

pytestmark = pytest.mark.gateway

CHUNK = bytes(2 * CHUNK_SAMPLES)
NAN, HUGE = float("nan"), 10**30


def test_start_is_acknowledged_and_the_first_question_comes(url: str) -> None:
    async def scenario() -> None:
        learner, reply = await started(url, language="mr", tables=[7], questions=5, seed=3)
        assert reply["audio"] == {"rate": 16000, "format": "s16le", "channels": 1, "chunk_ms": 60}
        assert reply["resumed"] is False and len(reply["token"]) >= 20
        _, say, _ = await learner.expect("say")
        assert say["show"]["left"] == 7 and say["show"]["answer"] is None and say["show"]["digits"] == "deva"
        assert say["expects"] == "answer" and say["question"] == {"number": 1, "count": 5}
        assert say["text"] and len(say["clips"]) == 2 and say["duration_ms"] == 100
        await learner.socket.disconnect()

    run(scenario())


def test_a_seed_repeats_the_questions(url: str) -> None:
    async def questions() -> list[tuple[int, int]]:
        learner, _ = await started(url, tables=[6, 7, 8], questions=8, seed=11)
        verdicts = [await tap(learner) for _ in range(8)]
        await learner.socket.disconnect()
        return [(verdict["left"], verdict["right"]) for verdict in verdicts]

    assert run(questions()) == run(questions())


def test_a_whole_drill_by_touch(url: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(url, tables=[3], questions=4)
        verdicts = [await tap(learner) for _ in range(4)]
        assert [verdict["score"]["correct"] for verdict in verdicts] == [1, 2, 3, 4]
        _, finished, _ = await learner.expect("finished")
        assert finished["score"] == {"correct": 4, "total": 4}
        assert len(finished["facts"]) == 4
        await learner.socket.disconnect()

    run(scenario())


BAD_STARTS = [
    ([], "bad_arguments"),
    ([None], "bad_arguments"),
    (["start"], "bad_arguments"),
    ([{}], "bad_arguments"),
    ([{"protocol": 2, "language": "en", "tables": [2]}], "unsupported_protocol"),
    ([{"protocol": True, "language": "en", "tables": [2]}], "bad_arguments"),
    ([{"protocol": 1, "language": "xx", "tables": [2]}], "unknown_language"),
    ([{"protocol": 1, "language": 7, "tables": [2]}], "bad_arguments"),
    ([{"protocol": 1, "language": "en"}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": []}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [0]}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [HUGE]}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": ["2"]}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [NAN]}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [2], "questions": NAN}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [2], "questions": 0}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [2], "mode": "party"}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [2], "seed": HUGE}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [2], "token": 5}], "bad_arguments"),
    ([{"protocol": 1, "language": "en", "tables": [2]}, "more"], "bad_arguments"),
]


def test_a_bad_start_is_refused_with_code_and_message(url: str) -> None:
    async def scenario() -> None:
        learner = Learner()
        await learner.connect(url)
        for arguments, code in BAD_STARTS:
            reply = await learner.socket.call("start", tuple(arguments), timeout=5)
            assert (reply["ok"], reply["code"]) == (False, code), arguments
            assert reply["message"]
            _, error, _ = await learner.expect("error")
            assert error["code"] == code
        assert (await learner.start())["ok"]
        await learner.socket.disconnect()

    run(scenario())


BAD_EVENTS: list[tuple[str, tuple[Any, ...], str]] = [
    ("audio", (), "bad_arguments"),
    ("audio", (0, 0), "bad_arguments"),
    ("audio", (0, 0, CHUNK, 1), "bad_arguments"),
    ("audio", (0, 0, b""), "bad_audio"),
    ("audio", (0, 0, CHUNK[:-1]), "bad_audio"),
    ("audio", (0, 0, CHUNK * 5), "bad_audio"),
    ("audio", (0, 0, "x" * 1920), "bad_audio"),
    ("audio", (NAN, 0, CHUNK), "bad_arguments"),
    ("audio", (HUGE, 0, CHUNK), "bad_arguments"),
    ("audio", ({"a": 1}, 0, CHUNK), "bad_arguments"),
    ("played", (), "bad_arguments"),
    ("played", ({},), "bad_arguments"),
    ("played", ({"say": "1"},), "bad_arguments"),
    ("played", ({"say": 99},), "unknown_say"),
    ("played", ({"say": HUGE},), "bad_arguments"),
    ("played", ({"say": -1},), "bad_arguments"),
    ("tap", (), "bad_arguments"),
    ("tap", ({"answer": None},), "bad_arguments"),
    ("tap", ({"answer": 5.0},), "bad_arguments"),
    ("tap", ({"answer": HUGE},), "bad_arguments"),
    ("tap", ({"answer": -4},), "bad_arguments"),
    ("tap", (14,), "bad_arguments"),
    ("command", ({"name": "explode"},), "bad_arguments"),
    ("command", ({"name": None},), "bad_arguments"),
    ("command", ("stop",), "bad_arguments"),
    ("no_such_event", (1, 2), "bad_arguments"),
]


def test_bad_events_get_an_error_and_change_nothing(url: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(url, language="hi", tables=[4], questions=2)
        _, say, _ = await learner.expect("say")
        for name, arguments, code in BAD_EVENTS:
            await learner.socket.emit(name, arguments)
            _, error, _ = await learner.expect("error", timeout_s=5)
            assert error["code"] == code, (name, arguments)
            assert error["message"] and not error["message"].isascii(), "people read it in their language"
        assert not [payload for name, payload in learner.events if name == "verdict"]
        assert (await tap_after(learner, say))["score"] == {"correct": 1, "total": 1}
        await learner.socket.disconnect()

    run(scenario())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("audio", (0, 0, CHUNK)), ("played", ({"say": 1},)), ("tap", ({"answer": 14},)), ("command", ({"name": "stop"},))],
)
def test_nothing_works_before_start(url: str, name: str, arguments: tuple[Any, ...]) -> None:
    async def scenario() -> None:
        learner = Learner()
        await learner.connect(url)
        await learner.socket.emit(name, arguments)
        _, error, _ = await learner.expect("error")
        assert error["code"] == "not_started"
        await learner.socket.disconnect()

    run(scenario())


def test_audio_at_another_rate_is_noticed(url: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(url)
        _, say, _ = await learner.expect("say")
        await learner.socket.emit("played", {"say": say["id"]})
        fast = bytes(2 * 44_100 * 60 // 1000)
        for seq in range(40):
            await learner.socket.emit("audio", (seq, 60 * seq, fast))
        _, error, _ = await learner.expect("error")
        assert error["code"] == "bad_rate"
        assert (await tap_after(learner, say))["verdict"] == "correct"
        await learner.socket.disconnect()

    run(scenario())


def test_an_oversized_message_closes_only_its_senders_connection(url: str) -> None:
    async def scenario() -> None:
        bystander, _ = await started(url, tables=[6])
        attacker, _ = await started(url)
        gone = asyncio.Event()
        attacker.socket.on("disconnect", lambda *_: gone.set())
        await attacker.socket.emit("audio", (0, 0, bytes(200_000)))
        await asyncio.wait_for(gone.wait(), 10)
        assert (await tap(bystander))["verdict"] == "correct"
        await bystander.socket.disconnect()

    run(scenario())


def test_what_is_no_json_gets_an_error(url: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(url, tables=[6])
        _, say, _ = await learner.expect("say")
        for text in ("42[" + "9" * 5000 + "]", "42" + "[" * 30_000, '42["tap",{"answer":'):
            await learner.socket.eio.ws.send_str(text)
            _, error, _ = await learner.expect("error", timeout_s=5)
            assert error["code"] == "bad_arguments"
        assert (await tap_after(learner, say))["verdict"] == "correct"
        await learner.socket.disconnect()

    run(scenario())


def test_a_tap_about_an_older_question_does_not_count(url: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(url, tables=[6])
        _, first, _ = await learner.expect("say")
        answer = {"answer": first["show"]["left"] * first["show"]["right"], "say": first["id"]}
        await learner.socket.emit("tap", answer)
        await learner.socket.emit("tap", answer)
        _, verdict, _ = await learner.expect("verdict")
        assert verdict["score"] == {"correct": 1, "total": 1}
        assert (await tap(learner))["score"] == {"correct": 2, "total": 2}
        await learner.socket.disconnect()

    run(scenario())
