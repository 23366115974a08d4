"""Packs on disk: written whole, read with care, and gone when they are deleted."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from server.voices import packs as module
from server.voices.errors import VoiceError
from server.voices.packs import MANIFEST, MOST_PACKS, Pack, Packs, Recorded
from tests.support.disk import small_disk

CLIP = Recorded("", "Yes!", 700)


@pytest.fixture
def packs(folder: Path) -> Packs:
    return Packs(folder)


def code_of(error: pytest.ExceptionInfo[VoiceError]) -> str:
    return error.value.code


def files(packs: Packs, pack: Pack) -> set[str]:
    return {path.name for path in packs.folder_of(pack).iterdir()}


def test_a_stored_pack_is_found(packs: Packs, folder: Path) -> None:
    pack = packs.keep(packs.create("mr", "आई"), "praise-1", b"sound", replace(CLIP, hint="too_quiet"))
    pack = packs.keep(pack, "number-7", b"seven", replace(CLIP, hint="not_the_number", heard=60))
    for each in (packs, Packs(folder)):
        assert each.of("mr") == [pack] and each.of("en") == []
        assert each.get("mr", pack.id) == pack
    assert (packs.folder_of(pack) / pack.clips["praise-1"].file).read_bytes() == b"sound"


def test_the_manifest_has_the_format_of_the_standard_prompts(packs: Packs) -> None:
    pack = packs.keep(packs.create("en", "Aai"), "praise-1", b"sound", CLIP)
    manifest = json.loads((packs.folder_of(pack) / MANIFEST).read_text("utf-8"))
    assert manifest == {
        "format": 1,
        "language": "en",
        "voice": pack.id,
        "name": "Aai",
        "clips": {"praise-1": {"file": pack.clips["praise-1"].file, "text": "Yes!", "duration_ms": 700}},
    }


def test_a_new_recording_takes_the_place_of_the_old_one(packs: Packs) -> None:
    first = packs.keep(packs.create("en", "Aai"), "praise-1", b"one", CLIP)
    second = packs.keep(first, "praise-1", b"two", CLIP)
    assert first.clips["praise-1"].file != second.clips["praise-1"].file
    assert files(packs, second) == {MANIFEST, second.clips["praise-1"].file}
    third = packs.remove(second, "praise-1")
    assert files(packs, third) == {MANIFEST} and third.clips == {}
    assert packs.remove(third, "praise-1") == third


def test_a_pack_is_renamed_and_deleted(packs: Packs, folder: Path) -> None:
    pack = packs.keep(packs.create("en", "Aai"), "praise-1", b"one", CLIP)
    pack = packs.rename(pack, "Ajoba")
    assert [each.name for each in packs.of("en")] == ["Ajoba"]
    packs.delete(pack)
    assert packs.of("en") == [] and packs.find("en", pack.id) is None
    assert not [path for path in folder.rglob("*") if path.is_file()]
    with pytest.raises(VoiceError) as error:
        packs.get("en", pack.id)
    assert code_of(error) == "unknown_voice"


@pytest.mark.parametrize("pack_id", ["..", "../mr", "", ".", "a/b", "A", "x" * 41, "aai\n", "नाव"])
def test_no_name_leads_out_of_its_folder(packs: Packs, folder: Path, pack_id: str) -> None:
    folder.mkdir()
    (folder / MANIFEST).write_text('{"clips": {}}')
    (folder.parent / MANIFEST).write_text('{"clips": {}}')
    assert packs.find("en", pack_id) is None and packs.find(pack_id, "en") is None


def test_a_pack_made_by_hand(packs: Packs, folder: Path) -> None:
    mine = folder / "en" / "aai"
    mine.mkdir(parents=True)
    assert packs.of("en") == []
    clips = {
        "praise-1": {"file": "yes.mp3", "text": "Yes!", "duration_ms": 700},
        "praise-2": {"file": "../../secret.key", "text": "Yes!", "duration_ms": 700},
    }
    (mine / MANIFEST).write_text(json.dumps({"clips": clips}))
    (pack,) = packs.of("en")
    assert (pack.id, pack.name, set(pack.clips)) == ("aai", "aai", {"praise-1"})


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"clips": []}',
        '{"clips": {"a": 7}}',
        '{"clips": {"a": {"file": "a.wav"}}}',
        '{"clips": {"a": {"file": 7, "text": "x", "duration_ms": 1}}}',
        '{"clips": {"a": {"file": "a.wav", "text": "x", "duration_ms": "x"}}}',
        "[" * 100_000,
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
def test_a_bad_manifest_is_no_pack(packs: Packs, folder: Path, manifest: str | bytes) -> None:
    (folder / "en" / "aai").mkdir(parents=True)
    (folder / "en" / "aai" / MANIFEST).write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
    assert packs.of("en") == []


def test_packs_and_their_size_are_bounded(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(MOST_PACKS):
        pack = packs.create("en", str(number))
    with pytest.raises(VoiceError) as error:
        packs.create("en", "one more")
    assert code_of(error) == "too_many_voices"
    packs.create("mr", "another language")
    monkeypatch.setattr(module, "LARGEST_PACK_BYTES", 2000)
    with pytest.raises(VoiceError) as error:
        packs.keep(pack, "praise-1", bytes(2000), CLIP)
    assert code_of(error) == "pack_full" and files(packs, pack) == {MANIFEST}


def test_a_full_disk(folder: Path) -> None:
    with small_disk(folder, 64):
        packs = Packs(folder)
        pack = packs.keep(packs.create("en", "Aai"), "praise-1", bytes(20_000), CLIP)
        for clip_id in ("praise-1", "praise-2"):
            with pytest.raises(VoiceError) as error:
                packs.keep(pack, clip_id, bytes(100_000), CLIP)
            assert code_of(error) == "disk_full"
        assert Packs(folder).of("en") == [pack]
        assert files(packs, pack) == {MANIFEST, pack.clips["praise-1"].file}
        packs.keep(pack, "praise-2", bytes(2000), CLIP)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(packs: Packs, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o500)
    with pytest.raises(VoiceError) as error:
        packs.create("en", "Aai")
    assert code_of(error) == "disk_failed"


def test_a_folder_that_is_a_file(packs: Packs, folder: Path) -> None:
    folder.write_bytes(b"")
    with pytest.raises(VoiceError) as error:
        packs.create("en", "Aai")
    assert code_of(error) == "disk_failed" and packs.of("en") == []
