"""The pages for recording voices."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.languages import available, load_language
from server.voices.packs import LARGEST_PACK_BYTES, Pack
from server.voices.service import VoiceService
from server.web.teacher.voices import LARGEST_TAKE_BYTES, LARGEST_VOICE_BYTES
from tests.support.disk import small_disk
from tests.support.voices import spoken

from .conftest import post, token, upload

ENGLISH = load_language("en").teacher
JSON = dict[str, Any]


@pytest.fixture
def pack(voice_service: VoiceService) -> Pack:
    return voice_service.record(voice_service.packs.create("en", "Aai"), "praise-1", spoken("en", 20))


def at(pack: Pack) -> str:
    return f"voices/{pack.language}/{pack.id}"


def send(client: FlaskClient, pack: Pack, clip_id: str, sound: bytes, what: str = "") -> TestResponse:
    """Send a recording as the booth does."""
    form = {"sound": (io.BytesIO(sound), "sound.wav")} if not what else {}
    return client.post(
        f"/teacher/{at(pack)}/clips/{clip_id}{what}", data=form, headers={"X-CSRFToken": token(client, at(pack))}
    )


def in_english(client: FlaskClient) -> FlaskClient:
    client.get("/teacher/voices?language=en")
    return client


@pytest.mark.parametrize("code", available())
def test_the_pages_speak_every_language_and_obey_the_policy(teacher: FlaskClient, pack: Pack, code: str) -> None:
    for path in ("voices", at(pack), f"{at(pack)}/delete"):
        answer = teacher.get(f"/teacher/{path}?language={code}")
        assert answer.status_code == 200, path
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=|\{\w+\}", answer.text), path
    texts = teacher.get(f"/teacher/{at(pack)}/clips.json").json
    assert texts and texts["texts"]["voice_record"] == load_language(code).teacher["voice_record"]


@pytest.mark.parametrize("code", available())
def test_every_text_that_the_booth_and_its_errors_need_is_there(code: str) -> None:
    known = load_language(code).teacher
    root = Path(__file__).parents[3]
    booth = "".join(path.read_text("utf-8") for path in (root / "client" / "voices").glob("*.js"))
    keys = set(re.findall(r'"(voice_\w+)"', booth)) | {
        f"voice_group_{group}" for group in ("praise", "question", "phrase", "fact", "number", "later")
    }
    keys |= {f"voice_{standing}" for standing in ("done", "mend", "missing")}
    voices = "".join(path.read_text("utf-8") for path in (root / "server" / "voices").glob("*.py"))
    codes = set(re.findall(r'VoiceError\(\s*"(\w+)"', voices)) | {"disk_full", "disk_failed"}
    keys |= {f"error_{code}" for code in codes}
    keys |= {f"voice_hint_{hint}" for hint in re.findall(r'hint = "(\w+)"', voices)} | {
        "voice_hint_not_the_number_heard"
    }
    assert len(codes) > 10 and keys <= set(known)


def test_a_voice_is_begun_recorded_and_found_on_the_list(teacher: FlaskClient, voice_service: VoiceService) -> None:
    answer = post(in_english(teacher), "voices/new", "voices", name=" आई ", language="mr")
    (pack,) = voice_service.packs.of("mr")
    assert answer.status_code == 302 and answer.location == f"/teacher/{at(pack)}" and pack.name == "आई"
    clip: JSON | None = send(teacher, pack, "number-7", spoken("mr", 7)).json
    assert clip is not None
    assert (clip["id"], clip["text"], clip["hint"]) == ("number-7", "सात", None)
    heard = teacher.get(clip["url"])
    assert heard.status_code == 200 and heard.data[:4] == b"RIFF" and heard.content_type in ("audio/wav", "audio/x-wav")
    assert "no-store" in heard.headers["Cache-Control"]
    page = teacher.get("/teacher/voices").text
    assert "आई" in page and ENGLISH["voice_recorded"].format(n=1, all=len(voice_service.standard["mr"])) in page


def test_hints_and_refusals_are_told_in_words(teacher: FlaskClient, pack: Pack, voice_service: VoiceService) -> None:
    doubted = send(in_english(teacher), pack, "number-18", spoken("en", 56)).json
    assert doubted and doubted["url"] and doubted["hint"] == ENGLISH["voice_hint_not_the_number_heard"].format(heard=56)
    noisy = send(teacher, pack, "praise-2", spoken("en", 20, room=0.03)).json
    assert noisy and noisy["url"] and noisy["hint"] == ENGLISH["voice_hint_too_noisy"]
    for clip_id, sound, code in (
        ("praise-3", b"", "bad_wav"),
        ("praise-3", spoken("en", 3, loudness=0), "nothing_heard"),
        ("praise-77", spoken("en", 3), "unknown_clip"),
    ):
        refused = send(teacher, pack, clip_id, sound)
        assert (refused.status_code, refused.json) == (400, {"message": ENGLISH[f"error_{code}"]})
    assert set(voice_service.packs.get("en", pack.id).clips) == {"praise-1", "number-18", "praise-2"}


def test_a_full_disk_is_told_and_what_was_recorded_stays(
    teacher: FlaskClient, voice_service: VoiceService, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "voices", 128):
        pack, kept = voice_service.packs.create("en", "Aai"), []
        for number in range(1, 6):
            answer = send(in_english(teacher), pack, f"number-{number}", spoken("en", number))
            if answer.status_code == 400:
                assert answer.json == {"message": ENGLISH["error_disk_full"]}
                break
            kept.append(f"number-{number}")
        assert 0 < len(kept) < 5 and list(voice_service.packs.get("en", pack.id).clips) == kept
        for clip_id in kept:
            assert teacher.get(voice_service.clips("en", pack.id)[clip_id].url).data[:4] == b"RIFF"


def test_a_recording_is_deleted(teacher: FlaskClient, pack: Pack, voice_service: VoiceService) -> None:
    url = voice_service.clips("en", pack.id)["praise-1"].url
    clip = send(teacher, pack, "praise-1", b"", "/delete").json
    assert clip and clip["url"] is None and voice_service.packs.get("en", pack.id).clips == {}
    # A child in the middle of a drill hears the standard voice.
    assert teacher.get(url).location == voice_service.standard["en"]["praise-1"].url


def test_a_clip_that_was_recorded_anew_is_found_by_its_old_address(
    visitor: FlaskClient, pack: Pack, voice_service: VoiceService
) -> None:
    url = voice_service.clips("en", pack.id)["praise-1"].url
    voice_service.record(pack, "praise-1", spoken("en", 30))
    assert visitor.get(url).location == voice_service.clips("en", pack.id)["praise-1"].url != url


@pytest.mark.parametrize(
    "path",
    [
        "en/../secret.key",
        "en/%2e%2e/secret.key",
        "../secret.key",
        "en/aai/..%2f..%2f..%2fsecret.key",
        "xx/aai/praise-1.wav",
        "en/aai/manifest.json",
        "en/aai/praise-1.wav",
        "en/AAI/praise-1.wav",
        "..%2fsamples/1/7_1.wav",
        "en/aai/praise-1.wav%00",
    ],
)
def test_no_address_leads_out_of_the_packs(visitor: FlaskClient, tmp_path: Path, path: str) -> None:
    mine = tmp_path / "voices" / "en" / "aai"
    mine.mkdir(parents=True)
    (mine / "manifest.json").write_text("{}")
    assert visitor.get(f"/voices/{path}").status_code == 404


def test_the_short_address_leads_to_the_pages(visitor: FlaskClient) -> None:
    assert visitor.get("/voices").location == "/teacher/voices"


def test_a_voice_is_renamed_and_deleted(
    teacher: FlaskClient, pack: Pack, voice_service: VoiceService, tmp_path: Path
) -> None:
    post(teacher, f"{at(pack)}/rename", at(pack), name="Ajoba")
    assert voice_service.packs.get("en", pack.id).name == "Ajoba"
    post(teacher, f"{at(pack)}/rename", at(pack), name="   ")
    assert voice_service.packs.get("en", pack.id).name == "Ajoba"
    assert post(teacher, f"{at(pack)}/delete", f"{at(pack)}/delete").location == "/teacher/voices"
    assert voice_service.packs.of("en") == [] and not [
        path for path in (tmp_path / "voices").rglob("*") if path.is_file()
    ]
    assert teacher.get(f"/teacher/{at(pack)}").status_code == 404
    assert ENGLISH["error_unknown_voice"] in in_english(teacher).get(f"/teacher/{at(pack)}/delete").text


def test_a_voice_goes_out_and_comes_in(
    teacher: FlaskClient, pack: Pack, voice_service: VoiceService, tmp_path: Path
) -> None:
    out = teacher.get(f"/teacher/{at(pack)}.zip")
    assert set(zipfile.ZipFile(io.BytesIO(out.data)).namelist()) == {"manifest.json", "praise-1.wav"}
    answer = upload(
        in_english(teacher), "voices/import", "voices", file=(io.BytesIO(out.data), "aai.zip"), language="mr"
    )
    (other,) = (each for each in voice_service.packs.of("en") if each.id != pack.id)
    assert answer.location == f"/teacher/{at(other)}" and other.name == "Aai"
    assert ENGLISH["voice_read_in"].format(name="Aai", n=1, left_out=0) in teacher.get(answer.location).text
    bad = upload(teacher, "voices/import", "voices", file=(io.BytesIO(b"no zip"), "aai.zip"), language="mr")
    assert bad.status_code == 400 and ENGLISH["error_bad_zip"] in bad.text
    assert upload(teacher, "voices/import", "voices").location == "/teacher/voices"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tmp")]


def test_nothing_without_the_passphrase_or_the_token(
    teacher: FlaskClient, visitor: FlaskClient, pack: Pack, voice_service: VoiceService
) -> None:
    for path in ("voices", at(pack), f"{at(pack)}/clips.json", f"{at(pack)}.zip", f"{at(pack)}/delete"):
        assert visitor.get(f"/teacher/{path}").location == "/teacher/door"
    data = {"sound": (io.BytesIO(spoken("en", 7)), "sound.wav")}
    assert teacher.post(f"/teacher/{at(pack)}/clips/number-7", data=data).status_code == 400
    data = {"sound": (io.BytesIO(spoken("en", 7)), "sound.wav")}
    visitor_token = token(visitor)
    answer = visitor.post(f"/teacher/{at(pack)}/clips/number-7", data=data, headers={"X-CSRFToken": visitor_token})
    assert answer.location == "/teacher/door"
    for path in (
        "voices/new",
        "voices/import",
        f"{at(pack)}/delete",
        f"{at(pack)}/rename",
        f"{at(pack)}/clips/praise-1/delete",
    ):
        assert teacher.post(f"/teacher/{path}", data={"name": "x", "language": "en"}).status_code == 400
    assert voice_service.packs.of("en") == [pack]


def test_a_recording_is_bounded_and_a_whole_pack_fits_into_one_upload(
    teacher: FlaskClient, pack: Pack, app: Flask
) -> None:
    assert send(teacher, pack, "praise-2", bytes(LARGEST_TAKE_BYTES + 1)).status_code == 413
    assert LARGEST_PACK_BYTES < LARGEST_VOICE_BYTES
