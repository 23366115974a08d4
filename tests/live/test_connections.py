"""Drills and their connections: lost, resumed, taken over. In both async modes."""

import pytest

from tests.support.recordings import number_samples

from .playing import run, started, tap, tap_after

pytestmark = pytest.mark.gateway


def test_a_lost_connection_resumes_with_the_same_question_and_score(url: str) -> None:
    async def scenario() -> None:
        learner, reply = await started(url, tables=[8], questions=3, seed=5)
        await tap(learner)
        _, asked, _ = await learner.expect("say")
        await learner.socket.disconnect()
        again, resumed = await started(url, token=reply["token"])
        assert resumed["resumed"] is True and resumed["token"] == reply["token"]
        _, say, _ = await again.expect("say")
        assert (say["show"], say["question"], say["score"]) == (
            asked["show"],
            asked["question"],
            {"correct": 1, "total": 1},
        )
        await again.socket.disconnect()

    run(scenario())


def test_an_unknown_token_begins_a_new_drill(url: str) -> None:
    async def scenario() -> None:
        learner, reply = await started(url, token="x" * 22)
        assert reply["resumed"] is False and reply["token"] != "x" * 22
        await learner.socket.disconnect()

    run(scenario())


def test_a_second_tab_takes_over_and_the_first_is_told(url: str) -> None:
    async def scenario() -> None:
        first, reply = await started(url, tables=[8], questions=3)
        await tap(first)
        second, resumed = await started(url, token=reply["token"])
        assert resumed["resumed"]
        _, error, _ = await first.expect("error")
        assert error["code"] == "taken_over"
        await first.socket.emit("tap", {"answer": 1})
        _, error, _ = await first.expect("error")
        assert error["code"] == "not_started"
        await first.socket.disconnect()
        assert (await tap(second))["score"] == {"correct": 2, "total": 2}
        await second.socket.disconnect()

    run(scenario())


def test_starting_again_on_one_connection_is_a_new_drill(url: str) -> None:
    async def scenario() -> None:
        learner, reply = await started(url, tables=[8])
        await tap(learner)
        learner.token = None
        again = await learner.start(tables=[9])
        assert again["ok"] and not again["resumed"] and again["token"] != reply["token"]
        await learner.expect("say")
        assert (await tap(learner))["score"] == {"correct": 1, "total": 1}
        await learner.socket.disconnect()

    run(scenario())


def test_a_disconnect_in_the_middle_of_an_answer_loses_nothing(url: str) -> None:
    async def scenario() -> None:
        learner, reply = await started(url, tables=[5], questions=3)
        await tap(learner)
        _, say, _ = await learner.expect("say")
        await learner.socket.emit("played", {"say": say["id"]})
        async for _ in learner.stream(number_samples("en", 25)):
            if ("phase", {"name": "speech"}) in learner.events:
                break
        else:
            pytest.fail("the voice was not heard")
        await learner.socket.disconnect()
        again, resumed = await started(url, token=reply["token"])
        _, repeated, _ = await again.expect("say")
        assert (
            resumed["resumed"] and repeated["show"] == say["show"] and repeated["score"] == {"correct": 1, "total": 1}
        )
        assert (await tap_after(again, repeated))["score"] == {"correct": 2, "total": 2}
        await again.socket.disconnect()

    run(scenario())
