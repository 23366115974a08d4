"""Export a voice pack as a zip, and read one. Nothing is unpacked onto the disk."""

import json
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ..archive import TooManyFiles, require_short_list
from .errors import VoiceError
from .packs import MANIFEST, Pack, manifest_of

# Eight seconds in stereo at 96 kHz take 3 MB. The sizes in the zip's directory are checked before anything is read.
LARGEST_CLIP_BYTES = 4 * 1024 * 1024
LARGEST_MANIFEST_BYTES = 1024 * 1024
LARGEST_WHOLE_BYTES = 256 * 1024 * 1024
MOST_FILES = 2000


@dataclass(frozen=True, slots=True)
class Archive:
    """An open zip with a voice pack."""

    language: str | None
    """From the manifest; None without one."""
    name: str | None
    """The voice's name from the manifest; None without one."""
    texts: dict[str, str]
    """The text of each clip, by the manifest."""
    _file: zipfile.ZipFile
    _clips: dict[str, zipfile.ZipInfo]

    def clips(self, known: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the ids and WAV files of the clips that are `known`. Raises VoiceError: bad_zip."""
        for clip_id, info in self._clips.items():
            if clip_id in known:
                yield clip_id, _content(self._file, info)

    def __len__(self) -> int:
        return len(self._clips)


def write_archive(pack: Pack, folder: Path, path: Path) -> None:
    """Write the pack, whose files lie in `folder`. Files are named after their clips."""
    there = {clip_id: clip for clip_id, clip in pack.clips.items() if (folder / clip.file).is_file()}
    plain = {clip_id: replace(clip, file=f"{clip_id}{Path(clip.file).suffix}") for clip_id, clip in there.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest = manifest_of(replace(pack, clips=plain))
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
        for clip_id, clip in there.items():
            archive.write(folder / clip.file, plain[clip_id].file)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip, whose WAV files are clips; others are ignored. Raises VoiceError: bad_zip, zip_too_large."""
    with _zip_trouble():
        require_short_list(path, MOST_FILES)
        file = zipfile.ZipFile(path)
    with file:
        with _zip_trouble():
            archive = _archive(file)
        yield archive


def _archive(file: zipfile.ZipFile) -> Archive:
    infos = file.infolist()
    if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > LARGEST_WHOLE_BYTES:
        raise VoiceError("zip_too_large")
    # Names are looked up, never used as a path.
    named = {PurePosixPath(info.filename).name: info for info in reversed(infos) if not info.is_dir()}
    clips = {PurePosixPath(name).stem: info for name, info in named.items() if name.endswith(".wav")}
    if any(info.file_size > LARGEST_CLIP_BYTES for info in clips.values()):
        raise VoiceError("zip_too_large")
    manifest: Any = {}
    if MANIFEST in named:
        if named[MANIFEST].file_size > LARGEST_MANIFEST_BYTES:
            raise VoiceError("zip_too_large")
        manifest = json.loads(_content(file, named[MANIFEST]))
    manifest = manifest if isinstance(manifest, dict) else {}
    told = manifest.get("clips")
    texts = {
        clip_id: clip["text"]
        for clip_id, clip in (told.items() if isinstance(told, dict) else ())
        if isinstance(clip, dict) and isinstance(clip.get("text"), str)
    }
    language, name = (value if isinstance(value, str) else None for value in map(manifest.get, ("language", "name")))
    return Archive(language, name, texts, file, clips)


def _content(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return all of a file; zipfile gives no more than the size that was checked. Raises VoiceError."""
    with _zip_trouble():
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise VoiceError("bad_zip", f"{info.filename} is packed in an unusual way")
        return file.read(info)


@contextmanager
def _zip_trouble() -> Iterator[None]:
    try:
        yield
    except TooManyFiles:
        raise VoiceError("zip_too_large") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise VoiceError("bad_zip", str(error)) from None
