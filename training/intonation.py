"""Let a question rise at its end. The voices were trained on statements and let it fall."""

import numpy as np
import parselmouth
from parselmouth.praat import call

# The rise covers this last share of the voiced time and ends this far above the voice's median (4.5 semitones).
RISING_SHARE = 0.4
END_RATIO = 2 ** (4.5 / 12)
FLOOR_HZ, CEILING_HZ = 110, 500
STEP_S = 0.01


def ask(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Bend the pitch upwards at the end; the words and their timing stay."""
    sound = parselmouth.Sound(samples.astype(np.float64), rate_hz)
    manipulation = call(sound, "To Manipulation", STEP_S, FLOOR_HZ, CEILING_HZ)
    tier = call(manipulation, "Extract pitch tier")
    points = range(1, call(tier, "Get number of points") + 1)
    times = np.array([call(tier, "Get time from index", point) for point in points])
    pitches = np.array([call(tier, "Get value at index", point) for point in points])
    if len(points) < 2:
        return samples
    call(tier, "Remove points between", 0, sound.duration)
    for time, pitch in zip(times, rising(times, pitches), strict=True):
        call(tier, "Add point", float(time), float(pitch))
    call([tier, manipulation], "Replace pitch tier")
    return call(manipulation, "Get resynthesis (overlap-add)").values[0].astype(np.float32)


def rising(times: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """Return pitches (Hz, at `times` in seconds) that glide to END_RATIO times their median."""
    start = times[-1] - RISING_SHARE * (times[-1] - times[0])
    progress = np.clip((times - start) / (times[-1] - start), 0, 1)
    return pitches ** (1 - progress) * (np.median(pitches) * END_RATIO) ** progress
