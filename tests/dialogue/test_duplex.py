"""Speech while a prompt plays."""

import pytest

from server.dialogue import messages
from server.dialogue.messages import Interrupt, Say
from server.dialogue.state import Ear, Phase
from server.drill.judging import Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import CLIP_MS, SETTINGS, Drill


def interrupts(drill: Drill) -> list[int]:
    return [effect.say for effect in drill.all(Interrupt)]


def test_the_ear_is_open_while_a_question_is_asked(drill: Drill) -> None:
    assert drill.dialogue.ear is Ear.OPEN
    assert drill.play().dialogue.ear is Ear.OPEN


@pytest.mark.parametrize("ms_left", [50, 200, 600, SETTINGS.early_ms])
def test_a_confident_answer_over_the_question_stops_it_and_counts_as_fluent(drill: Drill, ms_left: int) -> None:
    drill.speak_over(ms_left).hear(Interpretation({drill.answer: 0.95}))
    assert interrupts(drill) == [drill.say.id] and drill.phase is Phase.SPEECH
    drill.end(Interpretation({drill.answer: 0.95}))
    assert drill.verdicts == [Verdict.CORRECT] and drill.verdict.attempt.response_ms == 0


def test_an_answer_that_outlasts_the_question_is_judged_and_its_response_time_is_none_at_all(drill: Drill) -> None:
    drill.speak_over(200).hear(Interpretation({drill.answer: 0.3})).wait(200).tell(
        messages.Played(drill.say.id, drill.heard_ms)
    )
    assert drill.phase is Phase.SPEECH and not interrupts(drill)
    drill.end(Interpretation({drill.answer: 0.9}))
    assert drill.verdicts == [Verdict.CORRECT] and drill.verdict.attempt.response_ms == 0


def test_an_answer_that_outlasts_the_question_and_is_not_understood_is_asked_for_again(drill: Drill) -> None:
    drill.speak_over(200).wait(200).tell(messages.Played(drill.say.id, drill.heard_ms))
    drill.end(Interpretation({drill.answer: 0.1, drill.wrong_answer: 0.5}))
    assert drill.verdicts == [Verdict.UNSURE]


def test_what_is_not_understood_over_the_question_costs_nothing(drill: Drill) -> None:
    drill.speak_over(600).hear(Interpretation({3: 0.4})).end(Interpretation({3: 0.4}))
    assert (drill.phase, drill.verdicts, len(drill.all(Say))) == (Phase.PROMPT, [], 1)
    drill.wait(600).tell(messages.Played(drill.say.id, drill.heard_ms)).wait(SETTINGS.tail_ms)
    assert drill.utter(Interpretation({drill.answer: 0.9})).verdicts == [Verdict.CORRECT]


def test_an_answer_over_praise_does_not_count(drill: Drill) -> None:
    drill.answer_right()
    assert drill.say.question_at_ms == CLIP_MS
    drill.speak_over(CLIP_MS + 500).hear(Interpretation({drill.answer: 0.99})).end(Interpretation({drill.answer: 0.99}))
    assert drill.verdicts == [Verdict.CORRECT] and not interrupts(drill)


def test_over_a_correction_a_child_can_object(drill: Drill) -> None:
    drill.answer_wrong()
    mistaken = drill.dialogue.course.mistake
    assert mistaken is not None
    drill.speak_over(drill.say.duration_ms - 200).hear(Interpretation({mistaken.fact.answer: 0.9}, Spoken.APPEAL))
    assert interrupts(drill) == [drill.say.id]
    drill.end(Interpretation({mistaken.fact.answer: 0.9}, Spoken.APPEAL))
    assert drill.verdict.attempt.appeal and drill.verdict.attempt.verdict is Verdict.CORRECT


def test_a_question_that_was_just_asked_can_be_answered_at_once(drill: Drill) -> None:
    drill.mumble()
    drill.speak_over(drill.say.duration_ms - 100).hear(Interpretation({drill.answer: 0.95})).end(
        Interpretation({drill.answer: 0.95})
    )
    assert drill.verdicts == [Verdict.UNSURE, Verdict.CORRECT]


def test_while_the_answer_is_told_it_is_no_answer(drill: Drill) -> None:
    for _ in range(3):
        drill.listen().wait(SETTINGS.thinking_ms)
    assert drill.said[0] == "lesson-1"
    drill.speak_over(drill.say.duration_ms - 500).hear(Interpretation({drill.answer: 0.99})).end(
        Interpretation({drill.answer: 0.99})
    )
    assert Verdict.CORRECT not in drill.verdicts


def test_a_command_over_the_prompt_is_obeyed(drill: Drill) -> None:
    drill.speak_over(1500).end(Interpretation(command=Spoken.STOP))
    assert drill.phase is Phase.FINISHED


def test_where_the_echo_is_loud_the_drill_falls_back_to_half_duplex_with_a_tail_as_long_as_the_delay(
    drill: Drill,
) -> None:
    drill.tell(messages.EchoMeasured(240, -3.0))
    assert drill.dialogue.ear is Ear.CLOSED
    drill.play().wait(SETTINGS.tail_ms + 239)
    assert drill.phase is Phase.ECHO_GUARD
    assert drill.wait(1).phase is Phase.LISTEN
    drill.tell(messages.EchoMeasured(240, -8.0)).utter(Interpretation({drill.answer: 0.9}))
    assert drill.dialogue.ear is Ear.CLOSED, "not to and fro at each prompt"
    assert drill.tell(messages.EchoMeasured(240, -12.0)).dialogue.ear is Ear.OPEN


def test_a_prompt_that_begins_late_ends_late(drill: Drill) -> None:
    drill.wait(900).tell(messages.Playing(drill.say.id))
    drill.wait(drill.say.duration_ms + SETTINGS.played_grace_ms - 1)
    assert drill.phase is Phase.PROMPT
    assert drill.wait(1).phase is Phase.ECHO_GUARD


def test_a_voice_that_went_on_after_nothing_came_of_it_is_waited_for_no_longer(drill: Drill) -> None:
    drill.speak_over(400).hear(Interpretation({drill.answer: 0.95})).end(Interpretation(), voice_ms=100)
    assert drill.phase is Phase.LISTEN
    assert drill.wait(SETTINGS.thinking_ms).verdicts == [Verdict.SILENCE]


@pytest.mark.parametrize(("echo_share", "verdicts"), [(1.0, []), (0.6, []), (0.2, [Verdict.UNSURE])])
def test_what_is_mostly_the_tablet_s_own_voice_is_not_asked_for_again(
    drill: Drill, echo_share: float, verdicts: list[Verdict]
) -> None:
    unclear = Interpretation({drill.answer: 0.1, drill.wrong_answer: 0.5})
    drill.listen().speak().tell(messages.SpeechEnded(unclear, voice_ms=600, echo_share=echo_share))
    assert drill.verdicts == verdicts


def test_an_answer_that_is_heard_through_the_echo_counts(drill: Drill) -> None:
    drill.listen().speak().tell(messages.SpeechEnded(Interpretation({drill.answer: 0.9}), voice_ms=600, echo_share=0.9))
    assert drill.verdicts == [Verdict.CORRECT]
