"""Views of the corpus for the network: clips put together as children speak, in rooms and through microphones.

A view is one utterance as the server would cut it out. Every view is drawn anew, and none is seen twice.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import fftconvolve

from server.asr.numbers.features import HOP, MELS, log_mel, mel_filters
from server.asr.numbers.vocabulary import COMMANDS, LANGUAGES, NONE
from server.audio import SAMPLE_RATE
from server.drill.facts import LINES, facts_of
from server.languages import load_language

from .corpus import MARGIN_MS, Clip
from .noises import filtered, noise, normalised

WINDOW_FRAMES = 352
_EDGE_FRAMES = 10
# Formants are shifted by up to a fifth either way: children's are about that much above women's (Lee, Potamianos and
# Narayanan, "Acoustics of children's speech", 1999).
_WARPS = np.exp(np.linspace(np.log(0.84), np.log(1.22), 25))


@dataclass(frozen=True, slots=True)
class Target:
    """The meaning of an utterance."""

    language: str
    """"" is none of ours."""
    last: int = NONE
    hundreds: int = -1
    """-1 without a number."""
    appeal: bool = False
    texts: tuple[str, ...] = ()
    """What is said, for its sounds; empty if unknown."""


@dataclass(frozen=True, slots=True)
class View:
    """An utterance as the network sees it."""

    mel: np.ndarray
    """Shape (80, frames), float32, as the server's log_mel gives it."""
    target: Target


def target_of(clip: Clip) -> Target:
    phrase = clip.phrase
    language = phrase.language if phrase.language in LANGUAGES else ""
    texts = (phrase.text,) if language else ()
    if phrase.says.isdigit():
        return Target(language, int(phrase.says) % 100, int(phrase.says) // 100, texts=texts)
    if phrase.says in COMMANDS:
        return Target(language, 100 + list(COMMANDS).index(phrase.says), texts=texts)
    return Target(language, appeal=phrase.says == "appeal", texts=texts)


def plain(clip: Clip) -> View:
    """Return the clip alone, with the silence around it that the server leaves."""
    samples = np.pad(_floats(clip), SAMPLE_RATE // 5)
    return View(padded(log_mel(samples * (0.7 / np.abs(samples).max()))), target_of(clip))


# How often each kind of clip is the main part of a view.
_SHARES = {"small": 0.56, "large": 0.12, "command": 0.075, "no": 0.02, "appeal": 0.045, "filler": 0.055, "other": 0.105}
_NOISE_SHARE = 0.025
# How often an answer is cut before its end.
_CUT_SHARE = 0.13
# After this many views the crowd in the room changes: a single one would be learnt by heart.
_SAME_CROWD = 500
_CROWD_S = 40
# The answers of the tables to ten.
_ANSWERS = frozenset(fact.answer for fact in facts_of(range(1, LINES + 1)))


def _kind(clip: Clip) -> str:
    says = clip.phrase.says
    if says.isdigit():
        return "small" if int(says) <= 100 else "large"
    return {"yes": "no", "lead": "filler", "tail": "filler"}.get(says, says if says in _SHARES else "command")


class Composer:
    """Draws views from the clips of a corpus, endlessly."""

    def __init__(self, clips: Sequence[Clip], seed: int | Sequence[int]) -> None:
        self._rng = np.random.default_rng(seed)
        self._clips = clips
        self._weights = _weights(clips)
        self._numbers = {code: load_language(code).numbers for code in LANGUAGES}
        self._by_kind: dict[tuple[str, str], list[Clip]] = defaultdict(list)
        self._by_speaker: dict[tuple[str, str], list[Clip]] = defaultdict(list)
        for clip in clips:
            for key in (clip.phrase.language, clip.speaker):
                group = self._by_kind if key == clip.phrase.language else self._by_speaker
                group[key, _kind(clip)].append(clip)
                if clip.phrase.says in ("100", "200", "300"):
                    group[key, "hundred"].append(clip)
        self._drawn = 0
        self._babble = self._crowd()

    def draw(self) -> View:
        rng = self._rng
        self._drawn += 1
        if self._drawn % _SAME_CROWD == 0:
            self._babble = self._crowd()
        if rng.random() < _NOISE_SHARE:
            return self.render(noise(int(rng.uniform(0.3, 2) * SAMPLE_RATE), rng) * 0.1, Target(""))
        clip = self._clips[int(np.searchsorted(self._weights, rng.random()))]
        return self.render(*self._utterance(clip))

    # What is said

    def _utterance(self, clip: Clip) -> tuple[np.ndarray, Target, bool]:
        """Return a clip, often with something before or after it; the meaning of the whole; whether it is complete."""
        rng, target = self._rng, target_of(clip)
        samples = _floats(clip)
        kind = _kind(clip)
        whole = rng.random() >= _CUT_SHARE
        if not whole:
            # A cut number could become any number.
            samples = samples[: int(len(samples) * rng.uniform(0.4, 0.95))]
            target = replace(target, texts=())
        chance = rng.random()
        if kind in ("small", "large", "command") and chance < 0.14:
            lead = self._other(clip, "filler" if rng.random() < 0.7 else "other")
            if lead is not None:
                loudness = 10 ** (-rng.uniform(0, 25) / 20) if rng.random() < 0.3 else 1
                samples = self._joined(_floats(lead)[-int(rng.uniform(0.2, 1.3) * SAMPLE_RATE) :] * loudness, samples)
                target = replace(target, texts=())
        elif kind == "small" and chance < 0.22:
            samples, target = self._second_thoughts(clip, samples, target)
        elif kind == "appeal" and whole and chance < 0.6 and (number := self._other(clip, "small")) is not None:
            target = replace(target_of(number), appeal=True, texts=())
            samples = self._joined(samples, _floats(number))
        elif kind in ("small", "large") and whole and chance < 0.29:
            tail = self._other(clip, "filler" if rng.random() < 0.5 else "other")
            if tail is not None and tail.phrase.says in ("tail", "other"):
                samples = self._joined(samples, _floats(tail)[: int(rng.uniform(0.15, 0.7) * SAMPLE_RATE)])
                target = replace(target, texts=())
        elif kind == "small" and chance < 0.41:
            samples, target = self._above_100(clip, samples, target)
        if whole and rng.random() < 0.1:
            samples = samples[int(rng.uniform(0, 0.12) * SAMPLE_RATE) :]
        return samples, target, whole

    def _second_thoughts(self, clip: Clip, samples: np.ndarray, target: Target) -> tuple[np.ndarray, Target]:
        """Put a number before this one: "fifty ... six" is 56; of "forty-eight, (no,) fifty-six" the last counts."""
        rng = self._rng
        before = self._other(clip, "small" if rng.random() < 0.9 else "large")
        if before is None:
            return samples, target
        first, second = int(before.phrase.says), int(clip.phrase.says)
        parts, texts = [_floats(before)], [before.phrase.text]
        meant = second
        if (
            first % 10 == 0
            and 20 <= first < 100
            and 1 <= second <= 9
            and clip.phrase.language != "hi"
            or first % 100 == 0
            and first
            and 1 <= second < 100
        ):
            meant = first + second
        if rng.random() < 0.5 and (no := self._other(clip, "no")) is not None and no.phrase.says == "no":
            parts.append(_floats(no))
            texts.append(no.phrase.text)
            meant = second
        parts.append(samples)
        joined = parts[0]
        for part in parts[1:]:
            joined = self._joined(joined, part)
        # The sounds of a cut clip are unknown.
        known = (*texts, *target.texts) if target.texts else ()
        return joined, Target(target.language, meant % 100, meant // 100, texts=known)

    def _above_100(self, clip: Clip, samples: np.ndarray, target: Target) -> tuple[np.ndarray, Target]:
        """Say "two hundred" before "fifty-six", in one breath or nearly, in languages that do: 256."""
        hundred = self._other(clip, "hundred")
        if hundred is None:
            return samples, target
        text = f"{hundred.phrase.text} {clip.phrase.text}"
        number = int(hundred.phrase.says) + int(clip.phrase.says)
        if text not in self._numbers[clip.phrase.language][number]:
            return samples, target
        margin = SAMPLE_RATE * MARGIN_MS // 1000
        pause = np.zeros(int(self._rng.uniform(0, 0.12) * SAMPLE_RATE), np.float32)
        joined = np.concatenate([_floats(hundred)[:-margin], pause, samples[margin:]])
        return joined, Target(target.language, number % 100, number // 100, texts=(text,) if target.texts else ())

    def _other(self, clip: Clip, kind: str) -> Clip | None:
        """Return another clip of this kind: by the same speaker if there is one, else in the same language."""
        options = self._by_speaker.get((clip.speaker, kind)) or self._by_kind.get((clip.phrase.language, kind))
        return options[int(self._rng.integers(len(options)))] if options else None

    def _joined(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        pause_s = self._rng.uniform(0, 0.12) if self._rng.random() < 0.5 else self._rng.uniform(0.1, 0.9)
        return np.concatenate([before, np.zeros(int(pause_s * SAMPLE_RATE), np.float32), after])

    # How it sounds

    def render(self, samples: np.ndarray, target: Target, whole: bool = True) -> View:
        """Play the samples through a throat, a room and a microphone."""
        rng = self._rng
        child = rng.random() < 0.35
        raised = _log_uniform(rng, *((1.1, 1.6) if child else (0.88, 1.15)))
        samples = stretched(samples, 1 / raised)
        if rng.random() < 0.03:
            samples = whispered(samples, rng)
        loudness = np.sqrt(np.mean(samples**2)) + 1e-6
        snr_db = rng.uniform(1, 30) if rng.random() < 0.75 else np.inf
        # In noise the server cannot tell where the words begin and end, so it cuts wide.
        wide = snr_db < 18 and rng.random() < 0.6
        # The silence after it tells "four" from the beginning of "forty".
        before_s = rng.uniform(0.03, 0.8 if wide else 0.25)
        after_s = rng.uniform(0.08, 0.8 if wide else 0.3) if whole else 0
        samples = np.pad(samples, (int(before_s * SAMPLE_RATE), int(after_s * SAMPLE_RATE)))
        if rng.random() < 0.45:
            samples = reverberant(samples, rng)
        if snr_db < np.inf:
            samples = samples + self._background(len(samples)) * loudness * 10 ** (-snr_db / 20)
        if rng.random() < 0.35:
            samples = telephone(samples, rng)
        if rng.random() < 0.07:
            limit = loudness * rng.uniform(1, 3)
            samples = np.clip(samples, -limit, limit)
        # A child's view that came out too fast is slowed down again here, cheaper than in the wave.
        tempo = _log_uniform(rng, 0.68, 1.25) * (raised if child else 1)
        return View(self._seen(samples, tempo), target)

    def _seen(self, samples: np.ndarray, tempo: float) -> np.ndarray:
        rng = self._rng
        # Slowed down, it must still fit into the window; the server keeps its end.
        longest = int(((WINDOW_FRAMES - 2 * _EDGE_FRAMES) / tempo - 2) * HOP)
        samples = samples[-longest:].astype(np.float32)
        edge = _EDGE_FRAMES * HOP
        samples = np.pad(samples, (edge, edge + -len(samples) % HOP))
        samples *= 0.7 / max(float(np.abs(samples).max()), 1e-6)
        filters = WARPED[int(rng.integers(len(WARPED)))] * _channel(rng)
        mel = log_mel(samples, filters.astype(np.float32))
        mel = _slowed(mel, tempo)
        if rng.random() < 0.4:
            mel = _masked(mel, rng)
        return padded(mel)

    def _crowd(self) -> np.ndarray:
        return crowd(self._clips, SAMPLE_RATE * _CROWD_S, self._rng)

    def _background(self, size: int) -> np.ndarray:
        rng = self._rng
        if rng.random() < 0.5:
            at = int(rng.integers(len(self._babble) - size))
            return self._babble[at : at + size]
        return noise(size, rng)


def crowd(clips: Sequence[Clip], size: int, rng: np.random.Generator) -> np.ndarray:
    """Mix many voices, near and far: `size` samples of RMS 1."""
    voices = np.zeros(size, np.float32)
    for _ in range(size // 2500):
        voice = _floats(clips[int(rng.integers(len(clips)))])
        at = int(rng.integers(size - len(voice)))
        voices[at : at + len(voice)] += voice * rng.uniform(0.2, 1)
    return normalised(voices)


def _weights(clips: Sequence[Clip]) -> np.ndarray:
    """Return cumulative probabilities: each kind has its share, and each number of a language the same."""
    counts: dict[tuple[str, str, str], float] = defaultdict(float)
    # All foreign languages count as one.
    keys = [(_kind(clip), target_of(clip).language, clip.phrase.says) for clip in clips]
    for key in keys:
        counts[key] += 1
    groups: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for key in counts:
        groups[key[0]].add(key)
    sizes = {key: _size(*key, counts[key]) for key in counts}
    totals = {kind: sum(sizes[key] for key in group) for kind, group in groups.items()}
    weights = np.array([_SHARES[key[0]] * sizes[key] / totals[key[0]] / counts[key] for key in keys])
    # No person talks like espeak: it counts half.
    weights *= [0.5 if clip.speaker.startswith("espeak") else 1 for clip in clips]
    return np.cumsum(weights / weights.sum())


def _size(kind: str, language: str, says: str, count: float) -> float:
    """Return the weight of a phrase: numbers count equally, answers of the tables to ten twice; others by their number.

    When only those to ten counted twice, numbers between seven and sixty were taken for seven.
    """
    if kind in ("small", "large"):
        return 2.0 if int(says) in _ANSWERS else 1.0
    return count**0.5


def _floats(clip: Clip) -> np.ndarray:
    return clip.samples.astype(np.float32) / 32768


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def stretched(samples: np.ndarray, factor: float) -> np.ndarray:
    """Make the samples `factor` times as long, and as much deeper, by linear interpolation."""
    if factor < 1:
        # Frequencies beyond the new band would fold into it as noise.
        samples = filtered(samples, 0, factor * SAMPLE_RATE / 2)
    size = max(2, int(len(samples) * factor))
    return np.interp(np.linspace(0, len(samples) - 1, size), np.arange(len(samples)), samples).astype(np.float32)


def reverberant(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add the reverberation of a room: decaying noise that needs 0.08 to 0.6 s to fall by 60 dB."""
    size = int(rng.uniform(0.08, 0.6) * SAMPLE_RATE)
    echo = rng.standard_normal(size) * np.exp(-6.9 * np.arange(size) / size)
    echo[: int(rng.uniform(0.001, 0.006) * SAMPLE_RATE)] = 0
    echo *= 10 ** (-rng.uniform(0, 14) / 20) / (np.sqrt(np.sum(echo**2)) + 1e-9)
    echo[0] = 1
    return fftconvolve(samples, echo.astype(np.float32))[: len(samples)]


def telephone(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Narrow the band: the telephone's 300-3400 Hz, or a cheap microphone's."""
    if rng.random() < 0.4:
        return filtered(samples, rng.uniform(100, 320), rng.uniform(3300, 4000))
    return filtered(samples, 0, rng.uniform(3500, 7000))


def whispered(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whisper: the envelope of each 16 ms stays, the phase becomes noise, and the bass goes."""
    size = len(samples) // 256 * 256
    frames = samples[:size].reshape(-1, 256)
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(256)))
    smooth = np.apply_along_axis(np.convolve, 1, spectrum, np.ones(9) / 9, "same")
    noisy = smooth * np.exp(2j * np.pi * rng.random(smooth.shape)) * np.linspace(0.2, 1, smooth.shape[1])
    return np.fft.irfft(noisy, 256).reshape(-1).astype(np.float32)


def _warped(factor: float) -> np.ndarray:
    """Return mel filters, shape (201, 80), that make formants seem `factor` times as high."""
    filters = mel_filters()
    bins = np.arange(filters.shape[1])
    source = np.minimum(bins * factor, len(bins) - 1)
    return np.stack([np.interp(source, bins, row) for row in filters], axis=1)


WARPED = [_warped(factor) for factor in _WARPS]


def _channel(rng: np.random.Generator) -> np.ndarray:
    """Return the gain of each mel: a tilt and a gentle wave, a few dB."""
    across = np.linspace(-1, 1, MELS)
    wave = np.cos(np.pi * across * rng.uniform(0, 2) + rng.uniform(0, 2 * np.pi))
    return 10 ** ((rng.normal(0, 3) * across + rng.normal(0, 2) * wave) / 10)


def _slowed(mel: np.ndarray, factor: float) -> np.ndarray:
    """Stretch the spectrogram to `factor` times as many frames."""
    frames = max(4, int(mel.shape[1] * factor))
    source = np.linspace(0, mel.shape[1] - 1, frames)
    low = source.astype(int)
    high = np.minimum(low + 1, mel.shape[1] - 1)
    share = (source - low).astype(np.float32)
    return mel[:, low] * (1 - share) + mel[:, high] * share


def _masked(mel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Wipe out one band and one moment (Park et al., "SpecAugment", 2019)."""
    band, moment = int(rng.integers(1, 10)), int(rng.integers(1, 9))
    mel[(at := int(rng.integers(MELS - band))) : at + band] = mel.mean()
    at = int(rng.integers(mel.shape[1] - min(moment, mel.shape[1] - 1)))
    mel[:, at : at + moment] = mel.min()
    return mel


def padded(mel: np.ndarray) -> np.ndarray:
    """Pad with silence to a multiple of four frames, at most the window."""
    mel = mel[:, -WINDOW_FRAMES:]
    return np.pad(mel, ((0, 0), (0, -mel.shape[1] % 4)), constant_values=mel.min())


def batch(views: Sequence[View]) -> np.ndarray:
    """Stack views, shape (views, 80, frames of the longest), float32; shorter ones end in silence."""
    frames = max(view.mel.shape[1] for view in views)
    return np.stack(
        [np.pad(view.mel, ((0, 0), (0, frames - view.mel.shape[1])), constant_values=view.mel.min()) for view in views]
    ).astype(np.float32)
