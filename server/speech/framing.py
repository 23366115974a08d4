"""Chunks of any size in, frames of 20 ms out."""

from collections.abc import Iterator

from . import FRAME_BYTES


class Framer:
    """Cuts a stream of 16 kHz mono int16 audio into frames of `FRAME_BYTES`, whatever the sizes of the chunks."""

    def __init__(self) -> None:
        self._rest = b""

    def frames(self, pcm: bytes) -> Iterator[bytes]:
        data = self._rest + pcm
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        for start in range(0, whole, FRAME_BYTES):
            yield data[start:start + FRAME_BYTES]

    def reset(self) -> None:
        """Forget the unfinished frame: what comes next does not continue it."""
        self._rest = b""
