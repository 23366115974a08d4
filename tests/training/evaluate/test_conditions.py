"""The table of conditions: its clips, their changes, and its figure for calibration."""

import numpy as np
import pytest

from server.audio import SAMPLE_RATE
from server.languages import load_language
from training.corpus import Clip
from training.phrases import Phrase

pytest.importorskip("parselmouth")

from training.evaluate.conditions import (  # noqa: E402
    among_words,
    at_pace,
    first_part,
    in_noise,
    joined,
    numbers_of,
    raised,
    sentences_of,
)

PITCH_HZ = 200


def tone(seconds: float, pitch_hz: float = PITCH_HZ) -> np.ndarray:
    """A simple voice: a pulse train."""
    phase = pitch_hz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 12))).astype(np.float32)


def clip(text: str, says: str, language: str = "en", speaker: str = "one") -> Clip:
    return Clip(Phrase(language, text, says), speaker, (tone(0.4) * 20000).astype(np.int16))


CLIPS = [
    clip("fifty six", "56"),
    clip("seven eights are fifty six", "56"),
    clip("two hundred", "200"),
    clip("forty eight", "48"),
    clip("repeat", "repeat"),
    clip("छप्पन", "56", "hi"),
    clip("nine", "9", speaker="another"),
]


def test_numbers_and_sentences_are_told_apart() -> None:
    english = load_language("en")
    assert [one.phrase.text for one in numbers_of(CLIPS, english, 100)] == ["fifty six", "forty eight", "nine"]
    assert [one.phrase.text for one in numbers_of(CLIPS, english, 400)] == [
        "fifty six",
        "two hundred",
        "forty eight",
        "nine",
    ]
    assert [one.phrase.text for one in sentences_of(CLIPS, english)] == ["seven eights are fifty six"]


def test_two_numbers_are_by_one_speaker_and_the_last_counts() -> None:
    numbers = numbers_of(CLIPS, load_language("en"), 400)
    pairs = joined(numbers, np.random.default_rng(0), 10)
    # Only 48 comes before 56: 200 and 56 would be one number.
    assert [pair.phrase.says for pair in pairs] == ["56", "200", "48"]
    assert all(len(pair.samples) >= 2 * len(CLIPS[0].samples) + 0.3 * SAMPLE_RATE for pair in pairs)


def test_a_word_before_or_behind_is_the_speakers_own_and_the_number_counts() -> None:
    number, own, others = CLIPS[0], clip("well", "lead"), clip("window", "other", speaker="another")
    own.samples[:] = 7
    for behind, heard in ((True, slice(-len(own.samples), None)), (False, slice(len(own.samples)))):
        (pair,) = among_words([number], [others, own], np.random.default_rng(0), behind)
        assert pair.phrase == number.phrase and (pair.samples[heard] == 7).all()
        assert len(pair.samples) >= 2 * len(own.samples) + 0.05 * SAMPLE_RATE
    (alone,) = among_words([number], [others], np.random.default_rng(0), True)
    assert len(alone.samples) > len(number.samples)


def pitch_hz(samples: np.ndarray) -> float:
    from parselmouth import Sound

    pitches = Sound(samples.astype(np.float64), SAMPLE_RATE).to_pitch().selected_array["frequency"]
    return float(np.median(pitches[pitches > 0]))


def test_a_raised_voice_is_half_as_high_again_and_no_faster() -> None:
    voice = tone(0.6)
    changed = raised(voice, np.random.default_rng(0))
    assert pitch_hz(changed) == pytest.approx(1.5 * PITCH_HZ, rel=0.03)
    assert len(changed) == pytest.approx(len(voice), rel=0.02)


@pytest.mark.parametrize("factor", [0.75, 1.4])
def test_another_pace_leaves_the_pitch(factor: float) -> None:
    voice = tone(0.6)
    changed = at_pace(factor)(voice, np.random.default_rng(0))
    assert len(changed) == pytest.approx(factor * len(voice), rel=0.05)
    assert pitch_hz(changed) == pytest.approx(PITCH_HZ, rel=0.03)


@pytest.mark.parametrize("snr_db", [20, 5])
def test_the_noise_is_as_loud_as_the_condition_says(snr_db: float) -> None:
    voice = tone(0.5)
    changed = in_noise(lambda size, rng: rng.standard_normal(size), snr_db)(voice, np.random.default_rng(0))
    before = changed[: SAMPLE_RATE // 2]
    assert 20 * np.log10(np.sqrt(np.mean(voice**2)) / np.std(before)) == pytest.approx(snr_db, abs=0.5)


def test_a_first_part_is_half_to_nine_tenths() -> None:
    rng, voice = np.random.default_rng(0), tone(0.5)
    shares = [len(first_part(voice, rng)) / len(voice) for _ in range(50)]
    assert 0.5 <= min(shares) < 0.6 and 0.8 < max(shares) <= 0.9
