"""The check of a tablet: its prompt, and one spoken number."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from server.asr.numbers.engine import NumbersEngine
from server.audio import SAMPLE_RATE
from server.audio.detector import WebRtcDetector
from server.languages import Language, available, load_language
from server.voices.packs import Packs
from server.voices.prompts import load_clips
from server.voices.service import VoiceService
from server.web.check import AUDIO, CHECKS, LARGEST_PCM_BYTES, register_check, spoken_number
from tests.support.recordings import clip_samples, number_samples

HEAR = "/check/hear?language=mr"


@pytest.fixture(scope="module")
def languages() -> dict[str, Language]:
    return {code: load_language(code) for code in available()}


class Ear:
    """Records its input and hears 56; or fails."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.broken = False

    def __call__(self, code: str, pcm: bytes) -> tuple[int | None, float]:
        self.heard.append((code, pcm))
        if self.broken:
            raise RuntimeError("the network is gone")
        return 56, 0.98765


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def app(tmp_path: Path, silent_prompts: Path, languages: Mapping[str, Language], ear: Ear) -> Iterator[Flask]:
    app = Flask(__name__)
    standard = {code: load_clips(silent_prompts, language) for code, language in languages.items()}
    voice_service = VoiceService(Packs(tmp_path), languages, standard, {})
    register_check(app, voice_service, languages, ear, lambda action, *given: action(*given))
    yield app


def post(app: Flask, body: bytes, url: str = HEAR, content_type: str = AUDIO) -> TestResponse:
    return app.test_client().post(url, data=body, content_type=content_type)


def test_the_prompt_is_one_of_the_language_with_its_words(app: Flask, languages: Mapping[str, Language]) -> None:
    for code, language in languages.items():
        answer = app.test_client().get(f"/check/prompt.json?language={code}&voice=nobody")
        assert answer.json and answer.json["text"] == language.prompts["sleep"][0]
        assert answer.json["url"].startswith(f"/audio/{code}/{language.voice}/")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("language", ["", "xx", "../mr"])
def test_a_language_that_is_not_there(app: Flask, ear: Ear, language: str) -> None:
    answers = [
        app.test_client().get(f"/check/prompt.json?language={language}"),
        post(app, bytes(320), f"/check/hear?language={language}"),
    ]
    assert [(answer.status_code, answer.json) for answer in answers] == [(400, {"code": "unknown_language"})] * 2
    assert not ear.heard


def test_a_number_is_heard(app: Flask, ear: Ear) -> None:
    pcm = bytes(range(256)) * 500
    answer = post(app, pcm)
    assert (answer.status_code, answer.json) == (200, {"number": 56, "sure": 0.988})
    assert ear.heard == [("mr", pcm)]


def test_four_seconds_are_taken_and_no_more(app: Flask, ear: Ear) -> None:
    assert LARGEST_PCM_BYTES == 4 * SAMPLE_RATE * 2
    assert post(app, bytes(LARGEST_PCM_BYTES)).status_code == 200
    answer = post(app, bytes(LARGEST_PCM_BYTES + 2))
    assert (answer.status_code, answer.json) == (413, {"code": "bad_audio"})
    assert len(ear.heard) == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", AUDIO),
        (b"123", AUDIO),
        (bytes(320), "text/plain"),
        (bytes(320), "application/x-www-form-urlencoded"),
        (bytes(320), "multipart/form-data; boundary=x"),
        (bytes(320), ""),
    ],
)
def test_what_is_no_sound_or_could_come_from_another_sites_form(
    app: Flask, ear: Ear, body: bytes, content_type: str
) -> None:
    answer = post(app, body, content_type=content_type)
    assert (answer.status_code, answer.json) == (400, {"code": "bad_audio"})
    assert not ear.heard


def test_a_body_without_a_length_is_not_waited_for(app: Flask, ear: Ear) -> None:
    answer = app.test_client().post(HEAR, content_type=AUDIO, headers={"Transfer-Encoding": "chunked"})
    assert (answer.status_code, answer.json) == (400, {"code": "bad_audio"})


def test_an_address_asks_so_often_and_no_more(app: Flask, ear: Ear) -> None:
    codes = [post(app, bytes(320)).status_code for _ in range(CHECKS.amount + 1)]
    assert codes == [200] * CHECKS.amount + [429]
    assert len(ear.heard) == CHECKS.amount


def test_a_recogniser_that_fails_is_told(app: Flask, ear: Ear) -> None:
    ear.broken = True
    answer = post(app, bytes(320))
    assert (answer.status_code, answer.json) == (500, {"code": "engine_failed"})


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()


def in_room(*parts: np.ndarray) -> bytes:
    """Join sounds with the faint noise of a room between and around them."""
    sound = np.concatenate([np.zeros(8000), *parts, np.zeros(8000)])
    noise = 8 * np.random.default_rng(1).standard_normal(len(sound))
    return np.clip(sound + noise, -32768, 32767).astype("<i2").tobytes()


@pytest.mark.engine
@pytest.mark.parametrize(("code", "number"), [("en", 56), ("hi", 8), ("mr", 72)])
def test_a_spoken_number_is_understood_by_the_real_ear(
    engine: NumbersEngine, languages: Mapping[str, Language], code: str, number: int
) -> None:
    heard = spoken_number(engine, languages[code], WebRtcDetector(), in_room(number_samples(code, number)))
    assert heard[0] == number and heard[1] > 0.6


@pytest.mark.engine
def test_a_silent_room_gives_no_number(engine: NumbersEngine, languages: Mapping[str, Language]) -> None:
    assert spoken_number(engine, languages["en"], WebRtcDetector(), in_room()) == (None, 0.0)


@pytest.mark.engine
def test_what_is_said_before_the_number_does_not_count(
    engine: NumbersEngine, languages: Mapping[str, Language]
) -> None:
    spoken = in_room(clip_samples("en", "praise-1"), np.zeros(2 * SAMPLE_RATE), number_samples("en", 56))
    assert spoken_number(engine, languages["en"], WebRtcDetector(), spoken)[0] == 56
