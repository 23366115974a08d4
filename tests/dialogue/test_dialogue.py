"""The conversation, in virtual time."""

from dataclasses import replace

import pytest

from server.dialogue import messages
from server.dialogue.messages import Finished, InterimTranscript, Judged, Listening
from server.dialogue.settings import NoQuestion, UnknownSay
from server.dialogue.state import Ear, Phase
from server.drill.judging import Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import CLIP_MS, SETTINGS, Drill


def test_the_drill_begins_with_a_greeting_and_a_question(drill: Drill) -> None:
    left, right = drill.dialogue.question
    assert drill.said == ["greeting-1", f"question-{left}-{right}"]
    assert (drill.say.expects, drill.say.number, drill.say.question_at_ms) == ("answer", 1, CLIP_MS)


def test_a_right_answer_is_praised_and_the_next_question_follows_in_the_same_breath(drill: Drill) -> None:
    asked = drill.dialogue.question
    drill.answer_right()
    assert (drill.verdict.attempt.verdict, drill.verdict.attempt.fact.answer) == (Verdict.CORRECT, asked[0] * asked[1])
    left, right = drill.dialogue.question
    assert drill.said == ["praise-1", f"question-{left}-{right}"]
    assert (left, right) != asked
    assert (drill.verdict.correct, drill.verdict.total) == (1, 1)


def test_a_wrong_answer_is_modelled_and_comes_back(drill: Drill) -> None:
    left, right = drill.dialogue.question
    drill.answer_wrong()
    assert drill.verdicts == [Verdict.WRONG]
    assert drill.said[:2] == ["correction-1", f"fact-{left}-{right}"]
    asked = [drill.answer_right().dialogue.question for _ in range(3)]
    assert (left, right) in asked


def test_praise_varies(drill: Drill) -> None:
    praises = []
    for _ in range(7):
        praises.append(drill.answer_right().said[0])
    assert len(set(praises)) >= 5
    assert all(before != after for before, after in zip(praises, praises[1:], strict=False))


def test_taps_are_judged_like_speech(drill: Drill) -> None:
    drill.tell(messages.Tapped(drill.answer)).tell(messages.Tapped(drill.wrong_answer))
    assert drill.verdicts == [Verdict.CORRECT, Verdict.WRONG]
    assert (drill.verdict.correct, drill.verdict.total) == (1, 2)


@pytest.mark.parametrize(
    ("then", "verdict"), [(6, Verdict.CORRECT), (56, Verdict.CORRECT), (54, Verdict.WRONG), (50, Verdict.UNSURE)]
)
def test_the_rest_of_an_answer_is_asked_for_and_joined_with_its_beginning(then: int, verdict: Verdict) -> None:
    drill = Drill(tables=(7,), seed=1).start()
    while drill.answer != 56:
        drill.answer_right()
    beginnings = {50: frozenset({6})}
    question, total = drill.dialogue.question, drill.dialogue.course.score.total
    drill.listen().utter(Interpretation({50: 0.97}, beginnings=beginnings))
    assert (drill.said, drill.verdicts[-1], drill.dialogue.question) == (["number-50"], Verdict.UNSURE, question)
    assert drill.dialogue.course.score.total == total
    drill.listen().utter(Interpretation({then: 0.97}, beginnings=beginnings))
    assert (drill.verdicts[-1], drill.verdict.attempt.response_ms) == (verdict, None)


def test_a_beginning_belongs_to_the_question_that_was_asked(drill: Drill) -> None:
    number = drill.answer
    beginnings = {50: frozenset({6})}
    drill.listen().utter(Interpretation({50: 0.97}, beginnings=beginnings)).command(Spoken.REPEAT)
    drill.listen().utter(
        Interpretation({6: 0.97 if number != 6 else 0.0, 7: 0.97 if number == 6 else 0.0}, beginnings=beginnings)
    )
    assert drill.verdicts == [Verdict.UNSURE, Verdict.WRONG]


def test_a_tap_in_the_middle_of_an_utterance_ends_it(drill: Drill) -> None:
    drill.listen().speak().hear(Interpretation({drill.wrong_answer: 0.99})).tell(messages.Tapped(drill.answer))
    # Later opinions of the recogniser on this utterance belong to no question any more.
    drill.end(Interpretation({3: 0.99}))
    assert drill.verdicts == [Verdict.CORRECT]


def test_skip_tells_the_fact_and_scores_nothing(drill: Drill) -> None:
    left, right = drill.dialogue.question
    drill.command(Spoken.SKIP)
    assert drill.said[:2] == ["skipped-1", f"fact-{left}-{right}"]
    assert drill.dialogue.course.score.total == 0
    assert drill.dialogue.question != (left, right)


def test_spoken_commands_work_like_tapped_ones(drill: Drill) -> None:
    question = drill.dialogue.question
    drill.listen().utter(Interpretation(command=Spoken.REPEAT))
    assert (drill.dialogue.question, drill.verdicts) == (question, [])
    drill.listen().utter(Interpretation(command=Spoken.SKIP))
    assert drill.dialogue.question != question
    assert drill.listen().utter(Interpretation(command=Spoken.STOP)).phase is Phase.FINISHED


def test_the_drill_ends_after_its_questions() -> None:
    drill = Drill(questions=3).start().answer_right().answer_wrong().mumble().answer_right()
    assert drill.phase is Phase.FINISHED
    assert drill.said == ["praise-2", "score-1", "number-2", "goodbye-1"]
    (finished,) = drill.all(Finished)
    assert (finished.correct, finished.total) == (2, 3)
    assert sum(tally.wrong for _, tally in finished.tallies) == 1


def test_response_time_runs_from_the_question_s_end_to_the_voice_s_onset(drill: Drill) -> None:
    drill.listen().speak(after_ms=1234).end(Interpretation({drill.answer: 0.9}))
    assert drill.verdict.attempt.response_ms == 1234


def test_response_time_is_unknown_without_a_report_that_the_question_was_played(drill: Drill) -> None:
    drill.wait(drill.say.duration_ms + SETTINGS.played_grace_ms + SETTINGS.tail_ms)
    assert drill.phase is Phase.LISTEN
    drill.speak().end(Interpretation({drill.answer: 0.9}))
    assert drill.verdict.attempt.response_ms is None


def test_a_late_played_starts_the_thinking_time_anew(drill: Drill) -> None:
    drill.wait(drill.say.duration_ms + SETTINGS.played_grace_ms + SETTINGS.tail_ms + 5000)
    drill.tell(messages.Played(drill.say.id, drill.heard_ms)).wait(SETTINGS.thinking_ms - 1)
    assert drill.phase is Phase.LISTEN
    assert drill.wait(1).verdicts == [Verdict.SILENCE]


def test_played_of_an_older_prompt_means_nothing_and_of_an_unknown_one_is_refused(drill: Drill) -> None:
    drill.answer_right()
    assert drill.tell(messages.Played(1)).phase is Phase.PROMPT
    for unknown in (0, drill.say.id + 1):
        with pytest.raises(UnknownSay):
            drill.tell(messages.Played(unknown))
    assert drill.phase is Phase.PROMPT


def test_in_half_duplex_the_ear_opens_only_after_the_prompt() -> None:
    drill = Drill(settings=replace(SETTINGS, full_duplex=False)).start()
    assert drill.dialogue.ear is Ear.CLOSED
    assert drill.play().dialogue.ear is Ear.PRE_ROLL
    assert drill.wait(SETTINGS.tail_ms).dialogue.ear is Ear.OPEN
    assert drill.utter(Interpretation({drill.answer: 0.9})).dialogue.ear is Ear.CLOSED
    assert [effect.open for effect in drill.all(Listening)] == [True, False]


def test_a_lost_connection_keeps_score_and_question_and_drops_the_utterance(drill: Drill) -> None:
    drill.answer_right()
    question = drill.dialogue.question
    drill.listen().speak().tell(messages.Disconnected())
    assert (drill.phase, drill.dialogue.ear) == (Phase.SUSPENDED, Ear.CLOSED)
    drill.end(Interpretation({drill.answer: 0.99})).wait(600_000)
    assert drill.verdicts == [Verdict.CORRECT]
    drill.tell(messages.Resumed())
    assert drill.said == ["resumed-1", f"question-{question[0]}-{question[1]}"]
    drill.answer_right()
    assert (drill.verdict.correct, drill.verdict.total) == (2, 2)


def test_a_second_tab_takes_over_without_a_disconnect(drill: Drill) -> None:
    question = drill.dialogue.question
    drill.listen().tell(messages.Resumed())
    assert (drill.phase, drill.dialogue.question) == (Phase.PROMPT, question)


def test_coming_back_to_a_finished_drill_shows_the_result_again() -> None:
    drill = Drill(questions=1).start().answer_right().tell(messages.Resumed())
    assert len(drill.all(Finished)) == 2


@pytest.mark.parametrize(
    "event", [messages.Tapped(4), messages.Commanded(Spoken.SKIP), messages.Commanded(Spoken.STOP)]
)
def test_nothing_can_be_answered_when_nothing_is_asked(event: messages.Event) -> None:
    for drill in (Drill(), Drill().start().command(Spoken.STOP), Drill().start().tell(messages.Disconnected())):
        before = drill.phase
        with pytest.raises(NoQuestion):
            drill.tell(event)
        assert drill.phase is before


def test_partial_beliefs_are_shown_once_each_and_only_when_confident(drill: Drill) -> None:
    drill.listen().speak()
    for interpretation in (
        Interpretation({3: 0.4}),
        Interpretation({3: 0.9}),
        Interpretation({3: 0.95}),
        Interpretation({4: 0.9}),
        Interpretation(),
    ):
        drill.hear(interpretation)
    assert [effect.value for effect in drill.all(InterimTranscript)] == [3, 4, None]


def test_a_damaged_utterance_proves_nothing_wrong(drill: Drill) -> None:
    drill.listen().utter(Interpretation({drill.wrong_answer: 0.99}), damaged=True)
    assert drill.verdicts == [Verdict.UNSURE]
    drill.listen().utter(Interpretation({drill.answer: 0.99}), damaged=True)
    assert drill.verdicts[-1] is Verdict.CORRECT


def test_turns_are_numbered_and_each_is_judged_once(drill: Drill) -> None:
    drill.answer_right().mumble().answer_wrong().answer_right()
    turns = [judged.turn for judged in drill.all(Judged)]
    assert turns == sorted(set(turns))


def test_a_cough_lends_its_time_to_no_tap(drill: Drill) -> None:
    drill.listen().speak(after_ms=100).end(Interpretation(), voice_ms=100).tell(messages.Tapped(drill.answer))
    assert (drill.verdicts, drill.verdict.attempt.response_ms) == ([Verdict.CORRECT], None)


def test_a_tap_or_skip_about_an_older_question_does_not_count(drill: Drill) -> None:
    say, answer = drill.say.id, drill.answer
    drill.answer_right().tell(messages.Tapped(answer, say)).tell(messages.Commanded(Spoken.SKIP, say))
    assert drill.verdicts == [Verdict.CORRECT]
    assert drill.say.number == 2


def test_larger_tables_are_put_together_from_parts() -> None:
    drill = Drill(tables=(17,)).start()
    left, right = drill.dialogue.question
    assert drill.said == ["greeting-1", "number-17", f"asked-{right}"]
    assert drill.say.question_at_ms == CLIP_MS
    drill.answer_wrong()
    assert drill.said[:4] == ["correction-1", "number-17", f"right-{right}", f"number-{17 * right}"]
    assert drill.said[5:] == [f"asked-{drill.dialogue.question[1]}"]
    assert drill.say.question_at_ms == 4 * CLIP_MS
