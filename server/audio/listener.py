"""From chunks of audio to utterances: framing, high-pass, voice detector and segmenter in one."""

from collections.abc import Iterator
from typing import Protocol

from . import FRAME_BYTES, duration_ms
from .highpass import HighPass
from .segmenter import Segmenter, SegmenterEvent, SegmenterSettings


class VoiceDetector(Protocol):
    """A detector that tells voice from silence, frame by frame, in one stream."""

    def voiced(self, frames: bytes) -> list[bool]:
        """Tell for each frame (20 ms, 16 kHz mono int16, back to back) whether it holds voice."""


class Framer:
    """Cuts a stream of 16 kHz mono int16 audio into frames of `FRAME_BYTES`, whatever the sizes of the chunks."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, pcm: bytes) -> bytes:
        """Return all frames that this chunk completes, back to back."""
        data = self._rest + pcm
        size = len(data) - len(data) % FRAME_BYTES
        self._rest = data[size:]
        return data[:size]

    def reset(self) -> None:
        """Forget the unfinished frame: the next chunk does not continue it."""
        self._rest = b""


class Listener:
    """The listening side of one stream of 16 kHz mono int16 audio."""

    def __init__(self, detector: VoiceDetector, settings: SegmenterSettings = SegmenterSettings()) -> None:
        self._framer = Framer()
        self._high_pass = HighPass()
        self._detector = detector
        self._segmenter = Segmenter(settings)

    @property
    def heard_ms(self) -> int:
        """Length of the stream so far, in milliseconds."""
        return self._segmenter.heard_ms

    @property
    def is_open(self) -> bool:
        """An utterance has begun and is not over."""
        return self._segmenter.open

    def arm(self, armed: bool) -> None:
        """Let an utterance start, or not, from the next frame on."""
        self._segmenter.armed = armed

    def end_after(self, silence_ms: int) -> None:
        """Let this much silence end the present utterance, from the next frame on."""
        self._segmenter.silence_limit_ms = silence_ms

    def hear(self, pcm: bytes) -> Iterator[SegmenterEvent]:
        """Take the next chunk. Lazy: `arm` and `end_after` between two events count for the next frame."""
        frames = self._framer.whole(pcm)
        for number, voiced in enumerate(self._detector.voiced(self._high_pass.filter(frames))):
            yield from self._segmenter.process(frames[number * FRAME_BYTES : (number + 1) * FRAME_BYTES], voiced)

    def skip(self, pcm: bytes) -> None:
        """Pass over this chunk: it only takes its time in the stream."""
        self._framer.reset()
        self._segmenter.skip(round(duration_ms(pcm)))

    def interrupt(self) -> None:
        """Cut the stream (prompt, lost audio): nothing heard so far belongs to what follows."""
        self._framer.reset()
        self._segmenter.reset()
