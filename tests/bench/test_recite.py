"""The chants that the follower is measured with, and how they are counted."""

import numpy as np
import pytest

from bench.recite import FAULTS, LINES, Followed, Result, Voice, follow, make_chant
from server.chant.progress import Mark


@pytest.mark.parametrize("fault", FAULTS)
def test_a_chant_says_what_it_is_described_to_say(fault: str) -> None:
    chant = make_chant(Voice("hi"), fault, np.random.default_rng(3))
    assert len(chant.ends_ms) == LINES - (fault == "skipped")
    assert len(chant.faulty) == {"none": 0, "swapped": 2}.get(fault, 1)
    assert set(chant.faulty) & set(chant.ends_ms) == (set() if fault == "skipped" else set(chant.faulty))
    ends_ms = list(chant.ends_ms.values())
    assert ends_ms == sorted(ends_ms) and ends_ms[-1] < len(chant.samples) / 16


def test_faulty_lines_are_counted_apart() -> None:
    chant = make_chant(Voice("en"), "skipped", np.random.default_rng(3))
    (missing,) = chant.faulty
    marks = dict.fromkeys(range(1, LINES + 1), Mark.RIGHT) | {missing: Mark.SKIPPED, 1: Mark.UNSURE}
    result = Result()
    result.add(chant, Followed(marks, {line: end_ms + 100 for line, end_ms in chant.ends_ms.items()}))
    assert result.lines == {Mark.RIGHT: LINES - 2, Mark.UNSURE: 1}
    assert (result.found.total(), result.planted.total()) == (1, 1)
    assert result.lags_ms == pytest.approx([100] * (LINES - 2))


@pytest.mark.engine
def test_a_skipped_line_is_found_in_a_chant() -> None:
    chant = make_chant(Voice("en"), "skipped", np.random.default_rng(8))
    followed = follow(Voice("en"), chant)
    wrong = {line for line, mark in followed.marks.items() if mark in (Mark.WRONG, Mark.SKIPPED)}
    assert wrong <= set(chant.faulty)
    assert list(followed.marks.values()).count(Mark.RIGHT) >= 7
