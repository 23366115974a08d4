"""The sounds of chants that the follower is given."""

import json

import pytest

from server.asr.numbers.chants import CHANTS, read_chants
from server.asr.numbers.engine import NumbersEngine
from server.asr.numbers.follower import NumbersFollower
from server.understanding.lexicon import Spoken
from tests.support.recordings import clip_samples, joined, words_samples
from training.chants import chants
from training.sounds import Alphabet


def test_they_are_those_of_the_language_files() -> None:
    """After a change of [tables]: python -m training.chants."""
    assert json.loads(CHANTS.read_text("utf-8")) == chants(Alphabet())
    assert set(read_chants()) == {"en", "hi", "mr"}


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return NumbersEngine()


@pytest.mark.engine
@pytest.mark.parametrize("language", ["en", "hi", "mr"])
def test_a_chant_is_followed_while_it_goes_on_and_when_it_comes_at_once(engine: NumbersEngine, language: str) -> None:
    """A busy machine brings 20 s of sound at once: more than the network hears in one run."""
    pcm = joined([clip_samples(language, f"fact-7-{line}") for line in range(1, 11)], 200).astype("<i2").tobytes()
    told = []
    for step in (12_800, len(pcm)):
        follower: NumbersFollower = engine.follower(language, 7, range(1, 11))
        for first in range(0, len(pcm), step):
            follower.feed(pcm[first : first + step])
            chant = follower.partial()
        follower.feed(bytes(16_000))
        chant = follower.finish()
        assert [(line.line, line.product) for line in chant.lines] == [(line, 7 * line) for line in range(1, 11)]
        told.append([line.is_right for line in chant.lines])
    assert told == [[True] * 10] * 2


@pytest.mark.engine
@pytest.mark.parametrize(
    ("language", "command", "texts"),
    [
        ("en", Spoken.STOP, ["stop", "enough"]),
        ("en", Spoken.SKIP, ["next", "I don't know"]),
        ("hi", Spoken.STOP, ["रुको", "बंद करो"]),
        # It sounds like the product 12.
        ("hi", Spoken.REPEAT, ["दोबारा"]),
        ("mr", Spoken.STOP, ["थांबा", "पुरे"]),
        ("mr", Spoken.SKIP, ["सोडून दे"]),
    ],
)
def test_a_command_is_no_line(engine: NumbersEngine, language: str, command: Spoken, texts: list[str]) -> None:
    for samples in words_samples(language, texts):
        follower = engine.follower(language, 6, range(1, 11))
        for first in (clip_samples(language, "fact-6-1"), samples):
            follower.start()
            follower.feed(first.astype("<i2").tobytes())
            follower.feed(bytes(22_400))
            chant = follower.finish()
        assert chant.command is command


@pytest.mark.engine
@pytest.mark.parametrize("language", ["en", "hi", "mr"])
def test_no_line_and_no_number_is_a_command(engine: NumbersEngine, language: str) -> None:
    for table in (2, 5, 9):
        for name in (f"fact-{table}-{line}" for line in range(1, 11)):
            # Said into another table, none of them is right.
            follower = engine.follower(language, 7, range(1, 11))
            follower.feed(clip_samples(language, name).astype("<i2").tobytes())
            assert follower.finish().command is None, name
