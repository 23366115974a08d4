"""The silence that ends a turn, what was heard, how likely it is an answer, and its verdict."""

import pytest

from server.dialogue import messages
from server.dialogue.messages import InterimResult
from server.dialogue.settings import DOZING_TRIES, VAIN_TRIES, EndpointingSettings
from server.dialogue.state import Phase
from server.dialogue.turn import (
    HALF_LIFE,
    LEAST_WEIGHT,
    MOST_WEIGHT,
    PUBLIC_SHARE,
    AnswerPrior,
    Endpointing,
    Hearing,
    decide,
)
from server.drill.facts import Fact
from server.drill.judging import Judgement, JudgingSettings, Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import Drill

# Silence that ends a turn


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


# The answer as it is heard, and its response time


def listening(from_ms: int | None) -> Hearing:
    hearing = Hearing(EndpointingSettings())
    hearing.listen_from(from_ms)
    return hearing


def test_the_response_time_runs_from_question_to_voice_and_is_never_negative() -> None:
    for from_ms, onset_ms, response_ms in ((5000, 6200, 1200), (5000, 4900, 0), (None, 6200, None), (5000, None, None)):
        hearing = listening(from_ms)
        hearing.begin(onset_ms)
        assert hearing.response_ms == response_ms


def test_what_was_no_answer_has_no_response_time_and_neither_has_the_next_question() -> None:
    for forget in (Hearing.drop, Hearing.wait):
        hearing = listening(5000)
        hearing.begin(6000)
        forget(hearing)
        assert hearing.response_ms is None


def test_a_partial_number_is_news_once() -> None:
    hearing = listening(0)
    hearing.begin(100)
    interpretations = (Interpretation({3: 0.4}), Interpretation({3: 0.9}), Interpretation({3: 0.95}), Interpretation())
    assert [hearing.go_on(InterimResult(interpretation, 0, 600), expected=8) for interpretation in interpretations] == [
        False,
        True,
        False,
        True,
    ]
    assert hearing.partial is None


def test_the_rest_after_a_pause_completes_what_was_begun() -> None:
    beginnings = {30: frozenset({6})}
    hearing = listening(0)
    for _ in range(2):
        hearing.begin(100)
        assert hearing.begun is None
        hearing.go_on(InterimResult(Interpretation({30: 0.95}, beginnings=beginnings), 120, 600), expected=36)
        assert hearing.begun == 30
    hearing.go_on(InterimResult(Interpretation({6: 0.95}, beginnings=beginnings), 0, 1600), expected=36)
    assert (hearing.partial, hearing.silence_limit_ms) == (36, EndpointingSettings().expected_ms)
    hearing.wait()
    assert hearing.begun is None


def test_the_first_of_two_equal_digits_is_heard_once() -> None:
    hearing = listening(0)
    hearing.begin(100)
    hearing.go_on(InterimResult(Interpretation({5: 0.95}, beginnings={5: frozenset({5})}), 120, 600), expected=55)
    assert hearing.begun is None


def test_an_answer_completed_on_request_has_no_response_time() -> None:
    hearing = listening(0)
    hearing.wait_for_rest(30)
    hearing.begin(100)
    assert (hearing.begun, hearing.response_ms) == (30, None)


def test_the_expected_number_needs_less_silence() -> None:
    hearing = listening(0)
    hearing.begin(100)
    assert hearing.silence_limit_ms == EndpointingSettings().incomplete_ms
    hearing.go_on(InterimResult(Interpretation({8: 0.95}), 0, 600), expected=8)
    assert hearing.silence_limit_ms == EndpointingSettings().expected_ms


# How likely an utterance is an answer; here 0.5 of the answer is enough


ANSWER, TALK, UNCLEAR = (
    Interpretation({6: 0.99}, none=0.01),
    Interpretation({8: 0.01}, none=0.99),
    Interpretation({8: 0.3}, none=0.7),
)


def weight_after(*interpretations: Interpretation, start: AnswerPrior | None = None) -> float:
    prior = start or AnswerPrior()
    for interpretation in interpretations:
        prior.heard(interpretation, expected=6)
    return prior.none_weight


def swallowed(drill: Drill) -> Interpretation:
    """Say the answer so that the recogniser believes "none of these" more."""
    return Interpretation({drill.answer: 0.25}, none=0.75)


def test_a_drill_that_a_learner_started_doubts_little_and_a_public_one_as_the_recogniser_does() -> None:
    assert AnswerPrior().none_weight < 0.25
    assert AnswerPrior(PUBLIC_SHARE).none_weight == pytest.approx(1)


def test_talk_raises_the_doubt_and_answers_lower_it_within_bounds() -> None:
    prior, weights = AnswerPrior(), []
    for interpretation in [TALK] * 30 + [ANSWER] * 60:
        prior.heard(interpretation, expected=6)
        weights.append(prior.none_weight)
    talk, answers = weights[:30], weights[30:]
    assert talk == sorted(talk) and talk[-1] == MOST_WEIGHT
    assert answers == sorted(answers, reverse=True) and LEAST_WEIGHT <= answers[-1] < 0.3


def test_the_room_of_long_ago_is_forgotten() -> None:
    soon, late = (weight_after(*[TALK] * 5, *[ANSWER] * count) for count in (1, 4 * HALF_LIFE))
    assert soon > 1 and late < 0.1


def test_what_is_unclear_tells_less_than_talk() -> None:
    assert weight_after(ANSWER) < weight_after(UNCLEAR) < weight_after(TALK)


def test_a_swallowed_answer_tells_of_no_talk_because_it_fits_the_question() -> None:
    """What is hardly heard as a number tells of an answer if that number was asked for."""
    swallowed, misfit = Interpretation({6: 0.01}, none=0.99), Interpretation({8: 0.01}, none=0.99)
    assert weight_after(*[swallowed] * 5) < 0.5 < 1 < weight_after(*[misfit] * 5)


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

    swallowed, surely_wrong, likely_wrong = {56: 0.1}, {54: 0.96}, {54: 0.9}
    assert [verdict(swallowed, weight) for weight in (1.0, 0.1)] == [Verdict.UNSURE, Verdict.CORRECT]
    assert [verdict(surely_wrong, weight) for weight in (1.0, 0.1)] == [Verdict.UNSURE, Verdict.WRONG]
    assert verdict(likely_wrong, 0.1) is Verdict.UNSURE
    assert [verdict({56: 0.3}, weight) for weight in (1.0, 3.0)] == [Verdict.CORRECT, Verdict.UNSURE]
    assert [verdict({54: 0.98}, weight) for weight in (1.0, 3.0)] == [Verdict.WRONG, Verdict.UNSURE]


def test_an_answer_is_wrong_whichever_other_number_it_was() -> None:
    either = Interpretation({54: 0.6, 64: 0.39}, none=0.01)
    decided = decide(either, Fact(7, 8), None, JudgingSettings())
    assert decided == Judgement(Verdict.WRONG, 54, 0.6)
    likely = Interpretation({54: 0.6, 64: 0.37, 56: 0.02}, none=0.01)
    assert decide(likely, Fact(7, 8), None, JudgingSettings()) == Judgement(Verdict.UNSURE, None, 0.6)


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


def test_a_class_tablet_does_not_lower_the_doubt() -> None:
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


# The verdict on an utterance


ASKED, MISTAKEN = Fact(7, 8), Fact(6, 9)
JUDGING = JudgingSettings(correct_at=0.5, wrong_at=0.96, again_at=0.9, expected_below=0.02)


@pytest.mark.parametrize(
    ("numbers", "damaged", "verdict"),
    [
        ({56: 0.97}, False, Verdict.CORRECT),
        ({56: 0.97}, True, Verdict.CORRECT),
        ({54: 0.97}, False, Verdict.WRONG),
        ({54: 0.97}, True, Verdict.UNSURE),
        ({}, False, Verdict.UNSURE),
    ],
)
def test_a_number_is_an_answer(numbers: dict[int, float], damaged: bool, verdict: Verdict) -> None:
    decided = decide(Interpretation(numbers), ASKED, None, JUDGING, damaged)
    assert isinstance(decided, Judgement) and decided.verdict is verdict


BEGINNINGS = {50: frozenset({6}), 5: frozenset({6})}


@pytest.mark.parametrize(
    ("heard", "begun", "verdict"),
    [
        ({50: 0.99}, None, Verdict.UNSURE),
        ({50: 0.99}, 50, Verdict.UNSURE),
        ({5: 0.99}, None, Verdict.UNSURE),
        ({6: 0.99}, None, Verdict.WRONG),
        ({6: 0.99}, 50, Verdict.CORRECT),
        ({6: 0.3, 56: 0.3}, 50, Verdict.CORRECT),
        ({56: 0.99}, 50, Verdict.CORRECT),
        ({54: 0.99}, 50, Verdict.WRONG),
        ({6: 0.99}, 5, Verdict.CORRECT),
        ({8: 0.99}, 50, Verdict.UNSURE),
        ({8: 0.99}, 5, Verdict.WRONG),
    ],
)
def test_a_beginning_of_the_answer_is_never_wrong_and_is_joined_with_the_rest(
    heard: dict[int, float], begun: int | None, verdict: Verdict
) -> None:
    decided = decide(Interpretation(heard, beginnings=BEGINNINGS), ASKED, None, JUDGING, begun=begun)
    assert isinstance(decided, Judgement) and decided.verdict is verdict


@pytest.mark.parametrize("command", [Spoken.REPEAT, Spoken.SKIP, Spoken.STOP, Spoken.START])
def test_a_command_is_obeyed_whatever_was_said_beside_it(command: Spoken) -> None:
    assert decide(Interpretation({56: 0.9}, command), ASKED, MISTAKEN, JUDGING) is command


@pytest.mark.parametrize(
    ("numbers", "decided"),
    [({}, Spoken.APPEAL), ({54: 0.9}, Spoken.APPEAL), ({54: 0.1, 45: 0.6}, Spoken.APPEAL), ({45: 0.95}, Spoken.REPEAT)],
)
def test_a_mistake_can_be_contested_unless_another_number_is_claimed(
    numbers: dict[int, float], decided: Spoken
) -> None:
    assert decide(Interpretation(numbers, Spoken.APPEAL), ASKED, MISTAKEN, JUDGING) is decided


def test_with_nothing_to_contest_it_is_an_answer() -> None:
    assert decide(Interpretation({56: 0.9}, Spoken.APPEAL), ASKED, None, JUDGING) == Judgement(Verdict.CORRECT, 56, 0.9)
