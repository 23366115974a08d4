"""Cut chunks of any size into whole frames of 20 ms."""

from . import FRAME_BYTES


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
