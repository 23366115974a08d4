"""Misheard is not "not known": the fact rests, and if nothing is understood the drill sleeps."""

import random
from collections import Counter

import pytest

from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Finished, Judged, Say
from server.dialogue.state import Phase
from server.drill.course import Course, StepKind
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import Knowledge
from server.drill.modes import CALM, CHECK, MODES, PLACEMENT, RECITATION, Mode
from server.drill.resting import RESTS_FOR
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import SETTINGS, Drill

TIMED = MODES["timed-6"]
NOISES = {
    "talk": (Interpretation({5: 0.1}), 2500),
    "babble": (Interpretation({5: 0.3, 6: 0.3}), 4000),
    "coughs": (Interpretation(), 400),
    "a fan": (Interpretation(), 8000),
    "unclear numbers": (Interpretation({5: 0.7}), 600),
}


def fact_of(drill: Drill) -> Fact:
    return drill.dialogue.course.fact


def rest(drill: Drill) -> Fact:
    """Let the open question be misunderstood at each try."""
    fact = fact_of(drill)
    while fact_of(drill) == fact and drill.phase is not Phase.FINISHED:
        drill.mumble()
    return fact


def turns_of(drill: Drill) -> Counter[Fact]:
    return Counter(judged.attempt.fact for judged in drill.all(Judged))


def steps_of(drill: Drill) -> list[StepKind]:
    return [step.did for step in drill.dialogue.course.steps]


def to_the_end(drill: Drill, unheard: Fact) -> Finished:
    """Answer everything right except `unheard`, which is never understood."""
    while drill.phase is not Phase.FINISHED:
        drill.mumble() if fact_of(drill) == unheard else drill.answer_right()
    return drill.all(Finished)[0]


def test_unsure_asks_again_twice_then_offers_the_keypad_then_lets_the_fact_rest(drill: Drill) -> None:
    left, right = drill.dialogue.question
    question = f"question-{left}-{right}"
    assert drill.mumble().said == ["reprompt-1", question]
    assert drill.mumble().said == ["reprompt-2", question]
    assert drill.mumble().said == ["reprompt-1", "keypad-1", question]
    assert drill.mumble().said[0] == "skipped-1"
    # The answer is not told.
    assert len(drill.said) == 2 and drill.dialogue.question != (left, right)
    assert drill.verdicts == [Verdict.UNSURE] * 4
    assert drill.dialogue.course.score.total == 0
    assert StepKind.RESTED in steps_of(drill) and StepKind.MISSED not in steps_of(drill)


def test_a_fact_that_rests_leaves_no_trace_in_the_memory(drill: Drill) -> None:
    rest(drill)
    assert drill.dialogue.course.practice.knowledge == Knowledge()


def test_it_comes_back_once_at_the_end_with_the_keypad_offered_and_one_try() -> None:
    drill = Drill(questions=8).start()
    unheard = fact_of(drill)
    finished = to_the_end(drill, unheard)
    assert turns_of(drill)[unheard] == 5
    asked = [judged.attempt.fact for judged in drill.all(Judged)]
    assert asked[-1] == unheard and unheard not in asked[4:-1]
    assert (finished.correct, finished.total, finished.unheard) == (7, 7, (unheard,))
    once_more = [say for say in drill.all(Say) if say.fact == unheard and say.expects == "answer"][4]
    assert once_more.clips[1].url == "keypad-1"
    # It is not a further question.
    assert (once_more.number, once_more.count) == (8, 8)


def test_what_is_understood_at_the_end_counts_and_is_unheard_no_more() -> None:
    drill = Drill(questions=4).start()
    resting = rest(drill)
    while fact_of(drill) != resting:
        drill.answer_right()
    (finished,) = drill.answer_right().all(Finished)
    assert (finished.correct, finished.total, finished.unheard) == (4, 4, ())
    assert drill.dialogue.course.practice.knowledge.memories[resting].latest_right


def test_each_rested_fact_makes_the_drill_longer_by_one_question_at_most() -> None:
    drill = Drill(questions=5).start()
    while drill.phase is not Phase.FINISHED:
        # A child is there, as its commands show.
        drill.answer_right() if drill.dialogue.course.number == 3 else drill.command(Spoken.REPEAT).mumble()
    turns = turns_of(drill)
    (finished,) = drill.all(Finished)
    assert len(finished.unheard) == 4
    assert [turns[fact] for fact in finished.unheard] == [5] * 4


def test_the_last_question_is_not_asked_again_at_once() -> None:
    drill = Drill(questions=2).start().answer_right()
    resting = rest(drill)
    assert drill.phase is Phase.FINISHED
    assert (turns_of(drill)[resting], drill.all(Finished)[0].unheard) == (4, (resting,))


def test_stopping_shows_what_was_not_heard(drill: Drill) -> None:
    resting = rest(drill)
    (finished,) = drill.command(Spoken.STOP).all(Finished)
    assert finished.unheard == (resting,)


@pytest.mark.parametrize("drill", [Drill(), Drill(minutes=10)], ids=["endless", "by the clock"])
def test_without_a_number_of_questions_it_comes_back_after_a_long_while(drill: Drill) -> None:
    resting = rest(drill.start())
    others = 0
    while fact_of(drill) != resting:
        drill.answer_right()
        others += 1
    assert others == RESTS_FOR
    drill.mumble()
    assert fact_of(drill) != resting
    asked = [fact_of(drill.answer_right()) for _ in range(3 * RESTS_FOR)]
    assert resting not in asked


def test_when_the_time_of_a_session_is_over_nothing_comes_back() -> None:
    drill = Drill(minutes=2).start()
    resting = rest(drill)
    drill.tell(messages.Disconnected()).wait(120_000).tell(messages.Resumed()).answer_right()
    assert drill.phase is Phase.FINISHED and turns_of(drill)[resting] == 4


def test_an_answer_on_the_keypad_counts_and_teaches(drill: Drill) -> None:
    left, right = drill.dialogue.question
    drill.mumble().mumble().mumble().tell(messages.Tapped(drill.wrong_answer))
    assert drill.said[:2] == ["correction-1", f"fact-{left}-{right}"]
    assert (drill.verdict.correct, drill.verdict.total) == (0, 1)
    assert not drill.dialogue.course.practice.knowledge.memories[Fact(left, right)].latest_right


def test_a_table_is_recited_to_its_end_and_then_asks_once_more() -> None:
    drill = Drill(mode=RECITATION, tables=(7,)).start()
    finished = to_the_end(drill, Fact(7, 3))
    assert (turns_of(drill)[Fact(7, 3)], finished.total, finished.unheard) == (5, 9, (Fact(7, 3),))


def test_a_check_is_out_of_what_was_asked_and_a_fact_that_comes_back_is_asked_once() -> None:
    drill = Drill(mode=CHECK).start()
    unheard = fact_of(drill)
    finished = to_the_end(drill, unheard)
    assert (finished.correct, finished.total, finished.unheard) == (24, 25, (unheard,))
    assert drill.dialogue.course.practice.knowledge.memories.keys() == set(turns_of(drill)) - {unheard}


def test_a_placement_takes_what_it_did_not_understand_neither_for_known_nor_for_unknown() -> None:
    drill = Drill(mode=PLACEMENT).start()
    rest(drill)
    assert drill.command(Spoken.STOP).all(Finished)[0].placed == {}


def test_where_all_facts_but_one_rest_nothing_is_left_to_ask() -> None:
    drill = Drill(tables=(7,)).start()
    answered = fact_of(drill)
    while drill.phase is not Phase.FINISHED:
        if fact_of(drill) == answered:
            drill.answer_right()
        else:
            drill.listen().utter(Interpretation(command=Spoken.REPEAT)).mumble()
    turns, unheard = turns_of(drill), drill.all(Finished)[0].unheard
    assert len(unheard) >= 8 and max(turns[fact] for fact in unheard) == 5


# No child is answering


@pytest.mark.parametrize("mode", [CALM, TIMED, CHECK, RECITATION, PLACEMENT], ids=lambda mode: mode.name)
@pytest.mark.parametrize("noise", NOISES)
def test_an_empty_room_is_invited_and_then_left_alone(mode: Mode, noise: str) -> None:
    drill = Drill(mode=mode).start()
    interpretation, voice_ms = NOISES[noise]
    for _ in range(10):
        assert drill.phase is not Phase.SLEEP
        drill.listen().utter(
            Interpretation({n + drill.answer: p for n, p in interpretation.numbers.items()}), voice_ms=voice_ms
        )
    assert (drill.said, drill.say.expects) == (["sleep-1"], "command")
    # It goes on for an hour.
    for _ in range(600):
        drill.listen().utter(
            interpretation if interpretation.best[1] < 0.6 else Interpretation({5: 0.5}), voice_ms=voice_ms
        )
    assert drill.phase is Phase.SLEEP and len(drill.verdicts) == 10
    assert StepKind.MISSED not in steps_of(drill)
    course = drill.dialogue.course
    assert (course.practice.knowledge, course.score.total) == (Knowledge(), 0)


def test_an_understood_utterance_shows_that_a_child_is_there(drill: Drill) -> None:
    understood = [
        lambda: drill.answer_right(),
        lambda: drill.answer_wrong(),
        lambda: drill.command(Spoken.REPEAT),
        lambda: drill.tell(messages.Tapped(drill.answer)),
        lambda: drill.listen().utter(Interpretation(command=Spoken.SKIP)),
    ]
    for act in understood:
        for _ in range(9):
            drill.mumble()
        act()
    assert "sleep-1" not in [clip.url for say in drill.all(Say) for clip in say.clips]


def test_a_cough_now_and_then_does_not_keep_a_silent_room_awake(drill: Drill) -> None:
    for _ in range(4):
        drill.listen().utter(Interpretation(), voice_ms=400).listen().wait(SETTINGS.thinking_ms)
    assert drill.listen().phase is Phase.SLEEP


def test_a_drill_that_is_woken_but_does_not_understand_soon_sleeps_again(drill: Drill) -> None:
    for _ in range(10):
        drill.mumble()
    question = drill.dialogue.question
    drill.listen().speak().end(Interpretation({5: 0.9}))
    assert drill.dialogue.question == question
    for _ in range(3):
        drill.mumble()
    assert drill.said == ["sleep-1"]
    drill.listen().tell(messages.Tapped(drill.answer)).mumble().mumble().mumble()
    assert drill.said[1] == "keypad-1"


# A restart


@pytest.mark.parametrize("mumbles", range(24))
def test_a_drill_in_which_facts_rested_goes_on_after_a_restart(mumbles: int) -> None:
    mode = CALM.lasting(6, None)
    drill = Drill(questions=6).start()
    unheard = fact_of(drill)
    for _ in range(mumbles):
        if drill.phase is not Phase.FINISHED:
            drill.mumble() if fact_of(drill) == unheard or drill.dialogue.course.number == 4 else drill.answer_right()
    course = drill.dialogue.course
    again = Course.replay(mode.practice((2, 7), seed=1), mode, course.steps)
    resumed = Dialogue(again, drill.clips, SETTINGS)
    assert (again.fact, again.came_back, again.unheard, again.number) == (
        course.fact,
        course.came_back,
        course.unheard,
        course.number,
    )
    before, drill.dialogue = drill.dialogue, resumed
    if not again.can_be_replayed:
        return
    drill.effects = []
    drill.tell(messages.Resumed())
    while drill.phase is not Phase.FINISHED:
        drill.answer_right()
    finished = drill.all(Finished)[0]
    assert finished.total + len(finished.unheard) == 6
    assert before.course.steps == again.steps[: len(before.course.steps)]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_no_fact_takes_more_than_four_turns_beyond_its_schedule_however_little_is_understood(share: float) -> None:
    chance = random.Random(7)
    for seed in range(20):
        drill = Drill(questions=40, seed=seed).start()
        while drill.phase is not Phase.FINISHED:
            drill.mumble() if chance.random() < share else drill.answer_right()
        beyond: Counter[Fact] = Counter()
        unsure: set[Fact] = set()
        for judged in drill.all(Judged):
            beyond[judged.attempt.fact] += judged.attempt.fact in unsure
            (unsure.add if judged.attempt.verdict is Verdict.UNSURE else unsure.discard)(judged.attempt.fact)
        assert max(beyond.values()) <= 4
