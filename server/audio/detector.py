"""The voice detector: WebRTC's, fast enough for every frame of every drill, followed by two energy gates."""

import math
from collections import deque

import numpy as np
import webrtcvad

from . import FRAME_BYTES, FRAME_MS, SAMPLE_BYTES, SAMPLE_RATE

# Modes 2 and 3 lose quiet speech. 0 and 1 hang on longer, which the gates mend (docs/experiments.md).
AGGRESSIVENESS = 1
# WebRTC's detector stays on for 120 ms (median) after a voice, which delays every answer. A voiced frame is at most
# this much below the speaker's own level ...
BELOW_PEAK_DB = 24.0
# ... and at least this much above the quietest frame of the last FLOOR_MS. Together they bring the median to 0.
ABOVE_FLOOR_DB = 3.0
FLOOR_MS = 1500
# The speaker's level decays: a loud voice or a bang does not hide a quiet voice for long.
PEAK_DECAY_DB_PER_S = 10.0


class WebRtcDetector:
    """A `VoiceDetector` for one stream: WebRTC's Gaussian mixtures, which adapt to the noise of the room."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._levels: deque[float] = deque(maxlen=FLOOR_MS // FRAME_MS)
        self._peak = -math.inf

    def voiced(self, frames: bytes) -> list[bool]:
        """Tell for each frame (20 ms, 16 kHz mono int16, after the high-pass) whether it holds voice."""
        starts = range(0, len(frames), FRAME_BYTES)
        levels = _levels(frames)
        return [self._is_voiced(frames[at : at + FRAME_BYTES], level) for at, level in zip(starts, levels, strict=True)]

    def _is_voiced(self, frame: bytes, level: float) -> bool:
        voiced = self._vad.is_speech(frame, SAMPLE_RATE)
        self._levels.append(level)
        self._peak -= PEAK_DECAY_DB_PER_S * FRAME_MS / 1000
        if not voiced:
            return False
        self._peak = max(self._peak, level)
        return level > self._peak - BELOW_PEAK_DB and level > min(self._levels) + ABOVE_FLOOR_DB


def _levels(frames: bytes) -> list[float]:
    """Return each frame's mean power in dB, in int16 units."""
    samples = np.frombuffer(frames, "<i2").astype(np.float32).reshape(-1, FRAME_BYTES // SAMPLE_BYTES)
    powers = np.einsum("ij,ij->i", samples, samples) / samples.shape[1]
    return [10 * math.log10(power + 1e-3) for power in powers.tolist()]
