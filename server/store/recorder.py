"""Keep recordings of a learner with consent."""

import logging
import wave
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from ..files import remove
from .errors import StoreError
from .records import Sample
from .store import Store

logger = logging.getLogger(__name__)

FOLDER = "samples"
SAMPLE_RATE_HZ, SAMPLE_BYTES = 16_000, 2


class Recorder:
    """Keeps spoken answers of one learner below `data_dir`. Without consent nothing stays on the disk.

    `offload(function, *arguments)` runs blocking work off the event loop, apart from the recognisers.
    """

    def __init__(self, store: Store, data_dir: Path, learner: int, offload: Callable[..., Any]) -> None:
        self._store = store
        self._data_dir = data_dir
        self._learner = learner
        self._offload = offload

    def keep(self, pcm: bytes, number: int, at_ms: int) -> None:
        """Keep `pcm` (16 kHz, 16 bits, mono), which says `number`. Never raises: the drill goes on."""
        self._offload(self._keep, pcm, number, at_ms)

    def _keep(self, pcm: bytes, number: int, at_ms: int) -> None:
        # The name begins with the number, as `training.evaluate` needs it.
        path = f"{FOLDER}/{self._learner}/{number}_{at_ms}.wav"
        file = self._data_dir / path
        try:
            # A child's voice: no other user may hear it.
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with wave.open(str(file), "wb") as recording:
                recording.setparams((1, SAMPLE_BYTES, SAMPLE_RATE_HZ, 0, "NONE", ""))
                recording.writeframes(pcm)
            self._store.add_sample(Sample(path, self._learner, number, at_ms))
        except Exception as error:
            with suppress(OSError):
                remove(file)
            if not isinstance(error, StoreError):
                logger.exception("a recording was not kept")


@dataclass(frozen=True, slots=True)
class Strays:
    """Recordings of a learner who is not in the database, for example after an older backup was restored."""

    learner: int
    """The learner's id, from the folder's name."""
    files: tuple[Path, ...]
    """The recordings."""
    newest_at_ms: int
    """Time of the newest one, UTC."""


def strays(store: Store, data_dir: Path) -> list[Strays]:
    """Return the stray recordings, the newest first. Raises DBAPIError, OSError."""
    here = {str(learner.id) for learner in store.learners()}
    found = []
    for folder in (data_dir / FOLDER).glob("*"):
        is_learners = folder.name.isascii() and folder.name.isdecimal() and not folder.is_symlink()
        files = tuple(sorted(folder.glob("*.wav"))) if is_learners and folder.name not in here else ()
        if files:
            newest = max(file.lstat().st_mtime_ns for file in files) // 1_000_000
            found.append(Strays(int(folder.name), files, newest))
    return sorted(found, key=lambda stray: stray.newest_at_ms, reverse=True)


def delete_strays(store: Store, data_dir: Path) -> int:
    """Delete recordings whose learner is not in the database. Returns their number. Raises DBAPIError, OSError."""
    files = [file for stray in strays(store, data_dir) for file in stray.files]
    for file in files:
        remove(file)
    return len(files)


def sweep(store: Store, data_dir: Path) -> None:
    """Delete recordings that a killed server left: of a known learner, but in no row. Never raises.

    Recordings of unknown learners stay, because they may belong to another database: see `strays`.
    """
    try:
        here = {str(learner.id) for learner in store.learners()}
        for folder in (data_dir / FOLDER).glob("*"):
            if folder.name in here:
                known = {sample.path for sample in store.samples(int(folder.name))}
                for file in folder.glob("*.wav"):
                    if file.relative_to(data_dir).as_posix() not in known:
                        remove(file)
    except (DBAPIError, OSError) as error:
        logger.warning("recordings without a row in the database may be left (%s)", error)
