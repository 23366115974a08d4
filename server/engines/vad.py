"""The voice detector: WebRTC's, small and quick enough to listen to every frame of every drill."""

import webrtcvad

from ..speech import SAMPLE_RATE

AGGRESSIVENESS = 3


class WebRtcDetector:
    """A `VoiceDetector` for one stream: WebRTC's Gaussian mixtures, which adapt to the noise of the room."""

    def __init__(self, aggressiveness: int = AGGRESSIVENESS) -> None:
        self._vad = webrtcvad.Vad(aggressiveness)

    def is_speech(self, frame: bytes) -> bool:
        """Whether this frame (20 ms, 16 kHz mono int16) holds voice."""
        return self._vad.is_speech(frame, SAMPLE_RATE)
