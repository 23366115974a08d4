"""A drill in a recorded voice, from the real server in both async modes; it is recorded while the server runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.languages import load_language
from server.voices.packs import Packs
from tests.live.playing import run, started
from tests.support.server import running_server
from tests.support.teacher import Teacher
from tests.support.voices import spoken
from tests.web.test_pages import fetch

pytestmark = pytest.mark.gateway


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def server(
    request: pytest.FixtureRequest, silent_prompts: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    data = tmp_path_factory.mktemp("data")
    with running_server("--async-mode", request.param, "--prompts", str(silent_prompts), "--data", str(data)) as url:
        yield url, data


def first_say(url: str, **wanted: Any) -> dict[str, Any]:
    async def scenario() -> dict[str, Any]:
        learner, _ = await started(url, language="mr", tables=[7], drill="recitation", **wanted)
        _, say, _ = await learner.expect("say")
        await learner.socket.disconnect()
        return dict(say)

    return run(scenario())


def test_a_voice_is_used_as_soon_as_it_is_recorded(server: tuple[str, Path]) -> None:
    url, data = server
    teacher = Teacher(url).begin(data)
    voice = teacher.post("teacher/voices/new", "teacher/voices", name="आई", language="mr").removeprefix(f"{url}/")
    pack_id = voice.rpartition("/")[2]
    languages = {each["code"]: each["voices"] for each in json.loads(fetch(f"{url}/languages.json")[0])["languages"]}
    usual = load_language("mr")
    assert languages["mr"] == [{"id": usual.voice, "name": usual.ui["standard_voice"]}, {"id": pack_id, "name": "आई"}]
    assert len(languages["en"]) == 1

    greeting, question = first_say(url, voice=pack_id)["clips"]
    assert greeting.startswith("/audio/") and question.startswith("/audio/")
    clip = teacher.record(voice, "question-7-1", spoken("mr", 7))
    say = first_say(url, voice=pack_id)
    assert say["clips"] == [greeting, clip["url"]]
    recorded = Packs(data / "voices").get("mr", pack_id).clips["question-7-1"]
    assert say["duration_ms"] == 50 + recorded.duration_ms
    sound, headers = fetch(url + clip["url"])
    assert sound[:4] == b"RIFF" and "no-store" in headers["cache-control"]
    assert first_say(url)["clips"] == first_say(url, voice=usual.voice)["clips"] == [greeting, question]

    teacher.post(f"{voice}/delete", f"{voice}/delete")
    assert first_say(url, voice=pack_id)["clips"] == [greeting, question]
    assert not [path for path in (data / "voices").rglob("*") if path.is_file()]


@pytest.mark.parametrize("voice", ["../..", "nobody", ""])
def test_an_unknown_voice_does_not_prevent_practice(server: tuple[str, Path], voice: str) -> None:
    assert all(clip.startswith("/audio/") for clip in first_say(server[0], voice=voice)["clips"])
