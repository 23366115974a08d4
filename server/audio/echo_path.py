"""The path of a prompt's sound from loudspeaker to microphone: find the echo and remove it."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from . import SAMPLE_RATE

# The voice band: hum lies below, and a small loudspeaker has little above.
LOWEST_HZ, HIGHEST_HZ = 200, 3800
# Whitening narrows the peak of the correlation. Full whitening would give noise as much weight as speech. Other speech
# reaches a prominence of 23 by chance; an echo 20 dB below a learner's voice has 33 and more.
WHITENING = 0.85
WINDOW, HOP = 512, 128
# Frames of the estimated response: 128 ms. Later reverberation is masked.
TAPS = 16
# Frames by which the response may begin before the strongest peak: 16 ms.
EARLY_TAPS = 2
# The share of the echo's power that may be missing: else silence after a prompt that was cut short would say that there
# is no echo.
UNSURE = 0.1
# The estimate uses every second frame: neighbouring frames are alike.
STEP = 2
# Frequencies that are estimated together: their data fits the processor's cache, which halves the time.
AT_ONCE = 32
# Rounds of least squares. Each trusts less what the round before could not explain: the learner's voice.
ROUNDS = 2
# The power of the echo's tail from one frame to the next (-60 dB in 0.5 s).
TAIL_KEEPS = 10 ** (-6 * HOP / SAMPLE_RATE / 0.5)
# The largest share of the echo's power that comes later than TAPS frames (a room that reverberates 0.8 s).
LATE_AT_MOST = 0.12
# The mask overestimates the unexplained remains of the echo by this factor.
OVERESTIMATE = 3.0
LEAST_GAIN = 0.05
BANDS = 16
# Whether removing the echo helps is judged over this many frames: 96 ms.
STEADY = 12

_TAPER = np.sqrt(np.hanning(WINDOW + 1)[:WINDOW]).astype(np.float32)
_SCALE = HOP / float(np.sum(_TAPER**2))


def find(microphone: np.ndarray, reference: np.ndarray) -> tuple[int, float]:
    """Return where in `reference` the microphone's audio begins, and the prominence of that match.

    `reference` is longer than `microphone` by the range of the search. The prominence is relative to the median of all
    matches in that range.
    """
    size = _smooth(len(reference))
    bins = slice(LOWEST_HZ * size // SAMPLE_RATE, HIGHEST_HZ * size // SAMPLE_RATE)
    heard, played = np.fft.rfft(microphone, size), np.fft.rfft(reference, size)
    cross = np.zeros(size // 4 + 1, np.complex64)
    power = np.abs(heard[bins]) * np.abs(played[bins])
    cross[bins] = np.conj(heard[bins]) * played[bins] / (power**WHITENING + 1e-9 * power.max() + 1e-30)
    # Half the sample rate covers the voice band.
    match = np.abs(np.fft.irfft(cross, size // 2)[: (len(reference) - len(microphone)) // 2 + 1])
    best = int(match.argmax())
    return 2 * best, float(match[best] / (np.median(match) / 0.6745 + 1e-30))


def _smooth(size: int) -> int:
    """Return a length of at least `size`, divisible by 4, whose transform is fast."""
    step = 1 << max(2, size.bit_length() - 4)
    return -(-size // step) * step


@dataclass(frozen=True, slots=True)
class Separated:
    """Audio without its echo. Each row is a frame of `HOP` samples; powers are those of the voice band."""

    played: np.ndarray
    """Power of the reference."""
    echo: np.ndarray
    """Power of the reference's echo."""
    left: np.ndarray
    """Power of what is left without the echo."""
    noise: float
    """Power of what is always left."""
    shadow: np.ndarray
    """Power of the remains of the echo itself."""
    spectra: np.ndarray
    """What is left, for `joined`."""


def separate(microphone: np.ndarray, reference: np.ndarray) -> Separated:
    """Remove the reference's echo from the microphone's audio.

    `reference` has the same length and is aligned: the strongest echo lies EARLY_TAPS after it.
    """
    heard, played = _frames(microphone), _frames(reference)
    echo = _heard_of(_explained(heard, played), heard)
    left = heard - echo
    shadow = _shadow(left, echo)
    power = _power(left)
    smoothed = power.copy()
    smoothed[1:-1] = (power[:-2] + power[1:-1] + power[2:]) / 3
    gain = np.clip(1 - OVERESTIMATE * shadow / (smoothed + 1e-20), LEAST_GAIN, 1)
    masked = left * gain
    band = slice(LOWEST_HZ * WINDOW // SAMPLE_RATE, HIGHEST_HZ * WINDOW // SAMPLE_RATE)
    of_played, of_echo, of_left, of_shadow = (
        part[:, band].sum(axis=1) for part in (_power(played), _power(echo), _power(masked), shadow)
    )
    noise = float(np.percentile(power[:, band].sum(axis=1), 10))
    return Separated(of_played, of_echo, of_left, noise, of_shadow, masked)


def _power(spectra: np.ndarray) -> np.ndarray:
    return spectra.real**2 + spectra.imag**2


def _frames(samples: np.ndarray) -> np.ndarray:
    """Return the spectra; frame i is centred at sample i * HOP."""
    padded = np.concatenate([np.zeros(WINDOW // 2, np.float32), samples, np.zeros(WINDOW, np.float32)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: len(samples) + HOP : HOP]
    return np.fft.rfft(windows * _TAPER, axis=1).astype(np.complex64)


def joined(spectra: np.ndarray, size: int) -> np.ndarray:
    """Return the samples, float32, of which `_frames` made these spectra."""
    pieces = np.fft.irfft(spectra, axis=1).astype(np.float32) * _TAPER * np.float32(_SCALE)
    samples = np.zeros(len(pieces) * HOP + WINDOW, np.float32)
    for part in range(WINDOW // HOP):
        part_of = pieces[:, part * HOP : (part + 1) * HOP].reshape(-1)
        samples[part * HOP : part * HOP + len(part_of)] += part_of
    return samples[WINDOW // 2 : WINDOW // 2 + size]


def _explained(heard: np.ndarray, played: np.ndarray) -> np.ndarray:
    """Return the echo: for each frequency, the response of TAPS frames to `played` that explains `heard` best."""
    count = len(heard)
    padded = np.concatenate([np.zeros((TAPS - 1, played.shape[1]), np.complex64), played])
    # Shape: frequency, frame, tap.
    columns, target = np.ascontiguousarray(padded.T), np.ascontiguousarray(heard.T)
    past = np.lib.stride_tricks.sliding_window_view(columns, TAPS, axis=1)[:, :count, ::-1]
    level = _power(heard).mean(axis=0)[:, None]
    echo = np.zeros((played.shape[1], count), np.complex64)
    # Buffers that each round reuses: allocating them takes longer than filling them.
    room = np.empty((3, AT_ONCE, -(-count // STEP) * TAPS), np.complex64)
    for first in range(0, len(echo), AT_ONCE):
        these = slice(first, first + AT_ONCE)
        response = _response(past[these, ::STEP], target[these, ::STEP, None], level[these], room)
        for tap in range(TAPS):
            echo[these] += response[:, tap] * columns[these, TAPS - 1 - tap : TAPS - 1 - tap + count]
    return np.ascontiguousarray(echo.T)


def _response(past: np.ndarray, of: np.ndarray, level: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return the response, shape (frequency, tap, 1), to `past` that explains `of`. `level`: power per frequency."""
    count, frames, taps = past.shape
    some = room[0, :count].reshape(count, frames, taps)
    turned, weighted = (part[:count].reshape(count, taps, frames) for part in room[1:])
    some[:] = past
    np.conjugate(some.swapaxes(1, 2), out=turned)
    unexplained = _power(of)[:, :, 0]
    expected = _power(some[:, :, EARLY_TAPS])
    expected *= level / (expected.mean(axis=1, keepdims=True) + 1e-12)
    response = np.zeros((count, taps, 1), np.complex64)
    for _ in range(ROUNDS):
        weights = (1 / (unexplained + UNSURE * expected + 1e-3 * level + 1e-12)).astype(np.float32)
        np.multiply(turned, weights[:, None, :], out=weighted)
        normal = weighted @ some
        trace = np.einsum("fii->f", normal).real / TAPS
        normal += (1e-3 * trace + 1e-9)[:, None, None] * np.eye(TAPS, dtype=np.float32)
        response = np.linalg.solve(normal, weighted @ of)
        unexplained = _power((of - some @ response)[:, :, 0])
    return response


def _heard_of(echo: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Return the echo without its parts that were not heard: removing those from a cut prompt would add them."""
    edges = np.linspace(0, echo.shape[1], BANDS + 1).astype(int)
    before, after = (np.add.reduceat(_power(part), edges[:-1], axis=1).cumsum(axis=0) for part in (heard, heard - echo))
    more = (after[STEADY:] - after[:-STEADY]) > (before[STEADY:] - before[:-STEADY])
    more = np.pad(more, ((STEADY // 2, STEADY - STEADY // 2), (0, 0)), "edge")
    return np.where(np.repeat(more, np.diff(edges), axis=1), 0, echo)


def _shadow(left: np.ndarray, echo: np.ndarray) -> np.ndarray:
    """Return the power of the echo that the response misses: distortion, a drifting clock, late reverberation."""
    direct, power = _power(echo), _power(left)
    late = np.zeros_like(direct)
    for frame in range(TAPS, len(late)):
        late[frame] = TAIL_KEEPS * late[frame - 1] + (1 - TAIL_KEEPS) * direct[frame - TAPS]
    shadow = np.empty_like(direct)
    edges = np.linspace(0, direct.shape[1], BANDS + 1).astype(int)
    for first, last in pairwise(edges):
        of_direct, of_late, of_left = (part[:, first:last].sum(axis=1) for part in (direct, late, power))
        loud = of_direct > 0.01 * of_direct.max()
        leak = _usual(of_left[loud], of_direct[loud], 1.0)
        gone = ~loud & (of_late > 1e-3 * of_late.max()) & (of_late > 4 * of_direct)
        late_leak = _usual(of_left[gone], of_late[gone], LATE_AT_MOST)
        shadow[:, first:last] = leak * direct[:, first:last] + late_leak * late[:, first:last]
    return shadow


def _usual(left: np.ndarray, echo: np.ndarray, at_most: float) -> float:
    """Return the usual share of the echo that is left, at most `at_most`. A voice in some frames does not count."""
    if not len(left):
        return 0.0
    shares = np.sort(left / (echo + 1e-20))
    # np.quantile(shares, 0.4), in a tenth of its time.
    place = 0.4 * (len(shares) - 1)
    below = int(place)
    above = min(below + 1, len(shares) - 1)
    return min(at_most, float(shares[below] + (place - below) * (shares[above] - shares[below])))
