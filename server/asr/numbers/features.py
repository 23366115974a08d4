"""The log-mel spectrogram that the numbers network was trained on, in plain numpy.

It is Whisper's (openai/whisper, audio.py): windows of 25 ms every 10 ms, 80 Slaney mels up to 8 kHz, log10, a floor
8 decades below the loudest value, scaled to about -1..1.
"""

import numpy as np

from ...audio import SAMPLE_RATE

MELS = 80
HOP = 160
_FFT = 400


def mel_filters() -> np.ndarray:
    """Slaney's triangular filters of equal area: shape (80, 201), float32, as librosa.filters.mel gives them."""
    frequencies = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    edges = _mel_to_hz(np.linspace(0, _hz_to_mel(SAMPLE_RATE / 2), MELS + 2))
    widths = np.diff(edges)
    distance = edges[:, None] - frequencies
    rising, falling = -distance[:-2] / widths[:-1, None], distance[2:] / widths[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


# Slaney's scale: linear up to 1 kHz (15 mels of 200/3 Hz), logarithmic above, 27 steps for a factor of 6.4.
_LOG_STEP = np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    return hz * 3 / 200 if hz < 1000 else float(15 + np.log(hz / 1000) / _LOG_STEP)


def _mel_to_hz(mels: np.ndarray) -> np.ndarray:
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(_LOG_STEP * (mels - 15)))


FILTERS = mel_filters().T.copy()
_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FFT) / _FFT)).astype(np.float32)


def log_mel(samples: np.ndarray, filters: np.ndarray = FILTERS) -> np.ndarray:
    """Return the spectrogram, float32, shape (80, len(samples) // 160).

    `samples`: float32 within -1..1, 16 kHz, at least 201. `filters`, shape (201, 80): Slaney's, except in training,
    which imitates other throats with others.
    """
    padded = np.pad(samples, _FFT // 2, mode="reflect")
    # The last window, centred on the end, is dropped as Whisper drops it.
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[: len(samples) // HOP * HOP : HOP]
    spectrum = np.fft.rfft(windows * _WINDOW)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mel = np.log10(np.maximum(power @ filters, 1e-10)).T
    return np.ascontiguousarray((np.maximum(mel, mel.max() - 8) + 4) / 4, np.float32)
