"""Read and write WAV files of 16 bits a sample. Reading trusts no header."""

import io
import struct
import wave

import numpy as np

from .errors import VoiceError

RATES_HZ = range(8_000, 96_001)
LONGEST_MS = 8000


def read_wav(data: bytes) -> tuple[np.ndarray, int]:
    """Return mono samples in -1..1 and their rate. Raises VoiceError: bad_wav, too_long, nothing_heard (empty)."""
    try:
        with wave.open(io.BytesIO(data)) as clip:
            channels, width, rate_hz, count = clip.getparams()[:4]
            if width != 2 or channels > 2 or rate_hz not in RATES_HZ:
                raise VoiceError("bad_wav", f"{channels} channels of {8 * width} bits at {rate_hz} Hz")
            # The header may claim more than there is; `data` is the limit.
            pcm = clip.readframes(min(count, rate_hz * LONGEST_MS // 1000 + 1))
    except (wave.Error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise VoiceError("bad_wav", str(error)) from None
    frames = np.frombuffer(pcm[: len(pcm) // (2 * channels) * 2 * channels], "<i2").reshape(-1, channels)
    if len(frames) * 1000 > LONGEST_MS * rate_hz:
        raise VoiceError("too_long")
    if not len(frames):
        raise VoiceError("nothing_heard")
    return (frames.mean(axis=1) / 32768).astype(np.float32), rate_hz


def pcm_of(samples: np.ndarray) -> bytes:
    """Return samples in -1..1 as little-endian integers of 16 bits."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()


def write_wav(samples: np.ndarray, rate_hz: int) -> bytes:
    """Return a mono WAV file with these samples in -1..1."""
    file = io.BytesIO()
    with wave.open(file, "wb") as clip:
        clip.setparams((1, 2, rate_hz, 0, "NONE", ""))
        clip.writeframes(pcm_of(samples))
    return file.getvalue()
