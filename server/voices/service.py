"""All that is done with voices: they are recorded, read in, given out, and chosen for a drill."""

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
    """What came of a zip: clips that are kept, and those that are not."""

    pack: Pack
    kept: int
    left_out: int


@dataclass(frozen=True, slots=True)
class VoiceService:
    """`standard`: the clips of each language's own voice, which speaks whatever a pack lacks. Every method blocks."""

    packs: Packs
    languages: Mapping[str, Language]
    standard: Mapping[str, Mapping[str, Clip]]
    engines: Mapping[str, SpeechEngine]

    def clips(self, language: str, voice: str | None) -> Mapping[str, Clip]:
        """What a drill speaks with; a voice that is not there (any more) is the standard one."""
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
        """The clips that say what is to be said today: where a text has changed, the recording is of no use."""
        standard = self.standard[pack.language]
        return {
            clip_id: clip
            for clip_id, clip in pack.clips.items()
            if clip_id in standard and clip.text == standard[clip_id].text
        }

    def record(self, pack: Pack, clip_id: str, wav: bytes) -> Pack:
        """The pack with this recording, cut and levelled.

        Raises VoiceError: unknown_clip, bad_wav, too_long, nothing_heard, and what the disk does.
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
            # A recording is kept all the same: nobody has said that anything is wrong with it.
            logger.exception("the recogniser failed at %s", clip_id)
            return None

    def read_in(self, path: Path, language: str, name_of: Callable[[str | None], str]) -> ReadIn:
        """A new pack of what a zip has. language: for one whose manifest does not say. name_of: made fit to be shown.

        Raises VoiceError: bad_zip, zip_too_large, zip_unknown_language, zip_empty, and what `record` and the disk do.
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
