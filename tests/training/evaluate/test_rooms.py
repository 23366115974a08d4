"""A drill in a room where people talk, in virtual time."""

import pytest

from server.asr.numbers.engine import NumbersEngine
from server.languages import load_language
from tests.support.recordings import number_samples, word_samples
from training.evaluate.rooms import Utterance, drill, row

ANSWERS = {number: [number_samples("en", number)] for number in (12, 16, 24, 30, 36, 40)}
WORDS = [word_samples("en", text) for text in ("table", "window", "yellow flower")]


@pytest.mark.engine
def test_answers_are_judged_and_talk_is_not() -> None:
    heard = list(drill(ANSWERS, WORDS, 0.4, 20, NumbersEngine(), load_language("en"), seed=1))
    assert len(heard) == 20
    assert {utterance.kind for utterance in heard} == {"right", "wrong", "talk"}
    of = {kind: [utterance.verdict for utterance in heard if utterance.kind == kind] for kind in ("right", "talk")}
    assert of["right"].count("correct") >= 0.8 * len(of["right"])
    assert not {"correct", "wrong"} & set(of["talk"])


def test_a_row_counts_each_kind_by_itself() -> None:
    heard = [Utterance("right", "correct")] * 3 + [Utterance("right", "unsure"), Utterance("talk", "wrong")]
    told = row(0.2, [*heard, Utterance("wrong", "correct"), Utterance("wrong", "none")])
    assert told == "| 20% | 1/4 (25.0%) | 0/4 (0.0%) | 1/2 (50.0%) | 1/2 (50.0%) | 1/1 (100.0%) |"
