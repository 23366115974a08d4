"""Decide whether a chunk of audio can be used. Each connection has one intake; the time is an argument."""

from dataclasses import dataclass
from typing import TypeGuard

from ..audio import SAMPLE_BYTES, duration_ms

MIN_CHUNK_MS, MAX_CHUNK_MS = 20, 200
# Audio cannot arrive faster than time passes. Up to this much may come late, from the network or a busy server: a late
# answer is better than a repeated question.
AHEAD_MS = 2000.0
EVIDENCE_MS = 3000.0  # this much audio in one burst shows its sample rate
LARGEST_INT = 2**53 - 1  # what a browser can count to


class BadAudio(ValueError):
    """A chunk is not audio of the agreed form. `code` is the protocol's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Accepted:
    """A chunk to be heard."""

    pcm: bytes
    missing: int
    """How many chunks before it never arrived, or were dropped."""


class AudioIntake:
    """Checks form, order and speed of the `audio` messages of one connection.

    If more audio arrives than time passes, the capture times tell why: the network held a backlog, whose chunks are too
    old to be heard, or the samples are not 16 kHz.
    """

    def __init__(self) -> None:
        self._next_seq: int | None = None
        self._lost = 0
        self._last_arrival_ms = 0.0
        self._ahead_ms = 0.0
        self._burst_captured_ms = 0
        self._burst_audio_ms = 0.0

    def accept(self, seq: object, captured_ms: object, pcm: object, now_ms: float) -> Accepted | None:
        """The chunk; None for a repeat or a stale one. Raises BadAudio, which drops it as well."""
        if not _is_count(seq) or not _is_count(captured_ms):
            raise BadAudio("bad_arguments", "seq and captured_ms must be whole numbers")
        if not isinstance(pcm, bytes):
            raise BadAudio("bad_audio", "pcm must be bytes")
        if len(pcm) % SAMPLE_BYTES or not MIN_CHUNK_MS <= duration_ms(pcm) <= MAX_CHUNK_MS:
            raise BadAudio("bad_audio", f"pcm must hold {MIN_CHUNK_MS} to {MAX_CHUNK_MS} ms of int16 samples")
        if seq == 0 and self._next_seq is not None and self._next_seq > 1:
            # The sender counts each answer anew. This is no repeat of the first chunk.
            self._next_seq = None
        if self._next_seq is not None and seq < self._next_seq:
            return None
        if self._is_stale(captured_ms, duration_ms(pcm), now_ms):
            return None
        missing = self._lost + (0 if self._next_seq is None else seq - self._next_seq)
        self._next_seq, self._lost = seq + 1, 0
        return Accepted(pcm, missing)

    def lost(self) -> None:
        """An accepted chunk was not heard after all."""
        self._lost += 1

    def _is_stale(self, captured_ms: int, chunk_ms: float, now_ms: float) -> bool:
        ahead_ms = max(0.0, self._ahead_ms - (now_ms - self._last_arrival_ms))
        self._last_arrival_ms = now_ms
        if not ahead_ms:
            self._burst_captured_ms, self._burst_audio_ms = captured_ms, 0.0
        self._burst_audio_ms += chunk_ms
        stale = ahead_ms + chunk_ms > AHEAD_MS
        self._ahead_ms = ahead_ms if stale else ahead_ms + chunk_ms
        captured_span_ms = captured_ms - self._burst_captured_ms
        if stale and self._burst_audio_ms >= EVIDENCE_MS and captured_span_ms < 0.8 * self._burst_audio_ms:
            raise BadAudio("bad_rate", "audio arrives faster than time passes: is it really 16 kHz?")
        return stale


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INT
