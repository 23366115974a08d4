"""What the coach says, and when."""

from typing import Any

import pytest

from server.chant.messages import ChantEnded
from server.chant.progress import Mark
from server.dialogue import messages
from server.dialogue.messages import Finished, Interrupt, Say
from server.dialogue.settings import DialogueSettings, NoQuestion, UnknownSay
from server.dialogue.state import Phase
from server.understanding.chant import Chant
from server.understanding.lexicon import Spoken

from .conftest import Recital

RIGHT, OPEN = Mark.RIGHT, Mark.OPEN


def test_it_begins_with_the_first_words_of_the_table(recital: Recital) -> None:
    assert recital.said == ["greeting-1", "question-7-1"]
    assert recital.phase is Phase.LISTEN
    assert recital.ladder.current == 0


@pytest.mark.parametrize("at_once", [1, 2, 10])
def test_a_whole_table_is_marked_in_however_many_utterances(recital: Recital, at_once: int) -> None:
    for first in range(1, 11, at_once):
        recital.chant(*range(first, first + at_once)).pause()
        if recital.phase is not Phase.FINISHED:
            recital.end()
    assert recital.marks == [RIGHT] * 10
    assert recital.phase is Phase.FINISHED
    finished = recital.all(Finished)[-1]
    assert (finished.correct, finished.total) == (10, 10)
    assert recital.said == ["praise-1", "goodbye-1"]


def test_a_right_line_lights_up_before_any_pause(recital: Recital) -> None:
    recital.chant(1, 2)
    assert recital.marks[:3] == [RIGHT, RIGHT, OPEN]
    assert recital.ladder.current == 2


def test_who_is_stuck_hears_the_first_words_then_the_line_then_the_next(recital: Recital) -> None:
    recital.chant(1, 2).pause().end().wait(2500)
    assert recital.said == ["question-7-3"]
    assert recital.marks[2] is OPEN
    recital.hear_out().wait(2600)
    assert recital.said == ["fact-7-3"]
    assert recital.marks[2] is Mark.HELPED
    recital.hear_out().wait(2600)
    assert recital.said == ["question-7-4"]
    recital.hear_out().chant(4).pause()
    assert recital.marks[:4] == [RIGHT, RIGHT, Mark.HELPED, RIGHT]


def test_a_line_that_was_told_is_said_again_or_not(recital: Recital) -> None:
    recital.wait(2600).hear_out().wait(2600).hear_out()
    recital.chant(1).pause()
    assert recital.marks[0] is Mark.MENDED
    other = Recital().start().wait(2600).hear_out().wait(2600).hear_out()
    other.chant(2).pause()
    assert other.marks[:2] == [Mark.HELPED, RIGHT]


def test_nobody_there_ends_in_sleep_and_a_line_wakes_it(recital: Recital) -> None:
    for _ in range(20):
        recital.wait(3000)
        if recital.phase is Phase.PROMPT:
            recital.hear_out()
    assert recital.phase is Phase.SLEEP
    assert recital.say.expects == "command"
    line = recital.dialogue.progress.expected + 1
    recital.chant(line).pause()
    assert recital.phase is Phase.SPEECH
    assert recital.marks[line - 1] is RIGHT


def test_a_slow_chanter_is_given_more_time(recital: Recital) -> None:
    for line in range(1, 6):
        recital.chant(line).pause().end()
        recital.now_ms += 1500
    asked = len(recital.all(Say))
    recital.chant(6).pause().end().wait(2300)
    assert len(recital.all(Say)) == asked


def test_a_wrong_product_is_put_right_in_the_pause_after_it(recital: Recital) -> None:
    recital.chant(1, 2).chant(3, product=20, is_right=False)
    assert len(recital.all(Say)) == 1, "not into the line"
    recital.pause()
    assert recital.said == ["correction-1", "fact-7-3"]
    assert recital.marks[2] is Mark.WRONG
    recital.hear_out().chant(4).pause()
    assert recital.marks[:4] == [RIGHT, RIGHT, Mark.WRONG, RIGHT]


def test_who_chants_on_is_put_right_in_the_next_pause(recital: Recital) -> None:
    recital.chant(1, 2).chant(3, product=20, is_right=False).chant(4, 5).pause()
    assert recital.said == ["correction-1", "fact-7-3"]
    recital.hear_out().chant(6)
    assert recital.marks[:6] == [RIGHT, RIGHT, Mark.WRONG, RIGHT, RIGHT, RIGHT]


def test_a_line_is_mended_by_saying_it_rightly(recital: Recital) -> None:
    recital.chant(1).chant(2, product=15, is_right=False).chant(2).pause()
    assert recital.marks[1] is Mark.MENDED


def test_a_skipped_line_is_told(recital: Recital) -> None:
    recital.chant(1, 2, 4).pause()
    assert recital.marks[2:4] == [OPEN, OPEN], "it may be a part of line 3"
    recital.end()
    assert recital.said == ["correction-1", "fact-7-3"]
    assert recital.marks[:5] == [RIGHT, RIGHT, Mark.SKIPPED, RIGHT, OPEN]


def test_a_skipped_line_is_told_to_who_chants_on(recital: Recital) -> None:
    recital.chant(1, 2, 4, 5).pause()
    assert recital.said == ["correction-1", "fact-7-3"]
    assert recital.marks[:5] == [RIGHT, RIGHT, Mark.SKIPPED, RIGHT, RIGHT]


def test_nothing_was_skipped_before_the_first_line_that_was_heard(recital: Recital) -> None:
    recital.chant(3, 4).pause().end()
    assert recital.marks[:5] == [Mark.UNSURE, Mark.UNSURE, RIGHT, RIGHT, OPEN]


def test_two_lines_in_the_wrong_order_are_noticed_once(recital: Recital) -> None:
    recital.chant(1, 3, 2, 4).pause()
    assert recital.marks[:4] == [RIGHT, RIGHT, Mark.MENDED, RIGHT]


@pytest.mark.parametrize(
    "unclear",
    [{"is_right": None}, {"is_right": None, "product": 20}, {"other_ms": 400}],
    ids=["fit", "number", "other"],
)
def test_doubt_marks_no_line_wrong_or_skipped(recital: Recital, unclear: dict[str, Any]) -> None:
    recital.chant(1, 2).chant(4, **unclear).chant(5).pause()
    assert not {Mark.WRONG, Mark.SKIPPED} & set(recital.marks)
    assert len(recital.all(Say)) == 1


def test_where_there_was_time_for_a_line_it_may_have_been_said(recital: Recital) -> None:
    recital.chant(1, 2, 3)
    recital.now_ms += 1500
    recital.chant(5, 6).pause()
    assert recital.marks[:6] == [RIGHT, RIGHT, RIGHT, Mark.UNSURE, RIGHT, RIGHT]


def test_a_line_that_is_not_clear_does_not_count(recital: Recital) -> None:
    recital.chant(1).chant(2, is_right=None).chant(3).pause()
    assert recital.marks[:3] == [RIGHT, Mark.UNSURE, RIGHT]
    assert recital.dialogue.progress.total == 2


def test_a_single_far_line_is_not_believed_but_two_are(recital: Recital) -> None:
    recital.chant(1, 7).pause()
    assert recital.marks == [RIGHT, *[OPEN] * 9]
    recital.chant(8).pause()
    assert recital.marks[7] is RIGHT


def test_saying_a_line_again_changes_nothing(recital: Recital) -> None:
    recital.chant(1, 2, 2, 1, 2, 3).pause()
    assert recital.marks[:4] == [RIGHT, RIGHT, RIGHT, OPEN]
    assert recital.ladder.current == 3


def test_help_gives_way_to_a_child_who_goes_on(recital: Recital) -> None:
    recital.chant(1).pause().end().wait(2600)
    assert recital.said == ["question-7-2"]
    recital.now_ms += 300
    recital.chant(2)
    assert recital.all(Interrupt)[-1].say == recital.say.id
    assert recital.phase is Phase.SPEECH
    assert recital.marks[:2] == [RIGHT, RIGHT]


def test_the_echo_of_a_line_that_was_told_is_no_line_of_the_child(recital: Recital) -> None:
    recital.wait(2600).hear_out().wait(2600)
    assert recital.said == ["fact-7-1"]
    recital.chant(1)
    assert not recital.all(Interrupt)
    recital.tell(messages.Played(recital.say.id)).pause().end()
    assert recital.marks[0] is Mark.HELPED


def test_half_duplex_hears_nothing_over_a_prompt() -> None:
    recital = Recital(settings=DialogueSettings(full_duplex=False))
    recital.tell(messages.Started())
    assert recital.dialogue.ear == "closed"
    assert recital.dialogue.duplex == "half"


def test_buttons_help_go_on_and_stop(recital: Recital) -> None:
    recital.tell(messages.Commanded(Spoken.REPEAT))
    assert recital.said == ["fact-7-1"]
    recital.hear_out().tell(messages.Commanded(Spoken.SKIP))
    assert recital.said == ["fact-7-1"]
    assert recital.ladder.current == 1
    recital.hear_out().tell(messages.Commanded(Spoken.STOP))
    assert recital.phase is Phase.FINISHED
    with pytest.raises(NoQuestion):
        recital.tell(messages.Commanded(Spoken.SKIP))


def test_answers_can_be_tapped(recital: Recital) -> None:
    recital.tell(messages.Tapped(7))
    assert recital.ladder.current == 1
    recital.hear_out().tell(messages.Tapped(13))
    assert recital.said == ["fact-7-2"]


def test_a_lost_connection_resumes_at_the_same_line(recital: Recital) -> None:
    recital.chant(1, 2, 3).tell(messages.Disconnected())
    assert recital.phase is Phase.SUSPENDED
    recital.wait(60_000)
    assert recital.phase is Phase.SUSPENDED
    recital.tell(messages.Resumed())
    assert recital.said == ["resumed-1", "question-7-4"]
    assert recital.marks[:3] == [RIGHT] * 3
    assert recital.ladder.current == 3, "a page that is new to it sees all lines"


def test_what_went_wrong_is_said_at_the_end(recital: Recital) -> None:
    recital.chant(1, 2, 3).chant(4, product=27, is_right=False).pause().hear_out()
    recital.chant(*range(5, 11)).pause()
    assert recital.said == ["fact-7-4", "goodbye-1"]
    finished = recital.all(Finished)[-1]
    assert (finished.correct, finished.total) == (9, 10)


def test_an_unknown_prompt_is_refused(recital: Recital) -> None:
    with pytest.raises(UnknownSay):
        recital.tell(messages.Played(99))


def test_after_an_error_the_same_line_is_asked_for_again(recital: Recital) -> None:
    recital.chant(1, 2)
    recital.effects += recital.dialogue.rebuild(recital.now_ms)
    recital.wait(6000)
    assert recital.said == ["resumed-1", "question-7-3"]
    assert recital.marks[:2] == [RIGHT, RIGHT]


@pytest.mark.parametrize(
    ("command", "said", "third"),
    [
        (Spoken.REPEAT, ["fact-7-3"], Mark.HELPED),
        (Spoken.SKIP, ["fact-7-3"], Mark.HELPED),
        (Spoken.START, ["question-7-3"], OPEN),
        (Spoken.STOP, ["goodbye-1"], OPEN),
    ],
)
def test_a_child_may_ask_for_help_the_next_line_or_an_end(
    recital: Recital, command: Spoken, said: list[str], third: Mark
) -> None:
    recital.chant(1, 2).pause().end().command(command)
    assert recital.said == said
    assert recital.marks[:4] == [RIGHT, RIGHT, third, OPEN]
    assert (recital.phase is Phase.FINISHED) == (command is Spoken.STOP)


def test_what_sounded_like_a_line_before_it_was_a_command_marks_nothing(recital: Recital) -> None:
    recital.chant(1).pause().end()
    recital.chant(2, is_right=None).pause()
    assert recital.marks[1] is Mark.UNSURE
    recital.tell(ChantEnded(Chant(command=Spoken.START), recital.begins_ms, 1000))
    assert recital.marks[:3] == [RIGHT, OPEN, OPEN]


def test_a_command_wakes_the_coach_and_its_own_voice_commands_nothing(recital: Recital) -> None:
    while recital.phase is not Phase.SLEEP:
        recital.wait(3000)
        if recital.phase is Phase.PROMPT:
            recital.hear_out()
    asked = len(recital.all(Say))
    recital.command(Spoken.STOP, is_echo=True)
    assert recital.phase is Phase.SLEEP and len(recital.all(Say)) == asked
    line = recital.dialogue.progress.expected + 1
    recital.command(Spoken.START)
    assert recital.said == [f"question-7-{line}"]


def test_a_recitation_that_the_server_has_lost_goes_on_where_the_page_knows() -> None:
    recital = Recital(from_line=4).start()
    assert recital.said == ["resumed-1", "question-7-4"]
    recital.chant(4, 5, 6).pause().end()
    assert recital.marks[:7] == [OPEN, OPEN, OPEN, RIGHT, RIGHT, RIGHT, OPEN]
    recital.chant(7, 8, 9, 10).pause()
    assert recital.phase is Phase.FINISHED
    assert [line.fact.right for line in recital.dialogue.progress.recited] == list(range(4, 11))


def test_another_table_marks_nothing_and_is_told_which_one_it_is(recital: Recital) -> None:
    for line in range(1, 6):
        recital.chant(line, product=8 * line, is_right=False)
    recital.pause()
    assert recital.marks == [OPEN] * 10
    assert recital.said == ["correction-1", "question-7-1"]
