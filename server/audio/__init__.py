"""From bytes to utterances: frames, voice, echo. Pure except for the detector: bytes in, events out."""

SAMPLE_RATE = 16_000
SAMPLE_BYTES = 2
FRAME_MS = 20
FRAME_BYTES = SAMPLE_RATE * FRAME_MS // 1000 * SAMPLE_BYTES


def duration_ms(pcm: bytes | bytearray) -> float:
    """Return the length of 16 kHz mono int16 audio in milliseconds."""
    return len(pcm) / (SAMPLE_RATE * SAMPLE_BYTES) * 1000
