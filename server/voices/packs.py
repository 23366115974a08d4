"""Voice packs on disk: <folder>/<language>/<id>/ with clips and a manifest.json, like the standard prompts."""

import errno
import json
import logging
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import VoiceError

logger = logging.getLogger(__name__)

FORMAT = 1
MANIFEST = "manifest.json"
MOST_PACKS = 20
# A zipped pack fits into one upload.
LARGEST_PACK_BYTES = 60 * 1024 * 1024
# The only allowed names of folders and files: none leads out of its folder.
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
FILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}\.(wav|mp3|ogg)")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A clip of a pack."""

    file: str
    text: str
    """What it says."""
    duration_ms: int
    hint: str | None = None
    """See `recording.Take`, or not_the_number; None: all well."""
    heard: int | None = None
    """The number that it sounds like instead."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A recorded voice. Most packs lack some clips."""

    language: str
    id: str
    """The name of its folder."""
    name: str
    """The name for people."""
    clips: Mapping[str, Recorded] = field(default_factory=dict)


class Packs:
    """The packs below `folder`. Any thread may read; a change needs exclusive access.

    Raises VoiceError: unknown_voice, too_many_voices, pack_full, disk_full, disk_failed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, int, int], Pack]] = {}

    def of(self, language: str) -> list[Pack]:
        """Return all packs of a language, by name."""
        folder = self._folder / language
        try:
            ids = [path.name for path in folder.iterdir() if ID.fullmatch(path.name)]
        except OSError:
            return []
        packs = [pack for pack in (self.find(language, pack_id) for pack_id in ids) if pack is not None]
        return sorted(packs, key=lambda pack: (pack.name.casefold(), pack.id))

    def find(self, language: str, pack_id: str) -> Pack | None:
        """Return a pack; None without one, or if its manifest cannot be used."""
        if not (ID.fullmatch(language) and ID.fullmatch(pack_id)):
            return None
        manifest = self.folder(language, pack_id) / MANIFEST
        try:
            now = manifest.stat()
            stamp = (now.st_ino, now.st_mtime_ns, now.st_size)
            read = self._read.get(manifest)
            if read is None or read[0] != stamp:
                read = self._read[manifest] = (stamp, _pack(language, pack_id, json.loads(manifest.read_text("utf-8"))))
            return read[1]
        except FileNotFoundError:
            self._read.pop(manifest, None)
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            logger.warning("%s cannot be used: %r", manifest, error)
            return None

    def get(self, language: str, pack_id: str) -> Pack:
        pack = self.find(language, pack_id)
        if pack is None:
            raise VoiceError("unknown_voice")
        return pack

    def folder(self, language: str, pack_id: str) -> Path:
        return self._folder / language / pack_id

    def folder_of(self, pack: Pack) -> Path:
        return self.folder(pack.language, pack.id)

    def create(self, language: str, name: str) -> Pack:
        if len(self.of(language)) >= MOST_PACKS:
            raise VoiceError("too_many_voices")
        pack = Pack(language, secrets.token_hex(4), name)
        with _disk():
            self.folder_of(pack).mkdir(parents=True)
        try:
            return self._write(pack)
        except VoiceError:
            self.delete(pack)
            raise

    def rename(self, pack: Pack, name: str) -> Pack:
        return self._write(replace(pack, name=name))

    def delete(self, pack: Pack) -> None:
        """Delete a pack with its files."""
        with _disk():
            shutil.rmtree(self.folder_of(pack))

    def keep(self, pack: Pack, clip_id: str, sound: bytes, recorded: Recorded) -> Pack:
        """Return the pack with a new clip in place of an older one. The file's name in `recorded` is set here."""
        folder = self.folder_of(pack)
        with _disk():
            if sum(path.stat().st_size for path in folder.iterdir()) + len(sound) > LARGEST_PACK_BYTES:
                raise VoiceError("pack_full")
            # A new name: a page that has cached the older sound must not take it for this one.
            file = f"{clip_id}-{secrets.token_hex(4)}.wav"
            _put(folder / file, sound)
        try:
            kept = self._write(replace(pack, clips={**pack.clips, clip_id: replace(recorded, file=file)}))
        except VoiceError:
            (folder / file).unlink(missing_ok=True)
            raise
        self._unlink(pack, clip_id)
        return kept

    def remove(self, pack: Pack, clip_id: str) -> Pack:
        """Return the pack without this clip."""
        kept = self._write(replace(pack, clips={key: clip for key, clip in pack.clips.items() if key != clip_id}))
        self._unlink(pack, clip_id)
        return kept

    def _unlink(self, pack: Pack, clip_id: str) -> None:
        if clip_id in pack.clips:
            with _disk():
                (self.folder_of(pack) / pack.clips[clip_id].file).unlink(missing_ok=True)

    def _write(self, pack: Pack) -> Pack:
        with _disk():
            _put(
                self.folder_of(pack) / MANIFEST,
                json.dumps(manifest_of(pack), ensure_ascii=False, indent=1, sort_keys=True).encode(),
            )
        return pack


def manifest_of(pack: Pack) -> dict[str, Any]:
    """Return the content of a pack's manifest.json."""
    clips = {
        clip_id: {name: value for name, value in asdict(clip).items() if value is not None}
        for clip_id, clip in pack.clips.items()
    }
    return {"format": FORMAT, "language": pack.language, "voice": pack.id, "name": pack.name, "clips": clips}


def _pack(language: str, pack_id: str, manifest: dict[str, Any]) -> Pack:
    """Read a manifest. Raises any of several errors if it is not as it should be."""
    clips = {
        str(clip_id): Recorded(
            str(clip["file"]), str(clip["text"]), int(clip["duration_ms"]), clip.get("hint"), clip.get("heard")
        )
        for clip_id, clip in manifest["clips"].items()
        if FILE.fullmatch(clip["file"])
    }
    return Pack(language, pack_id, str(manifest.get("name") or pack_id)[:80], clips)


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VoiceError(
            "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk_failed", str(error)
        ) from error
