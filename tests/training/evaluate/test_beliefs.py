"""Beliefs: what is kept of them, and that nothing is heard twice."""

from pathlib import Path

import numpy as np
import pytest

from server.asr.numbers.engine import MODEL, NumbersEngine
from server.languages import load_language
from server.understanding.lexicon import Spoken
from tests.support.recordings import RATE, number_samples
from training.evaluate import beliefs
from training.evaluate.beliefs import NO_NUMBER, believed, interpretation, joined, of_talk, remembered
from training.live import RememberingEngine, ask


@pytest.fixture(scope="module")
def engine() -> NumbersEngine:
    return RememberingEngine()


@pytest.mark.engine
def test_what_the_dialogue_was_told_is_kept(engine: NumbersEngine) -> None:
    answer, language = number_samples("en", 24), load_language("en")
    kept = believed([(answer, 24, (24, 12)), (np.zeros(RATE, np.int16), NO_NUMBER, (36,))], engine, language)
    assert kept.is_right.tolist() == [True, False, False] and kept.is_wrong.tolist() == [False, True, False]
    assert kept.is_heard.tolist() == [True, True, False]
    heard, told = interpretation(kept, 0), ask(answer, 24, engine, language).interpretation
    assert heard is not None and told is not None
    assert heard.numbers == pytest.approx(told.numbers, abs=1e-6) and heard.none == pytest.approx(told.none)
    assert interpretation(kept, 2) is None, "the detector did not open"


@pytest.mark.engine
def test_nothing_is_heard_twice(engine: NumbersEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beliefs, "FOLDER", tmp_path)
    utterances = of_talk([number_samples("en", 7)], seed=1)
    first = remembered(utterances, MODEL, lambda: engine, "en")
    again = remembered(utterances, MODEL, lambda: pytest.fail("heard again"), "en")
    assert (first.numbers == again.numbers).all()
    remembered(of_talk([number_samples("en", 8)], seed=1), MODEL, lambda: engine, "en")
    assert len(list(tmp_path.iterdir())) == 2, "other sound is heard anew"


@pytest.mark.engine
def test_a_command_stays_one_and_rows_can_be_chosen(engine: NumbersEngine) -> None:
    row = believed([(np.zeros(RATE, np.int16), NO_NUMBER, (36,))], engine, load_language("en"))
    row.is_command[0] = True
    heard = interpretation(joined([row, row])[np.array([1])], 0)
    assert heard is not None and heard.command is Spoken.REPEAT
