"""Decode clips for the echo guard: what a page plays, at the microphone's rate."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import numpy as np
import soundfile

from ..audio import SAMPLE_RATE
from ..audio.prompt_prints import PromptPrints
from ..dialogue.messages import Clip
from .sound import resampled

logger = logging.getLogger(__name__)

# A quarter of an hour: half the clips of three languages. Decoding one again costs 2 ms.
MOST_SAMPLES = 15 * 60 * SAMPLE_RATE


class ClipSounds:
    """Decodes clips and caches the latest, at most `most_samples` (2 bytes each, 29 MB). Thread-safe.

    A clip whose file cannot be read counts as silence of its length: its echo is unknown.
    """

    def __init__(self, prompts_dir: Path, voices_dir: Path, most_samples: int = MOST_SAMPLES) -> None:
        self._folders = {"audio": prompts_dir, "voices": voices_dir}
        self._most_samples = most_samples
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, np.ndarray] = OrderedDict()
        self._kept_samples = 0

    def samples(self, clips: Sequence[Clip]) -> np.ndarray:
        """Return the clips back to back, as a page plays them: int16, mono, 16 kHz. May block for 2 ms a clip."""
        return np.concatenate([np.zeros(0, np.int16), *map(self._clip, clips)])

    def _clip(self, clip: Clip) -> np.ndarray:
        with self._lock:
            if clip.url in self._kept:
                self._kept.move_to_end(clip.url)
                return self._kept[clip.url]
        samples = self.decode(clip)
        self._keep(clip.url, samples)
        return samples

    def decode(self, clip: Clip) -> np.ndarray:
        """Return one clip without caching it, for a caller that reads all clips once."""
        try:
            return _decoded(self._file(clip.url))
        # SoundFileError is a RuntimeError.
        except (OSError, RuntimeError, ValueError) as error:
            logger.warning("no echo guard for %s: %s", clip.url, error)
            return np.zeros(clip.duration_ms * SAMPLE_RATE // 1000, np.int16)

    def _file(self, url: str) -> Path:
        """Return the file behind a clip's address. Raises ValueError if it names no clip."""
        _, kind, *names = PurePosixPath(urlsplit(url).path).parts
        if kind not in self._folders or len(names) != 3 or ".." in names:
            raise ValueError("not the address of a clip")
        return self._folders[kind].joinpath(*names)

    def _keep(self, url: str, samples: np.ndarray) -> None:
        samples.setflags(write=False)
        with self._lock:
            if url in self._kept:
                return
            self._kept[url] = samples
            self._kept_samples += len(samples)
            while self._kept_samples > self._most_samples and len(self._kept) > 1:
                self._kept_samples -= len(self._kept.popitem(last=False)[1])


class Neighbours:
    """The prints of each language's prompts, which recognise a tablet nearby. 0.3 MB a language.

    Numbers alone are not among them: a child who says one must not be taken for a tablet.
    """

    def __init__(self, sounds: ClipSounds) -> None:
        self._sounds = sounds
        self._prints: dict[str, PromptPrints] = {}

    def learn(self, language: str, clips: Mapping[str, Clip]) -> None:
        """Make the prints of a language. Takes about a second."""
        spoken = [clip for clip_id, clip in clips.items() if not clip_id.startswith("number-")]
        self._prints[language] = PromptPrints(map(self._sounds.decode, spoken))

    def are_saying(self, language: str, pcm: bytes) -> bool:
        """Tell whether the utterance is a prompt. False until the language has been learnt."""
        prints = self._prints.get(language)
        return prints is not None and prints.matches(pcm)


def _decoded(path: Path) -> np.ndarray:
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = resampled(samples.mean(axis=1), rate_hz, SAMPLE_RATE)
    return np.clip(np.rint(mono * 32768), -32768, 32767).astype(np.int16)
