"""Voices: recording, falling back to the standard voice, export and import as a zip."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from server.understanding.hypothesis import Hypothesis
from server.voices.archive import MOST_FILES
from server.voices.errors import VoiceError
from server.voices.packs import MANIFEST, Pack
from server.voices.recording import RATE_HZ
from server.voices.service import ReadIn, VoiceService
from server.voices.wav import read_wav, write_wav
from tests.support.voices import spoken


def named(told: str | None) -> str:
    return told or "nobody"


def sound_of(voice_service: VoiceService, pack: Pack, clip_id: str) -> bytes:
    return (voice_service.packs.folder_of(pack) / pack.clips[clip_id].file).read_bytes()


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def code_of(action: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(VoiceError) as error:
        action(*arguments)
    return error.value.code


def test_what_a_pack_lacks_the_standard_voice_says(voice_service: VoiceService) -> None:
    pack = voice_service.record(voice_service.packs.create("mr", "आई"), "number-7", spoken("mr", 7))
    clips, standard = voice_service.clips("mr", pack.id), voice_service.standard["mr"]
    assert clips.keys() == standard.keys()
    assert {clip_id for clip_id in clips if clips[clip_id] != standard[clip_id]} == {"number-7"}
    seven = clips["number-7"]
    assert (seven.url, seven.text) == (f"/voices/mr/{pack.id}/{pack.clips['number-7'].file}", standard["number-7"].text)
    assert seven.duration_ms == pytest.approx(standard["number-7"].duration_ms, abs=150)


@pytest.mark.parametrize("voice", [None, "gauri", "0123abcd", "../mr", ""])
def test_a_voice_that_is_not_there_is_the_standard_one(voice_service: VoiceService, voice: str | None) -> None:
    assert voice_service.clips("mr", voice) == voice_service.standard["mr"]


def test_a_recording_of_a_text_that_has_changed_is_not_used(voice_service: VoiceService) -> None:
    pack = voice_service.record(voice_service.packs.create("mr", "आई"), "number-7", spoken("mr", 7))
    manifest = voice_service.packs.folder_of(pack) / MANIFEST
    manifest.write_text(
        manifest.read_text("utf-8").replace(voice_service.standard["mr"]["number-7"].text, "साथ"), "utf-8"
    )
    assert voice_service.clips("mr", pack.id) == voice_service.standard["mr"]
    assert voice_service.recorded(voice_service.packs.get("mr", pack.id)) == {}


def test_recordings_are_kept_as_clips(voice_service: VoiceService) -> None:
    pack = voice_service.record(voice_service.packs.create("en", "Aai"), "praise-1", spoken("en", 20))
    samples, rate_hz = read_wav(sound_of(voice_service, pack, "praise-1"))
    assert rate_hz == RATE_HZ and pack.clips["praise-1"].duration_ms == round(1000 * len(samples) / RATE_HZ)


@pytest.mark.parametrize(
    ("clip_id", "wav", "code"),
    [
        ("praise-99", spoken("en", 1), "unknown_clip"),
        ("../praise-1", spoken("en", 1), "unknown_clip"),
        ("praise-1", b"no sound", "bad_wav"),
        ("praise-1", write_wav(np.zeros(24_000), 24_000), "nothing_heard"),
        ("praise-1", write_wav(np.zeros(24_000 * 9), 24_000), "too_long"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    voice_service: VoiceService, clip_id: str, wav: bytes, code: str
) -> None:
    pack = voice_service.record(voice_service.packs.create("en", "Aai"), "praise-1", spoken("en", 20))
    assert code_of(voice_service.record, pack, clip_id, wav) == code
    assert voice_service.packs.get("en", pack.id) == pack


@pytest.mark.engine
@pytest.mark.parametrize("code", ["en", "mr"])
def test_a_number_is_doubted_only_where_it_sounds_like_another(voice_service: VoiceService, code: str) -> None:
    pack = voice_service.packs.create(code, "Aai")
    for meant, said in ((7, 7), (56, 56), (30, 30), (18, 56), (90, 8)):
        pack = voice_service.record(pack, f"number-{meant}", spoken(code, said))
        clip = pack.clips[f"number-{meant}"]
        assert (clip.hint, clip.heard) == ((None, None) if meant == said else ("not_the_number", said))
    # The sound of other clips is not known.
    assert voice_service.record(pack, "praise-1", spoken(code, 7)).clips["praise-1"].hint is None


def test_a_recogniser_that_fails_stops_no_recording(voice_service: VoiceService, folder: Path) -> None:
    class Broken:
        name = "broken"

        def speaks(self, language: str) -> bool:
            return True

        def largest_number(self, language: str) -> int:
            return 100

        def lease(self, language: str) -> "Broken":
            return self

        def release(self, language: str, recogniser: object) -> None:
            """Do nothing."""

        def start(self) -> None:
            raise RuntimeError("out of order")

        def feed(self, pcm: bytes) -> None:
            """Do nothing."""

        def finish(self) -> Hypothesis:
            return Hypothesis()

        partial = finish

    broken = VoiceService(voice_service.packs, voice_service.languages, voice_service.standard, {"en": Broken()})
    pack = broken.record(voice_service.packs.create("en", "Aai"), "number-7", spoken("en", 7))
    assert pack.clips["number-7"].hint is None


def filled(voice_service: VoiceService) -> Pack:
    pack = voice_service.packs.create("mr", "आई")
    for clip_id, number in (("number-7", 7), ("praise-1", 20), ("question-2-3", 30)):
        pack = voice_service.record(pack, clip_id, spoken("mr", number))
    return pack


def test_a_pack_goes_out_and_comes_in_unchanged(voice_service: VoiceService, tmp_path: Path) -> None:
    pack = filled(voice_service)
    voice_service.give_out(pack, tmp_path / "voice.zip")
    with zipfile.ZipFile(tmp_path / "voice.zip") as archive:
        assert set(archive.namelist()) == {MANIFEST, "number-7.wav", "praise-1.wav", "question-2-3.wav"}
    read = voice_service.read_in(tmp_path / "voice.zip", "en", named)
    assert (read.pack.name, read.pack.language, read.kept, read.left_out) == ("आई", "mr", 3, 0)
    assert read.pack.id != pack.id
    for clip_id in pack.clips:
        assert sound_of(voice_service, read.pack, clip_id) == sound_of(voice_service, pack, clip_id), clip_id


def test_a_zip_without_a_manifest(voice_service: VoiceService, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "voice.zip",
        {
            "Aai/number-7.wav": spoken("en", 7),
            "number-8.mp3": b"ID3",
            "praise-1.wav": b"no sound",
            "dance.wav": spoken("en", 1),
        },
    )
    read = voice_service.read_in(path, "en", named)
    assert (read.pack.language, read.pack.name, set(read.pack.clips), read.left_out) == (
        "en",
        "nobody",
        {"number-7"},
        2,
    )


def test_names_in_a_zip_lead_nowhere(voice_service: VoiceService, folder: Path, tmp_path: Path) -> None:
    manifest = {
        "language": "en",
        "name": "../../x",
        "voice": "../..",
        "clips": {"number-7": {"file": "../../number-7.wav", "text": "seven"}},
    }
    path = zipped(
        tmp_path / "voice.zip",
        {
            MANIFEST: json.dumps(manifest).encode(),
            "../../number-7.wav": spoken("en", 7),
            "/etc/number-8.wav": spoken("en", 8),
            "..\\..\\number-9.wav": spoken("en", 9),
            "/etc/passwd": b"root",
        },
    )
    read = voice_service.read_in(path, "mr", named)
    assert set(read.pack.clips) >= {"number-7", "number-8"}
    inside = voice_service.packs.folder_of(read.pack)
    assert inside.parent == folder / "en"
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {path, *inside.iterdir()}


def test_a_recording_of_another_text_stays_out(voice_service: VoiceService, tmp_path: Path) -> None:
    manifest = {
        "language": "en",
        "clips": {"number-7": {"text": "zeven"}, "number-8": {"text": "eight"}, "number-9": 9},
    }
    clips = {f"number-{number}.wav": spoken("en", number) for number in (7, 8, 9)}
    read = voice_service.read_in(
        zipped(tmp_path / "voice.zip", {MANIFEST: json.dumps(manifest).encode(), **clips}), "mr", named
    )
    assert (set(read.pack.clips), read.left_out) == ({"number-8", "number-9"}, 1)


def many(count: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.txt", b"")
    return file.getvalue()


def bomb(name: str, size: int) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        for _ in range(size // 2**20):
            member.write(bytes(2**20))
    return file.getvalue()


def lying() -> bytes:
    """Return a zip whose directory claims a small file."""
    content = bomb("number-7.wav", 16 * 2**20)
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + (1000).to_bytes(4, "little") + content[at + 28 :]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "bad_zip"),
        (b"PK\x05\x06", "bad_zip"),
        (b"no zip at all" * 100, "bad_zip"),
        (many(MOST_FILES + 1), "zip_too_large"),
        (many(30_000), "zip_too_large"),
        (bomb("number-7.wav", 8 * 2**20), "zip_too_large"),
        (bomb("any", 300 * 2**20), "zip_too_large"),
        (bomb(MANIFEST, 2 * 2**20), "zip_too_large"),
        (lying(), "bad_zip"),
        (many(3), "zip_empty"),
    ],
    ids=[
        "empty",
        "cut",
        "text",
        "many",
        "a long list",
        "a clip",
        "the whole",
        "the manifest",
        "a lie",
        "nothing of use",
    ],
)
def test_bombs_and_rubbish_are_refused(voice_service: VoiceService, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "voice.zip"
    path.write_bytes(content)
    assert code_of(voice_service.read_in, path, "en", named) == code
    assert voice_service.packs.of("en") == []


@pytest.mark.parametrize(
    "manifest", [b"no json", b"7", b"[" * 100_000, b'{"language": 7, "name": [], "clips": 3}', b'{"language": "xx"}']
)
def test_bad_manifests_in_a_zip(voice_service: VoiceService, tmp_path: Path, manifest: bytes) -> None:
    path = zipped(tmp_path / "voice.zip", {MANIFEST: manifest, "number-7.wav": spoken("en", 7)})
    try:
        read: ReadIn | None = voice_service.read_in(path, "en", named)
    except VoiceError as error:
        assert error.code in ("bad_zip", "zip_unknown_language")
        assert voice_service.packs.of("en") == []
    else:
        assert read is not None and set(read.pack.clips) == {"number-7"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(voice_service: VoiceService, tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "voice.zip", {"number-7.wav": spoken("en", 7)}, method)
    assert code_of(voice_service.read_in, path, "en", named) == "bad_zip"
    assert voice_service.packs.of("en") == []
