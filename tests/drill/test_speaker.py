"""What right answers tell about how a learner says the numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.speaker import HALF_LIFE, LEAST_WEIGHT, Speaker


def attempt(
    answer: int = 14, confidence: float = 0.4, verdict: Verdict = Verdict.CORRECT, appeal: bool = False
) -> Attempt:
    return Attempt(Fact(2, answer // 2), verdict, answer, confidence, 1500, 0, appeal)


ATTEMPTS = st.lists(
    st.builds(
        attempt,
        answer=st.sampled_from([2, 4, 14]),
        confidence=st.floats(0, 1),
        verdict=st.sampled_from(Verdict),
        appeal=st.booleans(),
    ),
    max_size=60,
)


def test_of_a_stranger_nothing_is_known() -> None:
    assert Speaker().none_weight(14) == 1


def test_a_right_answer_in_doubt_is_believed_sooner_the_next_time_and_no_other_number() -> None:
    once = Speaker().after([attempt()])
    twice = once.after([attempt()])
    assert 1 > once.none_weight(14) > twice.none_weight(14) >= LEAST_WEIGHT
    assert once.none_weight(12) == 1


@pytest.mark.parametrize(
    "untold",
    [
        attempt(confidence=1.0),
        attempt(verdict=Verdict.WRONG),
        attempt(verdict=Verdict.UNSURE),
        attempt(verdict=Verdict.SILENCE),
        attempt(appeal=True),
    ],
)
def test_sure_answers_other_verdicts_and_appeals_tell_nothing(untold: Attempt) -> None:
    assert Speaker().after([untold]).none_weight(14) == 1


def test_what_was_learnt_is_forgotten_by_half_in_a_half_life_of_sure_answers() -> None:
    learnt = Speaker().after([attempt(confidence=0.5)])
    later = learnt.after([attempt(confidence=1.0)] * HALF_LIFE)
    assert later.familiarity[14] == pytest.approx(learnt.familiarity[14] / 2)


@given(ATTEMPTS, ATTEMPTS)
def test_it_is_bounded_and_follows_from_the_attempts_however_they_are_cut(
    before: list[Attempt], after: list[Attempt]
) -> None:
    speaker = Speaker().after(before).after(after)
    assert speaker == Speaker().after([*before, *after])
    assert all(LEAST_WEIGHT * 0.999 <= speaker.none_weight(number) <= 1 for number in range(401))
