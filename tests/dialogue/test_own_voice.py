"""A learner whose right answers were in doubt is believed sooner; nobody is believed wrongly for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dialogue.turn import decide
from server.drill.course import Course
from server.drill.facts import Fact
from server.drill.judging import Judgement, JudgingSettings, Verdict
from server.drill.modes import CALM
from server.drill.speaker import LEAST_WEIGHT
from server.understanding.interpretation import Interpretation

from .conftest import Drill

FACT = Fact(7, 8)
JUDGING = JudgingSettings()


def verdict(interpretation: Interpretation, none_weight: float, own_weight: float) -> Verdict:
    decided = decide(interpretation, FACT, None, JUDGING, none_weight=none_weight, own_weight=own_weight)
    assert isinstance(decided, Judgement)
    return decided.verdict


@st.composite
def interpretations(draw: st.DrawFn) -> Interpretation:
    shares = draw(st.lists(st.floats(0, 1), min_size=5, max_size=5))
    # Most of the time one of them has nearly all.
    shares[draw(st.integers(0, 4))] += draw(st.sampled_from([0.0, 10.0, 1000.0]))
    expected, *others, none = (share / max(sum(shares), 1e-9) for share in shares)
    return Interpretation({56: expected, **dict(zip((54, 50, 6), others, strict=True))}, none=none)


@given(interpretations(), st.floats(0.1, 2.0), st.floats(LEAST_WEIGHT, 1.0))
def test_a_known_voice_only_turns_doubt_into_right_and_never_against_a_likelier_number(
    interpretation: Interpretation, none_weight: float, own_weight: float
) -> None:
    known, unknown = (verdict(interpretation, none_weight, weight) for weight in (own_weight, 1.0))
    assert known in (unknown, Verdict.CORRECT)
    rival = max(p for number, p in interpretation.numbers.items() if number != 56)
    # Where another number is so much likelier, nothing that is learnt makes the answer right.
    if interpretation.numbers[56] < rival * JUDGING.correct_at:
        assert known is unknown is not Verdict.CORRECT


def swallowed(drill: Drill) -> Interpretation:
    """The answer, which the recogniser takes for no number."""
    return Interpretation({drill.answer: 0.02}, none=0.98)


def at_a_number_that_was_doubted(times: int) -> Drill:
    """Where a drill asks again for a number that was right so often, but hardly sure."""
    drill = Drill(tables=(2,)).start()
    number = drill.answer
    for _ in range(times):
        drill.listen().utter(Interpretation({number: 0.55, number + 1: 0.4}))
        assert drill.verdicts[-1] is Verdict.CORRECT
        while drill.answer != number:
            drill.answer_right()
    return drill


@pytest.mark.parametrize(("doubts", "verdict"), [(0, Verdict.UNSURE), (4, Verdict.CORRECT)])
def test_a_swallowed_answer_counts_once_the_voice_is_known(doubts: int, verdict: Verdict) -> None:
    drill = at_a_number_that_was_doubted(doubts)
    assert drill.listen().utter(swallowed(drill)).verdicts[-1] is verdict


def test_its_silence_is_short_then() -> None:
    unknown, known = at_a_number_that_was_doubted(0).listen().speak(), at_a_number_that_was_doubted(4).listen().speak()
    limit_ms = known.hear(swallowed(known)).dialogue.silence_limit_ms
    assert limit_ms < unknown.hear(swallowed(unknown)).dialogue.silence_limit_ms


def test_a_drill_that_is_resumed_knows_the_voice_as_before() -> None:
    drill = at_a_number_that_was_doubted(2)
    speaker = drill.dialogue.course.practice.speaker
    assert speaker.familiarity
    again = Course.replay(CALM.practice((2,), seed=1), CALM, drill.dialogue.course.steps)
    assert again.practice.speaker == again.as_settled().practice.speaker == speaker
