"""Everything that is done with voices: record, import, export, and choose one for a drill."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..asr.base import SpeechEngine
from ..dialogue.messages import Clip
from ..languages import Language
from .archive import open_archive, write_archive
from .check import Doubt, doubt
from .errors import VoiceError
from .packs import Pack, Packs, Recorded
from .recording import RATE_HZ, Take, make_take
from .wav import read_wav, write_wav

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadIn:
    """The result of an import."""

    pack: Pack
    kept: int
    """Clips that are kept."""
    left_out: int
    """Clips that are not kept."""


@dataclass(frozen=True, slots=True)
class VoiceService:
    """The recorded voices. Every method blocks."""

    packs: Packs
    languages: Mapping[str, Language]
    standard: Mapping[str, Mapping[str, Clip]]
    """The clips of each language's own voice, which speaks whatever a pack lacks."""
    engines: Mapping[str, SpeechEngine]

    def clips(self, language: str, voice: str | None) -> Mapping[str, Clip]:
        """Return a drill's clips. A missing voice is replaced by the standard one."""
        pack = voice and self.packs.find(language, voice)
        if not pack:
            return self.standard[language]
        return {
            **self.standard[language],
            **{
                clip_id: Clip(f"/voices/{language}/{pack.id}/{clip.file}", clip.text, clip.duration_ms)
                for clip_id, clip in self.recorded(pack).items()
            },
        }

    def recorded(self, pack: Pack) -> dict[str, Recorded]:
        """Return the clips that say today's texts. If a text has changed, its recording is of no use."""
        standard = self.standard[pack.language]
        return {
            clip_id: clip
            for clip_id, clip in pack.clips.items()
            if clip_id in standard and clip.text == standard[clip_id].text
        }

    def record(self, pack: Pack, clip_id: str, wav: bytes) -> Pack:
        """Return the pack with this recording, cut and levelled.

        Raises VoiceError: unknown_clip, bad_wav, too_long, nothing_heard, and those of the disk.
        """
        usual = self.standard[pack.language].get(clip_id)
        if usual is None:
            raise VoiceError("unknown_clip")
        take = make_take(*read_wav(wav), usual.duration_ms)
        recorded = Recorded("", usual.text, take.duration_ms, take.hint)
        doubted = self._doubt(pack.language, clip_id, take)
        if doubted and not take.hint:
            recorded = replace(recorded, hint="not_the_number", heard=doubted.heard)
        return self.packs.keep(pack, clip_id, write_wav(take.samples, RATE_HZ), recorded)

    def _doubt(self, code: str, clip_id: str, take: Take) -> Doubt | None:
        kind, _, number = clip_id.partition("-")
        if kind != "number" or int(number) > self.engines[code].largest_number(code):
            return None
        try:
            return doubt(self.engines[code], self.languages[code], int(number), take)
        except Exception:
            # The recording is kept: a failed check is no doubt about it.
            logger.exception("the recogniser failed at %s", clip_id)
            return None

    def read_in(self, path: Path, language: str, name_of: Callable[[str | None], str]) -> ReadIn:
        """Make a new pack from a zip. `language` is for a zip without a manifest; `name_of` makes the name presentable.

        Raises VoiceError: bad_zip, zip_too_large, zip_unknown_language, zip_empty, and those of `record` and of the
        disk.
        """
        with open_archive(path) as archive:
            language = archive.language or language
            if language not in self.languages:
                raise VoiceError("zip_unknown_language")
            standard = self.standard[language]
            known = [key for key, clip in standard.items() if archive.texts.get(key, clip.text) == clip.text]
            pack = self.packs.create(language, name_of(archive.name))
            try:
                for clip_id, wav in archive.clips(known):
                    pack = self._recorded_if_good(pack, clip_id, wav)
                if not pack.clips:
                    raise VoiceError("zip_empty")
            except BaseException:
                self.packs.delete(pack)
                raise
            return ReadIn(pack, len(pack.clips), len(archive) - len(pack.clips))

    def _recorded_if_good(self, pack: Pack, clip_id: str, wav: bytes) -> Pack:
        try:
            return self.record(pack, clip_id, wav)
        except VoiceError as error:
            if error.code not in ("bad_wav", "too_long", "nothing_heard"):
                raise
            return pack

    def give_out(self, pack: Pack, path: Path) -> None:
        """Write the pack as a zip."""
        write_archive(pack, self.packs.folder_of(pack), path)
