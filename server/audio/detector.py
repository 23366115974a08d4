"""The voice detector: WebRTC's, quick enough for every frame of every drill, and two energy gates behind it."""

import math
from collections import deque

import numpy as np
import webrtcvad

from . import FRAME_BYTES, FRAME_MS, SAMPLE_BYTES, SAMPLE_RATE

# Measured on 321 human clips, clean, 20 dB quieter, and with white and pink noise at 20 and 10 dB, with the start
# rule of SegmenterSettings. Modes 2 and 3 lose quiet speech, 0 and 1 hang on longer, which the gates mend.
AGGRESSIVENESS = 1
# WebRTC's detector stays on for 120 ms (median; 480 ms and more in a noisy room) after a voice has ended, and each of
# them is a delay of the answer. Voice is what is at most so much below the speaker's own level ...
BELOW_PEAK_DB = 24.0
# ... and so much above the quietest frame of the last FLOOR_MS. With both the median is 0, the 95th percentile 40 ms.
ABOVE_FLOOR_DB = 3.0
FLOOR_MS = 1500
# The level of the speaker is forgotten, so that a loud one, or a bang, does not hide a quiet one for long.
PEAK_DECAY_DB_PER_S = 10.0


class WebRtcDetector:
    """A `VoiceDetector` for one stream: WebRTC's Gaussian mixtures, which adapt to the noise of the room."""

    def __init__(self, aggressiveness: int = AGGRESSIVENESS) -> None:
        self._vad = webrtcvad.Vad(aggressiveness)
        self._levels: deque[float] = deque(maxlen=FLOOR_MS // FRAME_MS)
        self._peak = -math.inf

    def voiced(self, frames: bytes) -> list[bool]:
        """Of each of these frames (20 ms, 16 kHz mono int16, through the high-pass) whether it holds voice."""
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
    """Mean power of each frame in dB, of int16 units."""
    samples = np.frombuffer(frames, "<i2").astype(np.float32).reshape(-1, FRAME_BYTES // SAMPLE_BYTES)
    powers = np.einsum("ij,ij->i", samples, samples) / samples.shape[1]
    return [10 * math.log10(power + 1e-3) for power in powers.tolist()]
