"""How much silence ends a turn."""

import pytest

from server.dialogue.turn import Endpointing, EndpointingSettings
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

SETTINGS = EndpointingSettings(
    expected_ms=260,
    probable_ms=340,
    complete_ms=360,
    extendable_ms=900,
    incomplete_ms=1200,
    begun_ms=1400,
    stable_ms=1500,
    confident_at=0.8,
    probable_at=0.35,
    longest_ms=1600,
)


def limit_ms(interpretation: Interpretation, expected: int = 24) -> int:
    endpointing = Endpointing(SETTINGS)
    endpointing.update(interpretation, expected, spoken_ms=500)
    return endpointing.limit_ms


@pytest.mark.parametrize(
    ("interpretation", "expected_limit_ms"),
    [
        (Interpretation({24: 0.95}), 260),
        (Interpretation({56: 0.95}), 360),
        (Interpretation({20: 0.95}, extendable=True), 900),
        (Interpretation({24: 0.95}, extendable=True), 260),
        (Interpretation({20: 0.95}, extendable=True, beginnings={20: frozenset({4})}), 1400),
        (Interpretation({2: 0.95}, beginnings={2: frozenset({4})}), 1400),
        (Interpretation({4: 0.95}, beginnings={2: frozenset({4})}), 360),
        (Interpretation({24: 0.5}), 340),
        (Interpretation({24: 0.4, 34: 0.5}), 340),
        (Interpretation({24: 0.3}), 1200),
        (Interpretation({34: 0.5}), 1200),
        (Interpretation(), 1200),
        (Interpretation(command=Spoken.REPEAT), 360),
        (Interpretation(command=Spoken.APPEAL), 1200),
        (Interpretation({56: 0.95}, command=Spoken.APPEAL), 360),
    ],
)
def test_the_more_complete_the_answer_the_shorter_the_wait(
    interpretation: Interpretation, expected_limit_ms: int
) -> None:
    assert limit_ms(interpretation) == expected_limit_ms


def test_a_belief_that_does_not_change_ends_the_turn_in_noise() -> None:
    endpointing = Endpointing(SETTINGS)
    for spoken_ms in range(300, 2100, 300):
        endpointing.update(Interpretation({56: 0.9}), 24, spoken_ms)
        assert (endpointing.limit_ms == 0) == (spoken_ms - 300 >= SETTINGS.stable_ms)


def test_a_beginning_is_waited_for_longer_in_noise_too() -> None:
    endpointing = Endpointing(SETTINGS)
    for spoken_ms in range(300, 3600, 300):
        endpointing.update(Interpretation({20: 0.9}, beginnings={20: frozenset({4})}), 24, spoken_ms)
        assert (endpointing.limit_ms == 0) == (spoken_ms - 300 >= SETTINGS.stable_ms + SETTINGS.begun_ms)


def test_noise_that_means_nothing_does_not_count_as_stable() -> None:
    endpointing = Endpointing(SETTINGS)
    for spoken_ms in range(300, 6000, 300):
        endpointing.update(Interpretation({56: 0.2}), 24, spoken_ms)
    assert endpointing.limit_ms == SETTINGS.incomplete_ms


def test_patience_grows_with_a_speaker_s_pauses_and_is_clamped() -> None:
    endpointing = Endpointing(SETTINGS)
    for _ in range(20):
        endpointing.learn(1100)
    endpointing.begin()
    assert endpointing.limit_ms == SETTINGS.longest_ms
    endpointing.update(Interpretation({24: 0.9}), 24, spoken_ms=900)
    assert endpointing.limit_ms == SETTINGS.expected_ms
    for _ in range(20):
        endpointing.learn(100)
    endpointing.begin()
    assert endpointing.limit_ms == SETTINGS.incomplete_ms


@pytest.mark.parametrize("nonsense", [{"expected_ms": 0}, {"complete_ms": 2000}, {"incomplete_ms": 100}])
def test_nonsense_is_refused(nonsense: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        EndpointingSettings(**nonsense)
