"""How likely an utterance is an answer, and what follows from it. Here 0.5 of the answer is enough."""

import pytest

from server.dialogue import messages
from server.dialogue.settings import DOZING_TRIES, VAIN_TRIES
from server.dialogue.state import Phase
from server.dialogue.turn import HALF_LIFE, LEAST_WEIGHT, MOST_WEIGHT, PUBLIC_SHARE, AnswerPrior, decide
from server.drill.facts import Fact
from server.drill.judging import Judgement, JudgingSettings, Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import Drill

ANSWER, TALK, UNCLEAR = (
    Interpretation({6: 0.99}, none=0.01),
    Interpretation({6: 0.01}, none=0.99),
    Interpretation({6: 0.3}, none=0.7),
)


def weight_after(*interpretations: Interpretation, start: AnswerPrior | None = None) -> float:
    prior = start or AnswerPrior()
    for interpretation in interpretations:
        prior.heard(interpretation)
    return prior.none_weight


def swallowed(drill: Drill) -> Interpretation:
    """The answer, which the recogniser holds likelier to be none of the numbers."""
    return Interpretation({drill.answer: 0.25}, none=0.75)


def test_a_drill_that_a_learner_started_doubts_little_and_a_public_one_as_the_recogniser_does() -> None:
    assert AnswerPrior().none_weight < 0.25
    assert AnswerPrior(PUBLIC_SHARE).none_weight == pytest.approx(1)


def test_talk_raises_the_doubt_and_answers_lower_it_within_bounds() -> None:
    prior, weights = AnswerPrior(), []
    for interpretation in [TALK] * 30 + [ANSWER] * 60:
        prior.heard(interpretation)
        weights.append(prior.none_weight)
    talk, answers = weights[:30], weights[30:]
    assert talk == sorted(talk) and talk[-1] == MOST_WEIGHT
    assert answers == sorted(answers, reverse=True) and LEAST_WEIGHT <= answers[-1] < 0.3


def test_the_room_of_long_ago_is_forgotten() -> None:
    soon, late = (weight_after(*[TALK] * 5, *[ANSWER] * count) for count in (1, 4 * HALF_LIFE))
    assert soon > 1 and late < weight_after() * 1.6


def test_what_is_unclear_tells_less_than_talk() -> None:
    assert weight_after(ANSWER) < weight_after(UNCLEAR) < weight_after(TALK)


def test_an_utterance_without_words_and_one_at_night_are_talk_and_a_command_is_none() -> None:
    asleep = AnswerPrior()
    asleep.overheard()
    assert weight_after(Interpretation()) == asleep.none_weight >= weight_after(TALK)
    assert weight_after(Interpretation(command=Spoken.REPEAT)) == weight_after(Interpretation({6: 1.0}))


def test_the_judge_weighs_none_less_for_the_right_answer_than_for_a_wrong_one() -> None:
    def verdict(numbers: dict[int, float], none_weight: float) -> Verdict:
        interpretation = Interpretation(numbers, none=1 - sum(numbers.values()))
        decided = decide(interpretation, Fact(7, 8), None, JudgingSettings(), none_weight=none_weight)
        assert isinstance(decided, Judgement)
        return decided.verdict

    swallowed, surely_wrong, likely_wrong = {56: 0.1}, {54: 0.97}, {54: 0.9}
    assert [verdict(swallowed, weight) for weight in (1.0, 0.1)] == [Verdict.UNSURE, Verdict.CORRECT]
    assert [verdict(surely_wrong, weight) for weight in (1.0, 0.1)] == [Verdict.UNSURE, Verdict.WRONG]
    assert verdict(likely_wrong, 0.1) is Verdict.UNSURE
    assert [verdict({56: 0.3}, weight) for weight in (1.0, 3.0)] == [Verdict.CORRECT, Verdict.UNSURE]
    assert [verdict({54: 0.99}, weight) for weight in (1.0, 3.0)] == [Verdict.WRONG, Verdict.UNSURE]


def test_a_number_that_is_said_again_is_wrong_at_less_and_so_is_not_weighed() -> None:
    again = Interpretation({54: 0.85}, none=0.15)
    decided = decide(again, Fact(7, 8), None, JudgingSettings(), said={54}, none_weight=0.1)
    assert isinstance(decided, Judgement) and decided.verdict is Verdict.UNSURE
    assert again.weighed(0.5).numbers[54] > JudgingSettings().again_at


def test_in_a_quiet_drill_a_swallowed_answer_counts_and_its_silence_is_short(drill: Drill) -> None:
    before_ms = drill.listen().speak().dialogue.silence_limit_ms
    assert drill.hear(swallowed(drill)).dialogue.silence_limit_ms < before_ms
    assert drill.end(swallowed(drill)).verdicts == [Verdict.CORRECT]


def test_in_a_room_that_talks_it_is_asked_again_until_answers_are_heard(drill: Drill) -> None:
    for _ in range(3):
        drill.listen().utter(TALK)
    assert drill.listen().utter(swallowed(drill)).verdicts[-1] is Verdict.UNSURE
    for _ in range(20):
        drill.listen().utter(Interpretation({drill.answer: 0.99}, none=0.01))
    assert drill.listen().utter(swallowed(drill)).verdicts[-1] is Verdict.CORRECT


def test_who_comes_by_a_public_tablet_is_not_taken_at_their_word() -> None:
    drill = Drill().tell(messages.Started(asleep=True)).listen().speak().end(Interpretation(command=Spoken.START))
    assert drill.listen().utter(swallowed(drill)).verdicts == [Verdict.UNSURE]


def test_over_the_prompt_doubt_is_not_lowered(drill: Drill) -> None:
    drill.speak_over(ms_left=300).end(swallowed(drill))
    assert (drill.phase, drill.verdicts) == (Phase.PROMPT, [])


def test_what_wakes_a_sleeping_drill_is_not_weighed(drill: Drill) -> None:
    for _ in range(VAIN_TRIES):
        drill.listen().utter(Interpretation({drill.wrong_answer: 0.45, drill.answer: 0.45}, none=0.1))
    drill.listen().speak().end(swallowed(drill))
    assert drill.phase is Phase.SLEEP


def test_talk_around_a_sleeping_drill_is_remembered_when_it_wakes(drill: Drill) -> None:
    for _ in range(VAIN_TRIES):
        drill.mumble()
    for _ in range(DOZING_TRIES):
        drill.listen().speak().end(TALK)
    drill.speak().end(Interpretation(command=Spoken.START))
    assert drill.listen().utter(swallowed(drill)).verdicts[-1] is Verdict.UNSURE


def test_words_of_an_engine_without_a_none_are_left_alone() -> None:
    interpretation = Interpretation({56: 0.4})
    assert interpretation.weighed(0.1) == interpretation.weighed(3.0) == interpretation


def test_weighing_keeps_the_odds_between_numbers_and_the_sum() -> None:
    weighed = Interpretation({56: 0.3, 50: 0.1}, none=0.6).weighed(0.1)
    assert weighed.numbers[56] / weighed.numbers[50] == pytest.approx(3)
    assert sum(weighed.numbers.values()) + weighed.none == pytest.approx(1)
    assert weighed.numbers[56] == pytest.approx(0.3 / 0.46)
