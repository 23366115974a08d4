"""Recitations by voice, in real time, to the real server."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.learner import Learner
from bench.recite import Chanter, Voice, make_chant
from server.chant.progress import Mark
from server.drill.judging import Verdict
from server.store.database import open_database
from server.store.store import Store
from tests.support.recordings import clip_samples, joined, word_samples
from tests.support.server import running_server

from .playing import run, started

pytestmark = [pytest.mark.gateway, pytest.mark.engine]


def test_chants_in_three_languages_at_once(url: str) -> None:
    async def scenario() -> None:
        chance = np.random.default_rng(4)
        chants = {code: make_chant(Voice(code), "none", chance) for code in ("en", "hi", "mr")}
        followed = await asyncio.gather(*(Chanter().recite(url, code, chant) for code, chant in chants.items()))
        for chant, each in zip(chants.values(), followed, strict=True):
            assert not {Mark.WRONG, Mark.SKIPPED} & set(each.marks.values()), chant.described
            assert list(each.marks.values()).count(Mark.RIGHT) >= 9, chant.described

    run(scenario())


def test_a_wrong_line_is_put_right_and_a_lost_connection_resumes_there(url: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(url, language="en", tables=[7], drill="chant")
        ladders: list[dict[str, Any]] = []
        learner.socket.on("ladder", ladders.append)
        _, say, _ = await learner.expect("say")
        await learner.socket.emit("played", {"say": say["id"]})
        wrong = [clip_samples("en", "question-7-2"), clip_samples("en", "number-15")]
        chant = joined([clip_samples("en", "fact-7-1"), *wrong], 150)
        async for _ in learner.stream(np.concatenate([learner.silence(600), chant, learner.silence(1200)])):
            pass
        _, say, _ = await learner.expect("say")
        assert say["text"].endswith("Seven twos are fourteen.")
        assert [line["mark"] for line in ladders[-1]["lines"]][:3] == [Mark.RIGHT, Mark.WRONG, Mark.OPEN]
        await learner.socket.disconnect()
        again = Learner()
        again.token = learner.token
        await again.connect(url)
        reply = await again.start(language="en", tables=[7], drill="chant")
        assert reply["resumed"]
        _, say, _ = await again.expect("say")
        assert say["show"] == {"left": 7, "right": 3, "answer": None, "digits": "latn"}
        await again.socket.emit("command", {"name": "skip"})
        _, say, _ = await again.expect("say")
        assert say["text"] == "Seven threes are twenty one."
        await again.socket.emit("played", {"say": say["id"]})
        stop = word_samples("en", "stop")
        async for _ in again.stream(np.concatenate([again.silence(600), stop, again.silence(1200)])):
            pass
        _, finished, _ = await again.expect("finished")
        assert finished["score"] == {"correct": 1, "total": 3}
        await again.socket.disconnect()

    run(scenario())


def test_silence_is_helped_and_speech_about_other_things_marks_nothing(url: str) -> None:
    async def scenario() -> None:
        learner, _ = await started(url, language="hi", tables=[7], drill="chant")
        ladders: list[dict[str, Any]] = []
        learner.socket.on("ladder", ladders.append)
        _, say, _ = await learner.expect("say")
        await learner.socket.emit("played", {"say": say["id"]})
        talk = joined([clip_samples("hi", name) for name in ("sleep-1", "lesson-1", "misheard-1")], 200)
        async for _ in learner.stream(np.concatenate([learner.silence(600), talk, learner.silence(3600)])):
            pass
        _, say, _ = await learner.expect("say")
        assert say["show"]["right"] == 1
        assert {line["mark"] for ladder in ladders for line in ladder["lines"]} <= {Mark.OPEN, Mark.UNSURE}
        await learner.socket.disconnect()

    run(scenario())


def test_a_learner_s_lines_are_stored_before_the_result_goes_out(silent_prompts: Path, tmp_path: Path) -> None:
    store = Store(open_database(None, tmp_path))
    learner = store.add_learner("Asha", "kite", "hi", 1_700_000_000_000)

    async def scenario(url: str) -> None:
        child, _ = await started(url, language="hi", tables=[7], drill="chant", learner=learner.id)
        _, say, _ = await child.expect("say")
        await child.socket.emit("played", {"say": say["id"]})
        chant = joined([clip_samples("hi", f"fact-7-{line}") for line in (1, 2, 3)], 150)
        async for _ in child.stream(np.concatenate([child.silence(600), chant, child.silence(900)])):
            pass
        await child.socket.disconnect()
        again = Learner()
        again.token = child.token
        await again.connect(url)
        assert (await again.start(language="hi", tables=[7], drill="chant", learner=learner.id))["resumed"]
        await again.expect("say")
        await again.socket.emit("command", {"name": "skip"})
        await again.socket.emit("command", {"name": "stop"})
        await again.expect("finished")
        await again.socket.disconnect()

    with running_server("--data", str(tmp_path), "--prompts", str(silent_prompts)) as url:
        run(scenario(url))
    stored = store.attempts_of(learner.id)
    assert [(each.fact.right, each.verdict, each.in_order) for each in stored] == [
        *((line, Verdict.CORRECT, True) for line in (1, 2, 3)),
        (4, Verdict.SILENCE, True),
    ]
    assert stored[0].response_ms is None and all(each.response_ms for each in stored[1:3])
    assert len({each.at_ms for each in stored}) == 1


def test_a_recitation_that_the_server_has_lost_goes_on_where_the_page_knows(url: str) -> None:
    async def scenario() -> None:
        learner = Learner()
        learner.token = "of another process"
        await learner.connect(url)
        assert not (await learner.start(language="en", tables=[7], drill="chant", from_line=4))["resumed"]
        _, say, _ = await learner.expect("say")
        assert say["show"]["right"] == 4
        await learner.socket.disconnect()

    run(scenario())


def test_a_learner_who_is_gone_and_a_table_that_nobody_follows_are_refused(url: str) -> None:
    async def scenario() -> None:
        learner = Learner()
        await learner.connect(url)
        assert (await learner.start(drill="chant", learner=77))["code"] == "unknown_learner"
        assert (await learner.start(drill="chant", tables=[0]))["code"] == "bad_arguments"
        await learner.socket.disconnect()

    run(scenario())
