"""Trim speech and bring it to the common loudness."""

import numpy as np

LEAD_MS, TAIL_MS = 40, 90
FADE_MS = 8
# Speech lies above this share of the clip's peak (-40 dB).
SILENCE = 0.01
# The speech of every clip has the same RMS. A clip whose peaks would pass the ceiling is turned down as a whole.
SPEECH_RMS = 10 ** (-20 / 20)
PEAK = 10 ** (-1.5 / 20)


def polish(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Trim clean speech and bring it to the common loudness."""
    cut = trimmed(samples, rate_hz, speech_span(samples))
    return cut * min(SPEECH_RMS / speech_rms(cut, rate_hz), PEAK / np.abs(cut).max())


def trimmed(samples: np.ndarray, rate_hz: int, span: tuple[int, int]) -> np.ndarray:
    """Return the speech within `span` (first sample, end) with a short lead and tail, both ends faded."""
    first, last = span
    lead, tail, fade = (ms * rate_hz // 1000 for ms in (LEAD_MS, TAIL_MS, FADE_MS))
    cut = np.zeros(lead + last - first + tail, np.float32)
    begin = max(0, first - lead)
    kept = samples[begin : last + tail]
    cut[lead - (first - begin) :][: len(kept)] = kept
    cut[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    cut[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return cut


def speech_span(samples: np.ndarray) -> tuple[int, int]:
    """Return the first sample of the speech, and the one after its last."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE * np.abs(samples).max())
    return int(loud[0]), int(loud[-1]) + 1


def speech_rms(samples: np.ndarray, rate_hz: int) -> float:
    """Return the RMS (1 = full scale) of the 20 ms frames within 25 dB of the loudest one: pauses do not count."""
    size = rate_hz // 50
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    powers = np.mean(frames**2, axis=1)
    return float(np.sqrt(np.mean(powers[powers > powers.max() * 10**-2.5])))


def resampled(samples: np.ndarray, rate_hz: int, to_rate_hz: int) -> np.ndarray:
    """Resample by cutting or padding the spectrum: exact for a clip that begins and ends in silence."""
    if rate_hz == to_rate_hz:
        return samples
    size = round(len(samples) * to_rate_hz / rate_hz)
    return np.fft.irfft(np.fft.rfft(samples)[: size // 2 + 1], size) * (size / len(samples))
