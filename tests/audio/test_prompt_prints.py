"""Prompts of another tablet are told from people and from other voices."""

import numpy as np
import pytest

from server.audio.prompt_prints import PromptPrints
from tests.support.recordings import clip_samples, number_samples

CLIPS = [f"question-{left}-{right}" for left in (2, 5, 8) for right in (3, 6, 9)] + ["fact-7-8", "praise-1", "praise-2"]


@pytest.fixture(scope="module")
def prints() -> PromptPrints:
    return PromptPrints(clip_samples("mr", clip_id) for clip_id in CLIPS)


def heard(samples: np.ndarray, level_db: float, seed: int) -> bytes:
    """Return the samples in a quiet room, after some silence."""
    random = np.random.default_rng(seed)
    sound = np.concatenate([np.zeros(random.integers(4000, 8000)), samples * 10 ** (level_db / 20), np.zeros(5000)])
    return np.rint(sound + random.normal(size=len(sound)) * 12).astype("<i2").tobytes()


@pytest.mark.parametrize("clip_id", CLIPS)
def test_a_prompt_at_a_distance_is_known(prints: PromptPrints, clip_id: str) -> None:
    assert prints.matches(heard(clip_samples("mr", clip_id), -10, len(clip_id)))


def test_two_prompts_in_one_breath_are_known(prints: PromptPrints) -> None:
    both = np.concatenate([clip_samples("mr", "praise-1"), clip_samples("mr", "question-8-9")])
    assert prints.matches(heard(both, -10, 1))


@pytest.mark.parametrize("number", [4, 9, 16, 28, 56, 72, 81, 100])
def test_an_answer_is_no_prompt(prints: PromptPrints, number: int) -> None:
    for language in ("en", "hi", "mr"):
        assert not prints.matches(heard(number_samples(language, number), 0, number))


def test_a_prompt_that_is_not_in_the_prints_is_not_known(prints: PromptPrints) -> None:
    assert not prints.matches(heard(clip_samples("mr", "question-4-7"), -10, 1))


def test_silence_and_scraps_are_no_prompts(prints: PromptPrints) -> None:
    for size in (0, 100, 16_000):
        assert not prints.matches(bytes(2 * size))
    assert not PromptPrints([]).matches(heard(number_samples("mr", 4), 0, 1))


def test_prints_take_a_tenth_of_their_prompts_at_most(prints: PromptPrints) -> None:
    size = sum(value.nbytes for value in vars(prints).values())
    assert size < sum(clip_samples("mr", clip_id).astype("<i2").nbytes for clip_id in CLIPS) / 10
